"""The digest of what a member buys, beside its account."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.traits import Traits


@dataclass(frozen=True, slots=True)
class KeptBehaviour:
    """What stands beside an account. behaviour: None where nothing was counted yet, or nothing may
    be."""

    traits: Traits
    behaviour: Behaviour | None


class Behaviours(Protocol):
    """Digests by account. Every method may raise StoreUnavailable."""

    def kept(self, account_id: str) -> KeptBehaviour | None:
        """What stands beside an account as of now; None where nothing does."""
        ...

    def keep(self, account_id: str, before: KeptBehaviour, after: Behaviour) -> bool:
        """Put a digest in the place of the one before it, with traits that have not changed since
        they were read; False where another one stands, or other traits."""
        ...
