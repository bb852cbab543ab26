"""Announcements of offers, how far each is, and what became of each letter."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.domain.announcements import Announcement, Course, Fate, Sending


class Announcements(Protocol):
    """Every method may raise StoreUnavailable, those that read an announcement StoreNewer."""

    def add(self, announcement: Announcement, course: Course) -> bool:
        """Keep a new announcement and where it begins; False where its id is taken."""
        ...

    def get(self, announcement_id: str) -> Announcement | None:
        """An announcement. What it says never changes."""
        ...

    def course(self, announcement_id: str) -> Course | None:
        """How far it is, as of now (consistent)."""
        ...

    def courses(self) -> list[Course]:
        """How far each of them is, in no order."""
        ...

    def move(self, after: Course) -> bool:
        """Put version `after.version` in place of its predecessor; False when somebody was
        faster."""
        ...

    def decided(self, announcement_id: str) -> Mapping[Fate, int]:
        """How many letters had each fate that stays."""
        ...

    def sendings(self, announcement_id: str, member_ids: Sequence[str]) -> Mapping[str, Sending]:
        """What became of the letters to these members, at most 100, by member; of the others
        nothing did. May be a moment old."""
        ...

    def sending(self, announcement_id: str, member_id: str) -> Sending | None:
        """What became of the letter to a member, as of now (consistent)."""
        ...

    def keep(self, before: Sending | None, after: Sending) -> bool:
        """Keep what became of a letter in place of what was kept before, and count it, in one
        transaction; False when something else is kept. Raises MemberErased."""
        ...

    def of_member(self, member_id: str) -> list[Sending]:
        """All that is kept of a member's letters, in no order."""
        ...


class LetterQueue(Protocol):
    """Who lists audiences and writes letters, a little at a time. Raises StoreUnavailable."""

    def list_on(self, announcement_id: str) -> None:
        """Ask for the next page of an announcement's audience."""
        ...

    def write_to(self, announcement_id: str, member_ids: Sequence[str]) -> None:
        """Ask for letters to these members, at most 10."""
        ...
