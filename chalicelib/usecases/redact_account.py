"""What an account's entries name is redacted: purchases and what happened to them, and requests.

Goes through an account's entries from the newest on, page by page. Redemptions that are open end
as erased. Must be safe to repeat, and count the same when it is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.fingerprints import REDACTED
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.redaction import redacted_event, redacted_purchase
from chalicelib.domain.redemptions import EndedAs, RedemptionEnd, RedemptionFile
from chalicelib.usecases.ports import (
    Cause,
    Outcome,
    Ports,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
    Write,
)
from chalicelib.usecases.ports.books import Book
from chalicelib.usecases.ports.ledger import OperationRecord
from chalicelib.usecases.read_transfer import TRANSFER
from chalicelib.usecases.settle import Attempts, Plan, settle

PAGE = 50

_OF_TWO = (TRANSFER,)
"""Kinds whose request was another member's as well, and holds no text."""


def redact_page(
    ports: Ports, account_id: str, below: int | None, now: datetime
) -> tuple[int | None, Counter[str]]:
    """Redact what the next entries name, those with a number below `below`.

    Returns below which it goes on, None at the end, and how much of which kind is redacted.
    Raises TryAgain, StoreUnavailable.
    """
    page = ports.ledger.entries(account_id, below, PAGE)
    counts: Counter[str] = Counter()
    counts["purchases_redacted"] = sum(_earned_by_purchase(entry) for entry in page)
    for book in _named_by(ports, page):
        match book:
            case PurchaseBook():
                _redact_purchase(ports, book)
            case RedemptionBook():
                counts["redemptions_ended"] += _end_redemption(ports, book, now)
            case RecordBook(record=OperationRecord() as record):
                counts["operations_redacted"] += _redact_operation(ports, record)
    return (page[-1].seq if len(page) == PAGE else None), counts


def _named_by(ports: Ports, page: Sequence[Entry]) -> Iterator[Book]:
    """The records that entries name, each once a page."""
    seen: set[str] = set()
    for entry in page:
        book = ports.books.caused(entry.cause)
        if book is not None and book.key not in seen:
            seen.add(book.key)
            yield book


def _earned_by_purchase(entry: Entry) -> bool:
    """What happened to a purchase since has entries of its own."""
    return entry.kind is EntryKind.EARN and entry.cause.startswith("purchase:")


def _redact_purchase(ports: Ports, book: PurchaseBook) -> None:
    record = book.record
    if record is None:
        return
    zone = ports.programs.version(record.program_version).zone

    def named(return_id: str) -> str:
        return ports.namer.name("redacted return", record.name, return_id)

    after: list[Cause] = [redacted_event(event, named) for event in book.happened]
    after.append(redacted_purchase(record, zone))
    before = [*book.happened, record]
    ports.eraser.redact([new for old, new in zip(before, after, strict=True) if new != old])


def _end_redemption(ports: Ports, book: RedemptionBook, now: datetime) -> int:
    """1 where its end is that its member was erased."""
    record = book.record
    if record is None:
        return 0
    if record.fingerprint != REDACTED:
        ports.eraser.redact([replace(record, fingerprint=REDACTED)])
    ended_by = ports.namer.name("erase", book.redemption_id)

    def decide(_: Attempts) -> Plan[EndedAs | None] | Outcome[EndedAs | None]:
        file = ports.ledger.redemption(book.redemption_id)
        if file is None or file.status(now) != "issued":
            return Outcome(_ended_as(file))
        end = RedemptionEnd(book.redemption_id, EndedAs.ERASED, whole_milliseconds(now), ended_by)
        return Plan(Write((end,)), EndedAs.ERASED)

    ended = settle(ports, decide, lambda: None).answer
    return int(ended is EndedAs.ERASED)


def _ended_as(file: RedemptionFile | None) -> EndedAs | None:
    return file.end.ended_as if file is not None and file.end is not None else None


def _redact_operation(ports: Ports, record: OperationRecord) -> int:
    if not record.fingerprint or record.kind in _OF_TWO:
        return 0
    if record.fingerprint != REDACTED:
        ports.eraser.redact([replace(record, fingerprint=REDACTED)])
    return 1
