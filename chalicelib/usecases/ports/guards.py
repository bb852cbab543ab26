"""What watches over requests: allowances and the audit trail."""

from datetime import datetime
from typing import Protocol


class Allowances(Protocol):
    """Counters behind the 429 answers."""

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        """Count one use of `kind` by `whose` in the fixed window around `now`; 0 when it is
        allowed, else the seconds until the window ends."""
        ...


class Audit(Protocol):
    """Who read or changed what of whom; append-only."""

    def record(
        self,
        *,
        who: str,
        action: str,
        member_id: str | None,
        reason: str | None,
        at: datetime,
        subject: str | None = None,
    ) -> None:
        """Append one record. It holds no personal data but the ids.

        subject: what was changed when it is no member: a reward's or key's id, a version.
        """
        ...
