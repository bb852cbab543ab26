"""Digests of what members buy, in memory: what `DynamoBehaviours` promises."""

from chalicelib.domain.behaviour import Behaviour
from chalicelib.usecases.ports import KeptBehaviour
from tests.fakes.ledger import FakeLedger


class FakeBehaviours:
    """The `Behaviours` port over a ledger in memory, in which digests lie beside the traits."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def kept(self, account_id: str) -> KeptBehaviour | None:
        traits = self._ledger.traits.get(account_id)
        if traits is None:
            return None
        return KeptBehaviour(traits, self._ledger.behaviours.get(account_id))

    def keep(self, account_id: str, before: KeptBehaviour, after: Behaviour) -> bool:
        if self.kept(account_id) != before:
            return False
        self._ledger.behaviours[account_id] = after
        return True
