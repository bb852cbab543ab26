"""What the entries of an account say was done to it, whoever it stood in for by then.

What happens to a purchase or a redemption is written to the account that stands in for its owner's.
The record still names the owner, so where accounts were ever brought together it is asked for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.account import Account
from chalicelib.domain.checks.postings import Posting, posting_of_entry
from chalicelib.domain.checks.record_postings import postings_of_purchase, postings_of_redemption
from chalicelib.domain.entries import EntryKind
from chalicelib.usecases.heirs import passed_to
from chalicelib.usecases.ports import OperationRecord, Ports
from chalicelib.usecases.ports.books import (
    AccountBook,
    Book,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
)
from chalicelib.usecases.reconcile_operations import operation_postings

_BY_OWNER = (EntryKind.RETURN, EntryKind.CANCEL, EntryKind.ADJUST)
"""Kinds whose record names whom they were meant for, not who stands in."""

_FARTHEST = 10
"""Accounts that stand in for each other are never a longer chain."""


def postings_of(ports: Ports, book: Book) -> Iterator[Posting]:
    """What a partition's entries or records say was done to accounts. Raises StoreUnavailable."""
    match book:
        case AccountBook():
            yield from _postings_of_account(ports, book)
        case PurchaseBook():
            zone = zone_of(ports, book)
            if book.file is not None and zone is not None:
                yield from postings_of_purchase(book.file, book.commitments, zone)
        case RedemptionBook():
            if book.file is not None:
                yield from postings_of_redemption(book.file)
        case RecordBook(record=OperationRecord() as operation):
            yield from operation_postings(operation)


def zone_of(ports: Ports, book: PurchaseBook) -> str | None:
    """The zone of the version that priced a purchase; None where there is no such version."""
    if book.record is None:
        return None
    try:
        return ports.programs.version(book.record.program_version).zone
    except LookupError:
        return None


def stood_in(ports: Ports, account_id: str, at: datetime | None) -> set[str]:
    """The accounts that stood in for one, or took over its household, and for those, by an instant
    or (None) ever."""
    found: set[str] = set()
    waiting = [account_id]
    while waiting and len(found) < _FARTHEST:
        book = ports.books.account(waiting.pop())
        entries = book.entries if book is not None else ()
        by_then = [entry for entry in entries if at is None or entry.at <= at]
        movements = {entry.account().moved_to for entry in by_then}
        movements |= {passed_to(ports, entry) for entry in by_then}
        new = {moved_to for moved_to in movements if moved_to is not None} - found
        found |= new
        waiting += new
    return found


def _postings_of_account(ports: Ports, book: AccountBook) -> Iterator[Posting]:
    before = Account()
    stands_in = any(entry.kind is EntryKind.MERGE for entry in book.entries)
    for entry in book.entries:
        posting = posting_of_entry(before, entry)
        if posting is not None:
            yield _for_owner(ports, posting) if stands_in else posting
        before = entry.account()


def _for_owner(ports: Ports, posting: Posting) -> Posting:
    """The posting under the name of the account that its record is about, where the one that it is
    in stood in for it."""
    if posting.kind not in _BY_OWNER:
        return posting
    record = ports.books.caused(posting.cause)
    said = postings_of(ports, record) if record is not None else ()
    owners = {one.account_id for one in said if one.cause == posting.cause}
    owner = next(iter(owners - {posting.account_id}), None)
    if owner is None or posting.account_id not in stood_in(ports, owner, posting.at):
        return posting
    return replace(posting, account_id=owner)
