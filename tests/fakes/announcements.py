"""Announcements and the queue of their letters, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence

from chalicelib.domain.announcements import Announcement, Course, Fate, Sending
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.ports import StoreUnavailable


class FakeAnnouncements:
    """The `Announcements` port without a store.

    gone: members of whom nothing may be written any more. lose_replies: so many of the next writes
    that land say nevertheless that it is unknown.
    """

    def __init__(self) -> None:
        self._announcements: dict[str, Announcement] = {}
        self._courses: dict[str, Course] = {}
        self._sendings: dict[tuple[str, str], Sending] = {}
        self.gone: set[str] = set()
        self.lose_replies = 0

    def add(self, announcement: Announcement, course: Course) -> bool:
        if announcement.announcement_id in self._announcements:
            return False
        self._announcements[announcement.announcement_id] = announcement
        self._courses[course.announcement_id] = course
        self._lose_reply()
        return True

    def get(self, announcement_id: str) -> Announcement | None:
        return self._announcements.get(announcement_id)

    def course(self, announcement_id: str) -> Course | None:
        return self._courses.get(announcement_id)

    def courses(self) -> list[Course]:
        return list(self._courses.values())

    def move(self, after: Course) -> bool:
        if self._courses[after.announcement_id].version != after.version - 1:
            return False
        self._courses[after.announcement_id] = after
        return True

    def decided(self, announcement_id: str) -> Mapping[Fate, int]:
        return Counter(
            kept.fate
            for (announcement, _), kept in self._sendings.items()
            if announcement == announcement_id and kept.is_decided
        )

    def sendings(self, announcement_id: str, member_ids: Sequence[str]) -> Mapping[str, Sending]:
        found = {one: self.sending(announcement_id, one) for one in member_ids}
        return {one: kept for one, kept in found.items() if kept is not None}

    def sending(self, announcement_id: str, member_id: str) -> Sending | None:
        return self._sendings.get((announcement_id, member_id))

    def keep(self, before: Sending | None, after: Sending) -> bool:
        if after.member_id in self.gone:
            raise MemberErased
        place = (after.announcement_id, after.member_id)
        kept = self._sendings.get(place)
        expected = before.version if before is not None else None
        if (kept.version if kept is not None else None) != expected:
            return False
        self._sendings[place] = after
        self._lose_reply()
        return True

    def of_member(self, member_id: str) -> list[Sending]:
        return [kept for (_, whose), kept in self._sendings.items() if whose == member_id]

    def _lose_reply(self) -> None:
        if self.lose_replies:
            self.lose_replies -= 1
            raise StoreUnavailable("written, and nobody says so")


class FakeLetterQueue:
    """The `LetterQueue` port: what was asked for, in order; `(id, None)` for a page."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...] | None]] = []

    def list_on(self, announcement_id: str) -> None:
        self.asked.append((announcement_id, None))

    def write_to(self, announcement_id: str, member_ids: Sequence[str]) -> None:
        self.asked.append((announcement_id, tuple(member_ids)))
