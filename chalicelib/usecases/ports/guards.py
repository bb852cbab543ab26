"""What watches over requests: allowances and the audit trail."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class Allowances(Protocol):
    """Counters behind the 429 answers."""

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        """Count one use of `kind` by `whose` in the fixed window around `now`; 0 when it is
        allowed, else the seconds until the window ends."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did or read what. position: where it stands among all, newer ones sort behind it.

    who: `staff:<sub>`, or a key's source. role: the same in words that name nobody, as the member
    may know it. reason: None where none was given, and where its member's key is gone.
    """

    position: str
    at: datetime
    who: str
    role: str
    action: str
    member_id: str | None = None
    reason: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Which records are looked for: of a day (UTC), of a member, or of both; by whom, of what."""

    day: date | None = None
    member_id: str | None = None
    who: str | None = None
    action: str | None = None

    def __post_init__(self) -> None:
        if self.day is None and self.member_id is None:
            raise ValueError("a search is for a day or a member: nobody reads all of it")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Records, newest first. more_before: where to go on; None when all was looked at."""

    records: tuple[AuditRecord, ...]
    more_before: str | None


class Audit(Protocol):
    """Who read or changed what of whom; append-only. Every method may raise StoreUnavailable."""

    def record(
        self,
        *,
        who: str,
        action: str,
        member_id: str | None,
        reason: str | None,
        at: datetime,
        subject: str | None = None,
        role: str | None = None,
    ) -> None:
        """Append one record.

        reason: why, in somebody's own words: readable only as long as the member has its key.
        subject: what was changed when it is no member: a reward's or key's id, a version.
        role: as in `AuditRecord`; without one, what `who` tells of it.
        """
        ...

    def find(self, search: AuditSearch, before: str | None, limit: int) -> AuditPage:
        """Records before a position, newest first: at most `limit`, and fewer where so much had to
        be passed over that somebody should be answered first. Of a member they come a moment late.
        """
        ...


def role_of(who: str, role: str | None) -> str:
    """In what role somebody did something, in words that name nobody."""
    return role or ("staff" if who.startswith("staff:") else who)
