"""The audit record over DynamoDB: only ever put, a partition a day."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import printed
from chalicelib.domain.names import new_id
from chalicelib.storage import keys
from chalicelib.storage.tables import AuditItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Entropy


class RecordItem(AuditItem, discriminator="A"):
    who = UnicodeAttribute()
    action = UnicodeAttribute()
    member_id = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)


class DynamoAudit:
    """The `Audit` port over the bound table."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

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
        instant = printed(at)
        item = RecordItem(
            keys.audit_day(instant[:10]),
            keys.audit_record(instant, new_id("aud", self._entropy(16))),
            who=who,
            action=action,
            member_id=member_id,
            subject=subject,
            reason=reason,
        )
        transact([Put(item)])
