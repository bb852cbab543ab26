"""By what members are alike, and the pairs that were found. Every method may raise
StoreUnavailable."""

from collections.abc import Collection
from typing import Protocol

from chalicelib.domain.likeness import Alike, Pair


class Duplicates(Protocol):
    """Leads from what members have in common to the members, and reported pairs."""

    def keep(self, member_id: str, begun: Collection[Alike], ended: Collection[Alike]) -> None:
        """Let a member be found by what begins to be so of it, and no longer by what ended. Doing
        it twice is doing it once. MemberErased where the member is going."""
        ...

    def alike(self, alike: Alike, limit: int) -> list[str]:
        """The members of whom this is so, in the order of their ids (consistent)."""
        ...

    def report(self, pair: Pair) -> None:
        """Keep a pair for staff, over what was reported of it before. MemberErased where one of the
        two is going."""
        ...

    def reported(self, after: tuple[str, str] | None, limit: int) -> list[Pair]:
        """Pairs in the order of their members, those behind `after`."""
        ...

    def forget(self, member_id: str, known: Collection[Alike]) -> None:
        """Remove every lead to a member that is going, and every pair that it is in. known: by what
        it could be found."""
        ...
