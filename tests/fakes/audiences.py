"""Who may be written to, in memory: the facts and the index that follows from them."""

from chalicelib.domain.reach import Audience, Reach, shard_of
from chalicelib.usecases.ports import AudiencePage, ReachChange


class FakeAudiences:
    """The `Audiences` port without a store, and the facts that the fakes of people and ledger keep
    with what they write. page_size: how many members a page has."""

    def __init__(self, page_size: int = 3) -> None:
        self.kept: dict[str, Reach] = {}
        self.rows: set[tuple[Audience, str]] = set()
        self._page_size = page_size

    def follows(self, member_id: str, change: ReachChange | None) -> bool:
        """Whether a change builds on what is kept."""
        kept = self.kept.get(member_id)
        return change is None or change.before.version == (kept.version if kept else 0)

    def apply(self, member_id: str, change: ReachChange | None) -> None:
        """Keep a change, as the real store does: the difference alone is written."""
        if change is not None:
            self.kept[member_id] = change.after
            self.rows |= {(audience, member_id) for audience in change.entered}
            self.rows -= {(audience, member_id) for audience in change.left}

    def page(self, audience: Audience, shard: int, after: str | None) -> AudiencePage:
        found = [one for one in self._members(audience, shard) if after is None or one > after]
        page = tuple(found[: self._page_size])
        return AudiencePage(page, page[-1] if len(found) > len(page) else None)

    def size(self, audience: Audience, shard: int) -> int:
        return len(self._members(audience, shard))

    def _members(self, audience: Audience, shard: int) -> list[str]:
        found = sorted(member_id for where, member_id in self.rows if where == audience)
        return [member_id for member_id in found if shard_of(member_id) == shard]
