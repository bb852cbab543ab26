"""The books in memory: a fake ledger page by page, and checkpoints."""

import hashlib
import json
from dataclasses import replace
from itertools import groupby

from chalicelib.domain.entries import commitment_to
from chalicelib.domain.purchase_texts import pack_purchase, pack_return
from chalicelib.domain.purchases import ClaimRecord, PurchaseEvent, PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord, SpentOn
from chalicelib.domain.returned import RefusedReturn, WaitingReturn
from chalicelib.usecases.ports import Cause, OperationRecord, VoucherRecord
from chalicelib.usecases.ports.books import (
    AccountBook,
    Book,
    BookPage,
    Checkpoint,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
)
from tests.fakes.ledger import FakeLedger, Key


class FakeBooks:
    """The `Books` port over a fake ledger. page_books: partitions a page."""

    def __init__(self, ledger: FakeLedger, page_books: int = 3) -> None:
        self._ledger = ledger
        self._page_books = page_books
        self._checkpoints: dict[tuple[str, int, int], str] = {}

    def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
        mine = [
            book
            for key, book in sorted(self._all().items())
            if _hashed(key) % segments == segment and (cursor is None or key > cursor)
        ]
        given = tuple(mine[: self._page_books])
        more = len(mine) > len(given)
        return BookPage(given, len(given), given[-1].key if more else None)

    def book(self, key: str) -> Book | None:
        return self._all().get(key)

    def account(self, account_id: str) -> AccountBook | None:
        found = self.book(f"A#{account_id}")
        return found if isinstance(found, AccountBook) else None

    def caused(self, cause: str) -> Book | None:
        kind, _, name = cause.partition(":")
        name = name.removesuffix(":other")
        if kind == "purchase":
            return self.book(f"P#{name.rpartition(':')[0]}")
        if kind == "redemption":
            return self.book(f"X#{name.partition(':')[0]}")
        return self.book(f"C#{kind}#{name}")

    def checkpoint(self, name: str, segment: int, segments: int) -> Checkpoint | None:
        kept = self._checkpoints.get((name, segment, segments))
        return Checkpoint(**json.loads(kept)) if kept is not None else None

    def save(self, checkpoint: Checkpoint) -> bool:
        key = (checkpoint.name, checkpoint.segment, checkpoint.segments)
        before = self.checkpoint(*key)
        if (before.page if before else 0) != checkpoint.page - 1:
            return False
        fields = {name: getattr(checkpoint, name) for name in Checkpoint.__slots__}
        self._checkpoints[key] = json.dumps(fields)
        return True

    def _all(self) -> dict[str, Book]:
        books: list[Book] = [
            AccountBook(
                f"A#{account_id}",
                account_id,
                tuple(entries[seq] for seq in sorted(entries)),
                self._ledger.traits.get(account_id),
                frozenset(
                    seq for seq in entries if ("entry", account_id, seq) in self._ledger.events
                ),
            )
            for account_id, entries in self._ledger.accounts.items()
        ]
        causes = sorted(self._ledger.causes.items())
        for _, rows in groupby(causes, key=lambda row: (row[0][0], _partition(row[1]))):
            books.append(self._book(list(rows)))
        together: dict[str, Book] = {}
        for book in books:
            together[book.key] = _joined(together.get(book.key), book)
        return together

    def _book(self, rows: list[tuple[Key, Cause]]) -> Book:
        pk, first = _partition(rows[0][1]), rows[0][1]
        marked = [key in self._ledger.events for key, _ in rows]
        match first:
            case (
                PurchaseRecord()
                | ReturnRecord()
                | ClaimRecord()
                | WaitingReturn()
                | RefusedReturn()
            ):
                records = [record for _, record in rows]
                return PurchaseBook(
                    pk,
                    first.name,
                    next((r for r in records if isinstance(r, PurchaseRecord)), None),
                    tuple(r for r in records if isinstance(r, PurchaseEvent)),
                    frozenset(
                        int(key[2])
                        for (key, _), is_event in zip(rows, marked, strict=True)
                        if is_event
                    ),
                    {
                        r.number: _committed(r)
                        for r in records
                        if isinstance(r, PurchaseRecord | ReturnRecord)
                    },
                )
            case RedemptionRecord():
                return RedemptionBook(
                    pk, first.redemption_id, first, None, frozenset({0} if marked[0] else ())
                )
            case RedemptionEnd():
                return RedemptionBook(
                    pk, first.redemption_id, None, first, frozenset({1} if marked[0] else ())
                )
            case SpentOn():
                return RedemptionBook(pk, first.redemption_id, None, None, spent_on=first)
            case VoucherRecord() | OperationRecord():
                return RecordBook(pk, first, marked[0])


def _joined(one: Book | None, other: Book) -> Book:
    """A redemption, its end and what it paid for lie apart in the fake."""
    if not isinstance(one, RedemptionBook) or not isinstance(other, RedemptionBook):
        return other
    return replace(
        one,
        record=one.record or other.record,
        end=one.end or other.end,
        events=one.events | other.events,
        spent_on=one.spent_on or other.spent_on,
    )


def _partition(cause: Cause) -> str:
    match cause:
        case PurchaseRecord() | ReturnRecord() | ClaimRecord() | WaitingReturn() | RefusedReturn():
            return f"P#{cause.name}"
        case RedemptionRecord() | RedemptionEnd() | SpentOn():
            return f"X#{cause.redemption_id}"
        case VoucherRecord():
            return f"V#{cause.name}"
        case OperationRecord():
            return f"C#{cause.kind}#{cause.name}"


def _committed(record: PurchaseRecord | ReturnRecord) -> bytes:
    if record.committed:
        return record.committed
    if isinstance(record, PurchaseRecord):
        return commitment_to(record.salt, pack_purchase(record.purchase))
    return commitment_to(record.salt, pack_return(record.return_id, record.lines))


def _hashed(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
