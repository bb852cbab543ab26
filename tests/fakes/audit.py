"""The audit record in memory."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.instants import printed
from chalicelib.usecases.ports import AuditPage, AuditRecord, AuditSearch, StoreUnavailable
from chalicelib.usecases.ports.guards import role_of


@dataclass(frozen=True, slots=True)
class Record:
    who: str
    action: str
    member_id: str | None
    reason: str | None
    at: datetime
    subject: str | None
    role: str | None = None


class FakeAudit:
    """The `Audit` port: keeps what was recorded, oldest first. down: nothing can be recorded.
    forgotten: the members whose keys are gone."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.down = False
        self.forgotten: set[str] = set()

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
        if self.down:
            raise StoreUnavailable("the audit is down")
        self.records.append(Record(who, action, member_id, reason, at, subject, role))

    def find(self, search: AuditSearch, before: str | None, limit: int) -> AuditPage:
        rows = [
            AuditRecord(
                position=f"{printed(row.at)}#{number:06d}",
                at=row.at,
                who=row.who,
                role=role_of(row.who, row.role),
                action=row.action,
                member_id=row.member_id,
                reason=None if row.member_id in self.forgotten else row.reason,
                subject=row.subject,
            )
            for number, row in enumerate(self.records)
            if search.day is None or printed(row.at)[:10] == str(search.day)
            if search.member_id in (None, row.member_id)
            if search.who in (None, row.who)
            if search.action in (None, row.action)
        ]
        rows.sort(key=lambda row: row.position, reverse=True)
        below = [row for row in rows if before is None or row.position < before]
        page = tuple(below[:limit])
        return AuditPage(page, page[-1].position if len(below) > limit else None)
