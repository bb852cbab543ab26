"""The roll in memory: what `DynamoRoll` promises, without DynamoDB."""

import threading
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.freshness import Freshness, FreshnessChange
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import Member
from chalicelib.usecases.ports import RollPage, RollRow, StoreUnavailable


class FakeRoll:
    """The `Roll` port without a store. page_size: members of a page.

    lose_replies: so many of the next writes that land say nevertheless that it is unknown.
    refuse_writes: so many of the next writes do not land and say that it is unknown.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: dict[str, tuple[datetime, frozenset[Channel]]] = {}
        self._fresh: dict[str, Freshness] = {}
        self.spared: set[str] = set()
        self.going: set[str] = set()
        self.page_size = 2
        self.lose_replies = 0
        self.refuse_writes = 0

    def page(self, cursor: str | None) -> RollPage:
        ids = sorted(self._members)
        first = int(cursor or 0)
        after = first + self.page_size
        rows = [self._row(member_id) for member_id in ids[first:after]]
        return RollPage(tuple(rows), str(after) if after < len(ids) else None)

    def fresh(self, member_id: str) -> Freshness:
        return self._fresh.get(member_id, Freshness(member_id))

    def keep(self, fresh: Freshness) -> bool:
        with self._lock:
            if self.refuse_writes:
                self.refuse_writes -= 1
                raise StoreUnavailable("not written, and nobody says so")
            before = self.fresh(fresh.member_id)
            if fresh.version != before.version + 1:
                return False
            # What others write of it stays as it is.
            self._fresh[fresh.member_id] = replace(
                fresh,
                confirmed_at=before.confirmed_at,
                active_at=before.active_at,
                bounced=before.bounced,
                healed=before.healed,
            )
            if self.lose_replies:
                self.lose_replies -= 1
                raise StoreUnavailable("written, and nobody says so")
            return True

    # --- what comes with a change of a member, from `FakePeople` ---

    def enter(self, member: Member) -> None:
        """A profile was put."""
        self._members[member.member_id] = member.enrolled_at, member.verified

    def leave(self, member_id: str) -> None:
        """A member was erased."""
        self._members.pop(member_id, None)
        self._fresh.pop(member_id, None)

    def change(self, member_id: str, change: FreshnessChange) -> None:
        """What a write adds."""
        with self._lock:
            before = self.fresh(member_id)
            self._fresh[member_id] = replace(
                before,
                confirmed_at=change.confirmed_at or before.confirmed_at,
                active_at=change.active_at or before.active_at,
                bounced={**before.bounced, **change.bounced},
                healed={**before.healed, **change.healed},
            )

    def _row(self, member_id: str) -> RollRow:
        enrolled_at, verified = self._members[member_id]
        spared, going = member_id in self.spared, member_id in self.going
        return RollRow(member_id, enrolled_at, verified, self.fresh(member_id), spared, going)
