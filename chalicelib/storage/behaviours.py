"""The digest of what a member buys, beside its traits. Knows how it is stored, not what is in it.

A withdrawal of consent takes it away with the traits it writes (`people_writes.py`); as a digest is
only written over the very traits that it was read with, none can come after it.
"""

from pynamodb.exceptions import PutError

from chalicelib.domain.behaviour import Behaviour, packed_behaviour
from chalicelib.storage import keys
from chalicelib.storage.faults import failed_condition, store_errors
from chalicelib.storage.ledger_items import TraitsItem, traits_item
from chalicelib.storage.reading import get
from chalicelib.usecases.ports import KeptBehaviour


class DynamoBehaviours:
    """The `Behaviours` port over the bound tables."""

    def kept(self, account_id: str) -> KeptBehaviour | None:
        item = get(TraitsItem, keys.account(account_id), keys.TRAITS)
        return KeptBehaviour(item.traits(), item.behaviour()) if item is not None else None

    def keep(self, account_id: str, before: KeptBehaviour, after: Behaviour) -> bool:
        item = traits_item(account_id, before.traits)
        item.b = packed_behaviour(after)
        kept = before.behaviour
        stands = TraitsItem.b == packed_behaviour(kept) if kept else TraitsItem.b.does_not_exist()
        try:
            # Alone: it is one item, and a transaction would cost twice as much.
            with store_errors():
                item.save(condition=(TraitsItem.d == item.d) & stands)
        except PutError as error:
            if not failed_condition(error):
                raise
            return False
        return True
