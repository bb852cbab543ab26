"""A change that somebody makes, recorded before it is made."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.usecases.ports import Ports


def note(
    ports: Ports,
    caller: Caller,
    action: str,
    now: datetime,
    *,
    subject: str,
    member_id: str | None = None,
    reason: str | None = None,
) -> None:
    """Record it first: a record of what then failed is better than a change nobody recorded.

    subject: what is changed: an id, a version. Raises StoreUnavailable: then nothing is changed.
    """
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action=action,
        member_id=member_id,
        reason=reason,
        at=now,
        subject=subject,
    )
