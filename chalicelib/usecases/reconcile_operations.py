"""What a reconciliation knows of operations that have no business record of their own.

A kind of operation that is not named here is told as a breach: whoever adds one says here what
comes of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.applied_offers import OFFER
from chalicelib.domain.bring_over import IMPORTED
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.postings import Posting, oldest_told
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.erasures import FORFEITED, FORGIVEN
from chalicelib.domain.imports import ImportKind
from chalicelib.domain.instants import parsed
from chalicelib.domain.merging import Move
from chalicelib.domain.purchases import CLAIM_DAYS
from chalicelib.domain.referrals import BROUGHT, JOINED
from chalicelib.domain.reviews import (
    REVIEW_FORFEITED,
    REVIEW_OPENED,
    REVIEW_RELEASED,
    ReviewOutcome,
)
from chalicelib.domain.transfers import CALLED_BACK, SENT
from chalicelib.usecases.adjust_points import ADJUSTMENT, ADJUSTMENT_END, adjusted_account
from chalicelib.usecases.answer_survey import SURVEY
from chalicelib.usecases.change_status import STATUS
from chalicelib.usecases.decide_review import AWAITING, REVIEW_ASKED, REVIEW_END
from chalicelib.usecases.end_redemption import VOUCHER_USE
from chalicelib.usecases.erase_account import ERASE
from chalicelib.usecases.expire_redemptions import SWEPT
from chalicelib.usecases.give_gift import GIFT
from chalicelib.usecases.heirs import PASS
from chalicelib.usecases.import_row import IMPORT
from chalicelib.usecases.invite_to_household import INVITATION
from chalicelib.usecases.join_household import JOIN
from chalicelib.usecases.leave_household import LEAVE
from chalicelib.usecases.merge_accounts import MERGE
from chalicelib.usecases.open_review import REVIEW, REVIEW_OPENING
from chalicelib.usecases.pass_household import FOLLOW
from chalicelib.usecases.ports import OperationRecord, Ports, RecordBook
from chalicelib.usecases.post_purchase import CLAIM_CODE
from chalicelib.usecases.read_transfer import TRANSFER, TRANSFER_END
from chalicelib.usecases.reverse_merge import MERGE_END
from chalicelib.usecases.reward_referral import REFERRAL

Postings = Iterator[Posting]

_BESIDE = (CLAIM_CODE, VOUCHER_USE, REVIEW_ASKED)
"""Kinds that lead to another record of the same operation, which is its event."""

_BESIDE_OR_ALONE = (REVIEW_OPENING,)
"""The same, but alone where what was asked for had been done before."""


def operation_postings(record: OperationRecord) -> Postings:
    """What an operation says that it did to accounts."""
    told = _KINDS.get(record.kind)
    return told(record) if told is not None else iter(())


def claim_code_of(record: OperationRecord) -> tuple[str, datetime] | None:
    """The purchase that a claim code leads to, and when it was posted; None for anything else."""
    if record.kind != CLAIM_CODE:
        return None
    posted_at = parsed(str(record.answer["until"])) - timedelta(days=CLAIM_DAYS)
    return str(record.answer["purchase"]), posted_at


def check_operation(ports: Ports, book: RecordBook, record: OperationRecord) -> Iterator[Breach]:
    """Everything that is wrong with the record of an operation. Raises StoreUnavailable."""
    if record.kind not in _KINDS:
        yield Breach("operation_unknown", "Nobody said what comes of such a record.", book.key)
        return
    beside = record.kind in _BESIDE or any(operation_postings(record))
    if book.is_event == beside and record.kind not in _BESIDE_OR_ALONE:
        what = "A record is marked as the event of an operation, or is not, against the rule."
        yield Breach("event_wrong", what, book.key)
    if record.kind == ADJUSTMENT_END and not _was_asked_for(ports, record):
        what = "An adjustment was decided that nobody else had asked for."
        yield Breach("not_asked_for", what, book.key)
    if record.kind in _UNDOES and not _was_done(ports, record):
        what = "Something was undone that had never been done."
        yield Breach("nothing_to_undo", what, book.key)


def _was_asked_for(ports: Ports, end: OperationRecord) -> bool:
    asked = ports.ledger.operation(ADJUSTMENT, end.name)
    if asked is None or asked.answer["status"] != "awaiting_approval":
        return False
    same = all(asked.answer[what] == end.answer[what] for what in ("member_id", "points"))
    return same and asked.answer["by"] != end.answer["by"]


_UNDOES = {TRANSFER_END: TRANSFER, MERGE_END: MERGE, LEAVE: JOIN}


def _was_done(ports: Ports, end: OperationRecord) -> bool:
    return ports.ledger.operation(_UNDOES[end.kind], end.name) is not None


# --- in one account ------------------------------------------------------------------------------


def _nothing(_: OperationRecord) -> Postings:
    return iter(())


def _adjusted(record: OperationRecord) -> Postings:
    if record.answer["status"] in ("done", "approved"):
        yield Posting(
            account_id=adjusted_account(record),
            cause=causes.of_operation(record.kind, record.name),
            at=_at(record),
            kind=EntryKind.ADJUST,
            points=_figure(record, "points"),
            after=_after(record),
        )


def _changed_status(record: OperationRecord) -> Postings:
    yield Posting(
        account_id=str(record.answer["member_id"]),
        cause=causes.of_operation(record.kind, record.name),
        at=_at(record),
        kind=EntryKind.STATUS,
        points=0,
        status=str(record.answer["status"]),
    )


def _answered(record: OperationRecord) -> Postings:
    """An answer to a survey gives what the survey gives; some give nothing."""
    points, survey_id = _figure(record, "points"), str(record.answer["survey_id"])
    if points:
        yield Posting(
            account_id=str(record.answer["member_id"]),
            cause=causes.of_operation(record.kind, record.name),
            at=_at(record),
            kind=EntryKind.BONUS,
            points=points,
            after=_after(record),
            why=(Why(causes.of_operation(SURVEY, survey_id), points, 0),),
        )


def _gave(record: OperationRecord) -> Postings:
    """A gift of an offer; of no points where it is a price for a reward."""
    points, offer_id = _figure(record, "points"), str(record.answer["offer_id"])
    yield Posting(
        account_id=str(record.answer["member_id"]),
        cause=causes.of_operation(record.kind, record.name),
        at=_at(record),
        kind=EntryKind.BONUS,
        points=points,
        after=_after(record),
        why=(Why(OFFER + offer_id, points, 0),),
    )


def _referred(record: OperationRecord) -> Postings:
    """A bonus of each of two members; one of no points makes no entry."""
    cause = causes.of_operation(record.kind, record.name)
    sides = (("joined", cause, JOINED), ("brought", causes.other_side(cause), BROUGHT))
    for side, name, rule in sides:
        points = _figure(record, f"{side}_points")
        if points:
            yield Posting(
                account_id=str(record.answer[side]),
                cause=name,
                at=_at(record),
                kind=EntryKind.BONUS,
                points=points,
                after=(
                    _figure(record, f"{side}_available_after"),
                    _figure(record, f"{side}_pending_after"),
                    _figure(record, f"{side}_debt_after"),
                ),
                why=(Why(rule, points, 0),),
            )


def _put_under_review(record: OperationRecord) -> Postings:
    yield _of_review(record, Why(REVIEW_OPENED, 0, 0))


def _reviewed(record: OperationRecord) -> Postings:
    """What was held and is released was the member's before; what is forfeited is taken."""
    if record.answer["decided"] == AWAITING:
        return
    if record.answer["outcome"] == ReviewOutcome.RELEASE:
        yield _of_review(record, Why(REVIEW_RELEASED, 0, 0))
        return
    points = _figure(record, "points")
    taken = _of_review(record, Why(REVIEW_FORFEITED, -points, 0))
    if not points:
        yield taken
        return
    yield replace(taken, kind=EntryKind.ADJUST, points=-points, after=_after(record), status=None)


def _of_review(record: OperationRecord, why: Why) -> Posting:
    return Posting(
        account_id=str(record.answer["member_id"]),
        cause=causes.of_operation(record.kind, record.name),
        at=_at(record),
        kind=EntryKind.STATUS,
        points=0,
        status=str(record.answer["status"]),
        why=(why,),
    )


def _imported(record: OperationRecord) -> Postings:
    """A balance gives points, or takes them; a purchase of before counts and gives none."""
    points, is_balance = _figure(record, "points"), record.answer["of"] == ImportKind.BALANCES
    if is_balance and not points:
        return
    spend = 0 if is_balance else _figure(record, "amount_minor")
    day = str(record.answer.get("occurred_on"))
    told = not is_balance and date.fromisoformat(day).replace(day=1) >= oldest_told(_at(record))
    reason = IMPORTED if is_balance else f"{IMPORTED}:{day}:{points}"
    yield Posting(
        account_id=str(record.answer["member_id"]),
        cause=causes.of_operation(record.kind, record.name),
        at=_at(record),
        kind=EntryKind.ADJUST if is_balance else EntryKind.EARN,
        points=points if is_balance else 0,
        lifetime=(0, 0, 0, 0, 0) if is_balance else (points, 0, 1, spend, points),
        month=day[:7] if told else None,
        after=_after(record),
        why=(Why(reason, points if is_balance else 0, spend),),
        version=_figure(record, "version"),
    )


def _erased(record: OperationRecord) -> Postings:
    forfeited, forgiven = _figure(record, "forfeited"), _figure(record, "forgiven")
    rows = (Why(FORFEITED, -forfeited, 0), Why(FORGIVEN, forgiven, 0))
    yield Posting(
        account_id=str(record.answer["member_id"]),
        cause=causes.of_operation(record.kind, record.name),
        at=_at(record),
        kind=EntryKind.ERASE,
        points=forgiven - forfeited,
        after=(0, 0, 0),
        why=tuple(row for row in rows if row.points),
    )


# --- between two accounts ------------------------------------------------------------------------


def _between(*kinds: EntryKind, why: str) -> Callable[[OperationRecord], Postings]:
    """Points that left one account for another. kinds: of the entry there, and here."""

    def told(record: OperationRecord) -> Postings:
        cause, points = causes.of_operation(record.kind, record.name), _figure(record, "points")
        sides = (("from", cause, -points), ("to", causes.other_side(cause), points))
        for kind, (side, name, moved) in zip(kinds, sides, strict=True):
            yield Posting(
                account_id=str(record.answer[side]),
                cause=name,
                at=_at(record),
                kind=kind,
                points=moved,
                why=(Why(why, moved, 0),),
            )

    return told


def _followed(record: OperationRecord) -> Postings:
    """Who shares a household that passed on is led to its new owner."""
    yield Posting(
        account_id=str(record.answer["from"]),
        cause=causes.of_operation(record.kind, record.name),
        at=_at(record),
        kind=EntryKind.MERGE,
        points=0,
        why=(Why(Move.PASSED, 0, 0),),
    )


_OUT, _IN, _MOVE = EntryKind.TRANSFER_OUT, EntryKind.TRANSFER_IN, EntryKind.MERGE

_KINDS: dict[str, Callable[[OperationRecord], Postings]] = {
    ADJUSTMENT: _adjusted,
    ADJUSTMENT_END: _adjusted,
    STATUS: _changed_status,
    IMPORT: _imported,
    ERASE: _erased,
    SURVEY: _answered,
    TRANSFER: _between(_OUT, _IN, why=SENT),
    TRANSFER_END: _between(_OUT, _IN, why=CALLED_BACK),
    MERGE: _between(_MOVE, _MOVE, why=Move.MERGED),
    MERGE_END: _between(_MOVE, _MOVE, why=Move.SEPARATED),
    JOIN: _between(_MOVE, _MOVE, why=Move.JOINED),
    LEAVE: _between(_MOVE, _MOVE, why=Move.LEFT),
    PASS: _between(_MOVE, _MOVE, why=Move.PASSED),
    FOLLOW: _followed,
    REFERRAL: _referred,
    GIFT: _gave,
    REVIEW: _put_under_review,
    REVIEW_END: _reviewed,
    REVIEW_ASKED: _nothing,
    REVIEW_OPENING: _nothing,
    INVITATION: _nothing,
    SWEPT: _nothing,
    CLAIM_CODE: _nothing,
    VOUCHER_USE: _nothing,
}


# --- the fields of an answer ---------------------------------------------------------------------


def _at(record: OperationRecord) -> datetime:
    return parsed(str(record.answer["at"]))


def _figure(record: OperationRecord, name: str) -> int:
    return int(record.answer[name] or 0)


def _after(record: OperationRecord) -> tuple[int, int, int]:
    return (
        _figure(record, "available_after"),
        _figure(record, "pending_after"),
        _figure(record, "debt_after"),
    )
