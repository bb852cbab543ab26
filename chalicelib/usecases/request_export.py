"""A member, or a privacy officer for it, asks for a copy of all that is held of the member."""

from datetime import datetime

from chalicelib.domain.allowances import EXPORTS
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.exports import Export, ExportStatus
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.read_member import known_member
from chalicelib.usecases.take_allowance import take_allowance


def request_export(
    ports: Ports, caller: Caller, member_id: str, key: str, now: datetime
) -> Outcome[Export]:
    """Ask for an export; the same key again tells of the first one, and asks anew where nobody has
    begun it. Raises MemberNotFound, MemberErased, TooManyRequests."""
    known_member(ports, member_id)
    export_id = ports.namer.id("exp", caller.source, f"export/{member_id}", key)
    found = ports.exports.get(member_id, export_id)
    if found is None:
        take_allowance(ports, EXPORTS, member_id, now)
        _record(ports, caller, member_id, export_id, now)
        export = Export(member_id, export_id, now, caller.source)
        if not ports.exports.add(export):  # the same request, sent twice at once
            found = ports.exports.get(member_id, export_id)
    told = found or export
    if told.as_of(now) is ExportStatus.PREPARING:
        ports.export_queue.prepare(member_id, export_id)
    return Outcome(told, replayed=found is not None)


def _record(ports: Ports, caller: Caller, member_id: str, export_id: str, now: datetime) -> None:
    """Before it is done: what then failed is better recorded than done unrecorded."""
    if caller.kind is CallerKind.MEMBER:
        return
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action="member.export.requested",
        member_id=member_id,
        reason=None,
        at=now,
        subject=export_id,
    )
