"""Who may be written to, by purpose and channel."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.reach import Audience


@dataclass(frozen=True, slots=True)
class AudiencePage:
    """Some members' ids, in order. after: where the next page begins, None after the last one."""

    members: tuple[str, ...]
    after: str | None


class Audiences(Protocol):
    """An index that changes in the transaction in which a member's consents, preferences, verified
    addresses or status change: who is not in it may not be written to. Every read is consistent;
    every method may raise StoreUnavailable."""

    def page(self, audience: Audience, shard: int, after: str | None) -> AudiencePage:
        """Members of one shard (`domain/reach.py`), from the first whose id is above `after`."""
        ...

    def size(self, audience: Audience, shard: int) -> int:
        """How many members a shard has."""
        ...
