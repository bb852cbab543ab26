"""Who read or changed what, over HTTP: all of it for those who watch, its own for a member."""

from datetime import date
from typing import Annotated

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_after, position_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import FieldError, InvalidContent, MemberNotFound
from chalicelib.usecases.ports import AuditRecord, AuditSearch
from chalicelib.usecases.read_audit import read_accesses, read_audit

routes = Routes(__name__)

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class AuditQuery(Page, frozen=True, forbid_unknown_fields=True):
    """day: such as 2026-11-22 (UTC); today where no member is named either. who: as an answer names
    it, such as `staff:8c1f`, or a key's source. action: such as `member.profile.read_unmasked`."""

    day: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    member_id: _Word | None = None
    who: _Word | None = None
    action: _Word | None = None


class AuditRecordAnswer(msgspec.Struct, frozen=True):
    """who: `staff:` with the token's subject, or a key's source. role: the groups of staff, or the
    key's source. subject: what was changed, where it is no member. reason: null where none was
    given, where the member is erased, and for those who may not read members' records."""

    at: Instant
    who: str
    role: str
    action: str
    member_id: str | None
    subject: str | None
    reason: str | None


class AuditAnswer(msgspec.Struct, frozen=True):
    """A page may hold fewer than were asked for, and still be followed by others."""

    items: list[AuditRecordAnswer]
    next_cursor: str | None


class AccessAnswer(msgspec.Struct, frozen=True):
    """who: the role of staff (such as `support`), or the till's source; never a name. why: null
    where nobody said so."""

    at: Instant
    who: str
    what: str
    why: str | None


class AccessesAnswer(msgspec.Struct, frozen=True):
    items: list[AccessAnswer]
    next_cursor: str | None


@routes.get(
    "/v1/audit",
    opens=(Scope.AUDIT_READ,),
    summary="Find who read or changed what: on a day, of a member, by whom, what it was",
    query=AuditQuery,
    audited="audit.read",
    answers={200: AuditAnswer},
    refuses=(InvalidContent,),
)
def get_audit(call: Call[None, AuditQuery]) -> Answer:
    """Reading it is recorded, too."""
    query = call.query
    search = AuditSearch(_day(call), query.member_id, query.who, query.action)
    owner = f"{call.caller.source} {search}"
    before = _before(call, owner)
    page = read_audit(call.ports, call.caller, search, before, query.limit)
    more = page.more_before
    cursor = cursor_after(call, owner, [more]) if more is not None else None
    answer = AuditAnswer([_record(record) for record in page.records], cursor)
    return Answer(200, answer, concerns=(query.member_id,) if query.member_id else ())


@routes.get(
    "/v1/members/{member_id}/accesses",
    opens=(Scope.SELF, Scope.PRIVACY),
    summary="See who of staff, or which till, read or changed something of a member, and why",
    query=Page,
    audited="member.accesses.read",
    answers={200: AccessesAnswer},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def get_accesses(call: Call[None, Page], member_id: str) -> Answer:
    """What happens at a till in the member's presence (purchases, returns) is in the statement."""
    page = read_accesses(call.ports, member_id, _before(call, member_id), call.query.limit)
    more = page.more_before
    cursor = cursor_after(call, member_id, [more]) if more is not None else None
    items = [
        AccessAnswer(printed(record.at), record.role, record.action, record.reason)
        for record in page.records
    ]
    return Answer(200, AccessesAnswer(items, cursor))


def _day(call: Call[None, AuditQuery]) -> date | None:
    said = call.query.day
    if said is None:
        return call.now.date() if call.query.member_id is None else None
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        detail = "Write a day of the calendar, such as 2026-11-22."
        raise InvalidContent(errors=[FieldError("/day", "not_a_date", detail)]) from error


def _before(call: Call[None, Page] | Call[None, AuditQuery], owner: str) -> str | None:
    if call.query.cursor is None:
        return None
    return str(position_of(call, owner, call.query.cursor)[0])


def _record(record: AuditRecord) -> AuditRecordAnswer:
    return AuditRecordAnswer(
        at=printed(record.at),
        who=record.who,
        role=record.role,
        action=record.action,
        member_id=record.member_id,
        subject=record.subject,
        reason=record.reason,
    )
