"""The audit record in memory."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Record:
    who: str
    action: str
    member_id: str | None
    reason: str | None
    at: datetime
    subject: str | None


class FakeAudit:
    """The `Audit` port: keeps what was recorded, oldest first."""

    def __init__(self) -> None:
        self.records: list[Record] = []

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
        self.records.append(Record(who, action, member_id, reason, at, subject))
