"""What records say that the budgets of offers paid, and what flowed back to them: purchases and
their returns, rewards at an offer's price, gifts. Must not look at a counter."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.applied_offers import AppliedOffer
from chalicelib.domain.instants import parsed
from chalicelib.domain.purchases import ReturnRecord
from chalicelib.usecases.give_gift import GIFT
from chalicelib.usecases.ports import OperationRecord
from chalicelib.usecases.ports.books import Book, PurchaseBook, RecordBook, RedemptionBook


@dataclass(frozen=True, slots=True)
class Paid:
    """amount: in the budget's unit; negative for what flowed back."""

    offer_id: str
    amount: int
    at: datetime


def paid_of(book: Book) -> Iterator[Paid]:
    """What one partition says."""
    match book:
        case PurchaseBook():
            yield from _of_purchase(book)
        case RedemptionBook():
            yield from _of_redemption(book)
        case RecordBook(record=OperationRecord(kind=kind) as record) if kind == GIFT:
            amount = sum(part for _, part in json.loads(str(record.answer["shards"])))
            yield Paid(str(record.answer["offer_id"]), amount, parsed(str(record.answer["at"])))


def _of_purchase(book: PurchaseBook) -> Iterator[Paid]:
    if book.record is not None:
        for offer in book.record.offers:
            yield Paid(offer.offer_id, _cost(offer), book.record.at)
    for event in book.happened:
        if isinstance(event, ReturnRecord):
            for offer_id, _, amount in event.budgets:
                yield Paid(offer_id, -amount, event.at)


def _of_redemption(book: RedemptionBook) -> Iterator[Paid]:
    record, end = book.record, book.end
    if record is None or record.offer is None:
        return
    yield Paid(record.offer.offer_id, _cost(record.offer), record.at)
    if end is not None and end.available_after is not None:
        yield Paid(record.offer.offer_id, -_cost(record.offer), end.at)


def _cost(offer: AppliedOffer) -> int:
    return sum(part for _, part in offer.shards)
