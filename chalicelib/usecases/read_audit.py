"""Who read or changed what: for those who watch over it, and for the member whom it concerns."""

from dataclasses import replace

from chalicelib.domain.callers import Caller, Scope
from chalicelib.usecases.current import own_head
from chalicelib.usecases.ports import AuditPage, AuditRecord, AuditSearch, Ports


def read_audit(
    ports: Ports, caller: Caller, search: AuditSearch, before: str | None, limit: int
) -> AuditPage:
    """Records that are searched for, newest first.

    Why somebody looked at a member is told only to those who may read members' records: it is free
    text, and may say something of them.
    """
    page = ports.audit.find(search, before, limit)
    if Scope.RECORDS_READ in caller.scopes:
        return page
    return replace(page, records=tuple(_without_words(record) for record in page.records))


def read_accesses(ports: Ports, member_id: str, before: str | None, limit: int) -> AuditPage:
    """What was read or changed of a member, newest first, a moment late. Raises MemberNotFound."""
    own_head(ports, member_id)
    return ports.audit.find(AuditSearch(member_id=member_id), before, limit)


def _without_words(record: AuditRecord) -> AuditRecord:
    return record if record.member_id is None else replace(record, reason=None)
