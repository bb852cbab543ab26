"""Which account answers for what was done with one that is erased: where the household passed on,
that of who owns it now.

Only for what a record names: whoever asks for the member who was erased is told so.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.entries import Entry
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.current import Current, as_of_one_now, own_head, standing_in
from chalicelib.usecases.ports import Head, Ports

PASS = "household_passed"  # noqa: S105  # a kind of operation, no password

_NEWEST = 2
"""Entries that are looked through for how a household passed on: it does with the last entry of its
owner's account but that of the erasure."""


def answering_for(ports: Ports, account_id: str) -> Head:
    """The account that a record names, or the one that stands in for it, or that of the heir.

    Raises MemberNotFound, MemberErased where there is none.
    """
    try:
        return standing_in(ports, account_id)
    except MemberErased:
        heir_id = _heir_of(ports, account_id)
        if heir_id is None:
            raise
    return answering_for(ports, heir_id)


def current_of(
    ports: Ports, account_id: str, cause: str, now: datetime, member_id: str | None = None
) -> Current:
    """As `current`, of the account that a record names. member_id: whose the record is, which must
    not be erased meanwhile: its erasure redacts what it finds. Raises MemberErased, AlreadyWritten.
    """
    head = answering_for(ports, account_id)
    if member_id is not None and member_id != account_id:
        own = own_head(ports, member_id)
        head = replace(head, via=(*head.via, (member_id, own.entry.seq)))
    [found] = as_of_one_now(ports, [(head, cause)], now)
    return found


def passed_to(ports: Ports, entry: Entry) -> str | None:
    """Whose the household became with which an entry parts; None for any other entry."""
    kind, _, name = entry.cause.partition(":")
    record = ports.ledger.operation(PASS, name) if kind == PASS else None
    # The heir's entry names its own side, under which there is no record.
    return str(record.answer["to"]) if record is not None else None


def _heir_of(ports: Ports, account_id: str) -> str | None:
    newest = ports.ledger.entries(account_id, None, _NEWEST)
    return next(filter(None, (passed_to(ports, entry) for entry in newest)), None)
