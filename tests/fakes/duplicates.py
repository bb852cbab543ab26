"""By what members are alike, in memory."""

from collections.abc import Collection

from chalicelib.domain.likeness import Alike, Pair
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.ports import StoreUnavailable


class FakeDuplicates:
    """The `Duplicates` port without a store.

    gone: members that are going. out_of_order: every call says that the store does not answer.
    """

    def __init__(self) -> None:
        self._leads: dict[Alike, set[str]] = {}
        self._pairs: dict[tuple[str, str], Pair] = {}
        self.gone: set[str] = set()
        self.out_of_order = False

    def keep(self, member_id: str, begun: Collection[Alike], ended: Collection[Alike]) -> None:
        self._answer(member_id)
        for alike in begun:
            self._leads.setdefault(alike, set()).add(member_id)
        for alike in ended:
            self._leads.get(alike, set()).discard(member_id)

    def alike(self, alike: Alike, limit: int) -> list[str]:
        self._answer()
        return sorted(self._leads.get(alike, ()))[:limit]

    def report(self, pair: Pair) -> None:
        self._answer(*pair.members)
        self._pairs[pair.members] = pair

    def reported(self, after: tuple[str, str] | None, limit: int) -> list[Pair]:
        self._answer()
        behind = (members for members in sorted(self._pairs) if after is None or members > after)
        return [self._pairs[members] for members in behind][:limit]

    def forget(self, member_id: str, known: Collection[Alike]) -> None:
        for alike in known:
            self._leads.get(alike, set()).discard(member_id)
        self._pairs = {m: pair for m, pair in self._pairs.items() if member_id not in m}

    def _answer(self, *members: str) -> None:
        if self.out_of_order:
            raise StoreUnavailable("out of order")
        if self.gone & set(members):
            raise MemberErased
