"""What is left of a record when its member is erased: the figures that entries tell anyway.

Ids and texts of the caller, articles, channels and the salt go; sums, points and the month stay, so
that the books of an erased account can be reconciled like any other's. Redacting twice changes
nothing. Must not know where records lie.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.entries import commitment_to
from chalicelib.domain.fingerprints import REDACTED
from chalicelib.domain.instants import local_date
from chalicelib.domain.purchase_texts import pack_purchase, pack_return
from chalicelib.domain.purchases import (
    ClaimRecord,
    Purchase,
    PurchaseEvent,
    PurchaseRecord,
    ReturnRecord,
)
from chalicelib.domain.returned import RefusedReturn, Returned, WaitingReturn

_MIDDLE_OF_MONTH = 15

Named = Callable[[str], str]
"""What stands for a return's id, which early returns are known again by."""


def redacted_purchase(record: PurchaseRecord, zone: str) -> PurchaseRecord:
    """A purchase as one line of its sums. zone: of the version that priced it.

    Redemptions that paid for it stay named: their records name the purchase, too. So do offers that
    gave something: entries name them, and their budgets paid for it. Those that could have go.
    """
    if record.is_redacted:
        return record
    bought = record.purchase
    purchase = Purchase(
        purchase_id="",
        occurred_at=_some_time_of(local_date(bought.occurred_at, zone)),
        currency=bought.currency,
        lines=(Line("", "", sum(line.quantity for line in bought.lines), bought.amount_minor),),
        tenders=tuple(
            Tender("", tender.amount_minor, tender.redemption_id)
            for tender in bought.tenders
            if tender.redemption_id is not None
        ),
    )
    committed = commitment_to(record.salt, pack_purchase(bought))
    return replace(
        record,
        purchase=purchase,
        fingerprint=REDACTED,
        salt=b"",
        committed=committed,
        not_applied=(),
        language=None,
    )


def redacted_event(event: PurchaseEvent, named: Named) -> PurchaseEvent:
    """What happened to a purchase, as it fits the redacted one."""
    match event:
        case ReturnRecord():
            return _redacted_return(event, named)
        case WaitingReturn(fingerprint=kept) if kept != REDACTED:
            amount = _amount_of(event.returned)
            return replace(
                event, return_id=named(event.return_id), returned=amount, fingerprint=REDACTED
            )
        case RefusedReturn(is_redacted=False):
            return replace(event, return_id=named(event.return_id), is_redacted=True)
        case ClaimRecord() | WaitingReturn() | RefusedReturn():
            return event


def _redacted_return(record: ReturnRecord, named: Named) -> ReturnRecord:
    if record.fingerprint == REDACTED:
        return record
    quantities = sum(quantity for _, quantity, _ in record.lines)
    amounts = sum(amount_minor for _, _, amount_minor in record.lines)
    return replace(
        record,
        return_id=named(record.return_id),
        lines=((0, quantities, amounts),),
        fingerprint=REDACTED,
        salt=b"",
        committed=commitment_to(record.salt, pack_return(record.return_id, record.lines)),
    )


def says_nothing(record: object) -> bool:
    """Whether a record is redacted."""
    match record:
        case RefusedReturn():
            return record.is_redacted
        case PurchaseRecord():
            told = record.salt or record.purchase.purchase_id or record.not_applied
            return record.is_redacted and not told and record.language is None
        case ReturnRecord():
            return record.fingerprint == REDACTED and not record.salt
        case _:
            return getattr(record, "fingerprint", None) == REDACTED


def _some_time_of(day: date) -> datetime:
    """An instant that is of the day's month in every zone."""
    return datetime(day.year, day.month, _MIDDLE_OF_MONTH, 12, tzinfo=UTC)


def _amount_of(returned: Returned) -> int:
    if isinstance(returned, int):
        return returned
    return sum(line.amount_minor for line in returned)
