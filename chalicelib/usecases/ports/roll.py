"""The roll: all members one after the other, and how fresh what is known of each is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.freshness import Freshness
from chalicelib.domain.identifiers import Channel


@dataclass(frozen=True, slots=True)
class RollRow:
    """A member as the roll shows it; nothing in it is sealed. verified: whose address is proved.
    spared: whether it is gone already, or may not be erased. going: whether its erasure was asked
    for at any time."""

    member_id: str
    enrolled_at: datetime
    verified: frozenset[Channel]
    fresh: Freshness
    spared: bool = False
    going: bool = False


@dataclass(frozen=True, slots=True)
class RollPage:
    """cursor: where the next page begins, None after the last one."""

    rows: tuple[RollRow, ...]
    cursor: str | None


class Roll(Protocol):
    """Every method may raise StoreUnavailable, and StoreNewer; every read is consistent."""

    def page(self, cursor: str | None) -> RollPage:
        """The next members, in an order of the store's own; each whole, and on one page alone. Who
        joins or is changed meanwhile may or may not be as it is now."""
        ...

    def fresh(self, member_id: str) -> Freshness:
        """How fresh what is known of a member is; of nobody, what is so of a newcomer."""
        ...

    def keep(self, fresh: Freshness) -> bool:
        """Put what the worker writes (when the member was asked, warned and told, and what it saw
        of its account) over its predecessor by version. False when somebody else was faster."""
        ...
