"""Redemptions and vouchers over HTTP."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from chalicelib.api.points import MOST_POINTS, DryRun, Money, Word, member_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.redemptions import RedemptionFile, RedemptionRecord, voucher_value_minor
from chalicelib.domain.refusals import (
    ConflictingReplay,
    InsufficientPoints,
    InvalidContent,
    MemberLimitReached,
    MemberNotFound,
    RedemptionAlreadyEnded,
    RedemptionNotFound,
    RewardNotAvailable,
    RewardNotFound,
    RewardSoldOut,
    StepUpRequired,
    VoucherNotFound,
)
from chalicelib.usecases.end_redemption import (
    RedemptionEnded,
    cancel_redemption,
    read_redemption,
    redemption_of_voucher,
    use_redemption,
    use_voucher,
)
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward

routes = Routes(__name__)


class RedemptionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """points: only for a reward of kind points_payment."""

    reward_id: Word
    points: Annotated[int, msgspec.Meta(ge=1, le=MOST_POINTS)] | None = None


class VoucherBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """However it was typed: case, blanks and dashes do not count."""

    voucher_code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class RewardTerms(msgspec.Struct, frozen=True):
    """The reward as it was when it was redeemed. value: what it is worth at the till."""

    reward_id: str
    version: int
    name: str
    kind: str
    value: Money | msgspec.UnsetType = msgspec.UNSET
    percent: int | msgspec.UnsetType = msgspec.UNSET
    sku: str | msgspec.UnsetType = msgspec.UNSET


class RedemptionIssuedAnswer(msgspec.Struct, frozen=True):
    """points: what it cost the member; offer_id: the offer that made it cost less than the reward
    does, or let the member have it earlier."""

    redemption_id: str
    status: str
    voucher_code: str
    expires_at: Instant
    points: int
    available_after: int
    reward: RewardTerms
    offer_id: str | msgspec.UnsetType = msgspec.UNSET


class RedemptionAnswer(msgspec.Struct, frozen=True):
    """status: issued, used, cancelled or expired. ended_at: when it ended, null until then."""

    redemption_id: str
    member_id: str
    status: str
    points: int
    issued_at: Instant
    expires_at: Instant
    ended_at: Instant | None
    reward: RewardTerms


class RedemptionEndedAnswer(msgspec.Struct, frozen=True):
    """points_returned: what went back to the member, of it debt_paid at once."""

    redemption_id: str
    member_id: str
    status: str
    points: int
    points_returned: int
    debt_paid: int
    ended_at: Instant
    reward: RewardTerms
    available_after: int | msgspec.UnsetType = msgspec.UNSET


@routes.post(
    "/v1/members/{member_id}/redemptions",
    opens=(Scope.SELF, Scope.REDEMPTIONS),
    summary="Redeem a reward",
    body=RedemptionBody,
    query=DryRun,
    answers={201: RedemptionIssuedAnswer},
    refuses=(
        MemberNotFound,
        RewardNotFound,
        RewardNotAvailable,
        RewardSoldOut,
        MemberLimitReached,
        InsufficientPoints,
        ConflictingReplay,
        StepUpRequired,
        InvalidContent,
    ),
    idempotency_key=True,
    exists=member_exists,
)
def add_redemption(call: Call[RedemptionBody, DryRun], member_id: str) -> Answer:
    command = RedeemReward(member_id, call.body.reward_id, call.body.points, call.idempotency_key)
    outcome = redeem_reward(call.ports, call.caller, command, call.now, dry_run=call.query.dry_run)
    record = outcome.answer.record
    answer = RedemptionIssuedAnswer(
        redemption_id=record.redemption_id,
        status="issued",
        voucher_code=outcome.answer.voucher_code,
        expires_at=printed(record.expires_at),
        points=record.points,
        available_after=record.available_after,
        reward=_terms(record),
        offer_id=record.offer.offer_id if record.offer is not None else msgspec.UNSET,
    )
    return Answer(201, answer, replayed=outcome.replayed)


def redemption_exists(call: Call[Any, Any], redemption_id: str) -> None:
    """Whether the caller may see it, asked when a request to it is malformed."""
    read_redemption(call.ports, call.caller, redemption_id)


@routes.get(
    "/v1/redemptions/{redemption_id}",
    opens=(Scope.SELF, Scope.VOUCHERS, Scope.MEMBERS_READ),
    summary="Read a redemption",
    audited="redemption.read",
    answers={200: RedemptionAnswer},
    refuses=(RedemptionNotFound,),
    exists=redemption_exists,
)
def get_redemption(call: Call[None, None], redemption_id: str) -> Answer:
    return _shown(call, redemption_id)


@routes.post(
    "/v1/redemptions/{redemption_id}/use",
    opens=(Scope.VOUCHERS,),
    summary="Use a redemption",
    answers={200: RedemptionEndedAnswer},
    refuses=(RedemptionNotFound, RedemptionAlreadyEnded),
    idempotency_key=True,
    exists=redemption_exists,
)
def mark_redemption_used(call: Call[None, None], redemption_id: str) -> Answer:
    outcome = use_redemption(call.ports, call.caller, redemption_id, call.idempotency_key, call.now)
    return Answer(200, _ended(outcome.answer), replayed=outcome.replayed)


@routes.post(
    "/v1/redemptions/{redemption_id}/cancel",
    opens=(Scope.SELF, Scope.REDEMPTIONS, Scope.ADJUSTMENTS),
    summary="Cancel a redemption; its points come back",
    answers={200: RedemptionEndedAnswer},
    refuses=(RedemptionNotFound, RedemptionAlreadyEnded),
    idempotency_key=True,
    exists=redemption_exists,
)
def mark_redemption_cancelled(call: Call[None, None], redemption_id: str) -> Answer:
    outcome = cancel_redemption(
        call.ports, call.caller, redemption_id, call.idempotency_key, call.now
    )
    return Answer(200, _ended(outcome.answer), replayed=outcome.replayed)


@routes.post(
    "/v1/vouchers/lookup",
    opens=(Scope.VOUCHERS,),
    summary="See what a voucher is good for",
    body=VoucherBody,
    audited="redemption.read",
    answers={200: RedemptionAnswer},
    refuses=(VoucherNotFound,),
)
def look_up_voucher(call: Call[VoucherBody, None]) -> Answer:
    redemption_id = redemption_of_voucher(call.ports, call.body.voucher_code)
    return _shown(call, redemption_id)


@routes.post(
    "/v1/vouchers/use",
    opens=(Scope.VOUCHERS,),
    summary="Use a voucher",
    body=VoucherBody,
    answers={200: RedemptionEndedAnswer},
    refuses=(VoucherNotFound, RedemptionAlreadyEnded, ConflictingReplay),
    idempotency_key=True,
)
def mark_voucher_used(call: Call[VoucherBody, None]) -> Answer:
    outcome = use_voucher(
        call.ports, call.caller, call.body.voucher_code, call.idempotency_key, call.now
    )
    return Answer(200, _ended(outcome.answer), replayed=outcome.replayed)


def _terms(record: RedemptionRecord) -> RewardTerms:
    reward = record.reward
    value: Money | msgspec.UnsetType = msgspec.UNSET
    value_minor = voucher_value_minor(record)
    if value_minor is not None and reward.currency is not None:
        value = Money(value_minor, reward.currency)
    return RewardTerms(
        reward_id=reward.reward_id,
        version=reward.version,
        name=reward.name,
        kind=reward.kind,
        value=value,
        percent=reward.percent or msgspec.UNSET,
        sku=reward.sku or msgspec.UNSET,
    )


def _shown(call: Call[Any, Any], redemption_id: str) -> Answer:
    answer = redemption_answer(read_redemption(call.ports, call.caller, redemption_id), call.now)
    return Answer(200, answer, concerns=(answer.member_id,))


def redemption_answer(file: RedemptionFile, now: datetime) -> RedemptionAnswer:
    """A redemption as it is answered at an instant."""
    record, status = file.record, file.status(now)
    expired_at = record.expires_at if status == "expired" else None
    ended_at = file.end.at if file.end is not None else expired_at
    return RedemptionAnswer(
        redemption_id=record.redemption_id,
        member_id=record.account_id,
        status=status,
        points=record.points,
        issued_at=printed(record.at),
        expires_at=printed(record.expires_at),
        ended_at=printed(ended_at) if ended_at is not None else None,
        reward=_terms(record),
    )


def _ended(ended: RedemptionEnded) -> RedemptionEndedAnswer:
    record, end = ended.record, ended.end
    return RedemptionEndedAnswer(
        redemption_id=record.redemption_id,
        member_id=record.account_id,
        status=end.ended_as,
        points=record.points,
        points_returned=end.returned,
        debt_paid=end.debt_paid,
        ended_at=printed(end.at),
        reward=_terms(record),
        available_after=msgspec.UNSET if end.available_after is None else end.available_after,
    )
