"""What a reconciliation knows of operations that have no business record of their own.

A kind of operation that is not named here is told as a breach: whoever adds one says here what
comes of it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.postings import Posting
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.instants import parsed
from chalicelib.domain.purchases import CLAIM_DAYS
from chalicelib.usecases.adjust_points import ADJUSTMENT, ADJUSTMENT_END
from chalicelib.usecases.change_status import STATUS
from chalicelib.usecases.end_redemption import VOUCHER_USE
from chalicelib.usecases.expire_redemptions import SWEPT
from chalicelib.usecases.ports import OperationRecord, Ports, RecordBook
from chalicelib.usecases.post_purchase import CLAIM_CODE

_BESIDE = (CLAIM_CODE, VOUCHER_USE)
"""Kinds that lead to another record of the same operation, which is its event."""


def operation_postings(record: OperationRecord) -> Iterator[Posting]:
    """What an operation says that it did to accounts."""
    cause, answer = causes.of_operation(record.kind, record.name), record.answer
    match record.kind:
        case "adjustment" | "adjustment_end" if _moves(record):
            after = tuple(_figure(answer[f"{what}_after"]) for what in _FIGURES)
            yield Posting(
                account_id=str(answer["member_id"]),
                cause=cause,
                at=parsed(str(answer["at"])),
                kind=EntryKind.ADJUST,
                points=int(answer["points"] or 0),
                after=(after[0], after[1], after[2]),
            )
        case "status":
            yield Posting(
                account_id=str(answer["member_id"]),
                cause=cause,
                at=parsed(str(answer["at"])),
                kind=EntryKind.STATUS,
                points=0,
                status=str(answer["status"]),
            )


_FIGURES = ("available", "pending", "debt")


def claim_code_of(record: OperationRecord) -> tuple[str, datetime] | None:
    """The purchase that a claim code leads to, and when it was posted; None for anything else."""
    if record.kind != CLAIM_CODE:
        return None
    posted_at = parsed(str(record.answer["until"])) - timedelta(days=CLAIM_DAYS)
    return str(record.answer["purchase"]), posted_at


def check_operation(ports: Ports, book: RecordBook, record: OperationRecord) -> Iterator[Breach]:
    """Everything that is wrong with the record of an operation. Raises StoreUnavailable."""
    if record.kind not in (ADJUSTMENT, ADJUSTMENT_END, STATUS, SWEPT, *_BESIDE):
        yield Breach("operation_unknown", "Nobody said what comes of such a record.", book.key)
        return
    beside = record.kind in _BESIDE or any(operation_postings(record))
    if book.is_event == beside:
        what = "A record is marked as the event of an operation, or is not, against the rule."
        yield Breach("event_wrong", what, book.key)
    if record.kind == ADJUSTMENT_END and not _was_asked_for(ports, record):
        what = "An adjustment was decided that nobody else had asked for."
        yield Breach("not_asked_for", what, book.key)


def _was_asked_for(ports: Ports, end: OperationRecord) -> bool:
    asked = ports.ledger.operation(ADJUSTMENT, end.name)
    if asked is None or asked.answer["status"] != "awaiting_approval":
        return False
    same = all(asked.answer[what] == end.answer[what] for what in ("member_id", "points"))
    return same and asked.answer["by"] != end.answer["by"]


def _moves(record: OperationRecord) -> bool:
    return record.answer["status"] in ("done", "approved")


def _figure(value: int | str | None) -> int | None:
    return None if value is None else int(value)
