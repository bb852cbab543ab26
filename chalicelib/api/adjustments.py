"""Adjustments over HTTP: staff give or take points; above the limit somebody else approves."""

from typing import Annotated

import msgspec

from chalicelib.api.points import MOST_POINTS, DryRun, member_exists
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    FieldError,
    InsufficientPoints,
    InvalidContent,
    MemberNotFound,
    NotFound,
    SecondPersonRequired,
)
from chalicelib.usecases.adjust_points import (
    Adjusted,
    AdjustPoints,
    adjust_points,
)
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.ports import Outcome

routes = Routes(__name__)


class AdjustmentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """points: signed, not zero. allow_debt: a negative one may go beyond what is available."""

    points: Annotated[int, msgspec.Meta(ge=-MOST_POINTS, le=MOST_POINTS)]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500)]
    allow_debt: bool = False


class AdjustmentAnswer(msgspec.Struct, frozen=True):
    """status: done, awaiting_approval, approved or rejected."""

    adjustment_id: str
    member_id: str
    status: str
    points: int
    available_after: int | msgspec.UnsetType = msgspec.UNSET
    pending_after: int | msgspec.UnsetType = msgspec.UNSET
    debt_after: int | msgspec.UnsetType = msgspec.UNSET


_DECIDING = (NotFound, Conflict, SecondPersonRequired, InsufficientPoints, MemberNotFound)


@routes.post(
    "/v1/members/{member_id}/adjustments",
    opens=(Scope.ADJUSTMENTS,),
    summary="Give or take points, with a reason",
    body=AdjustmentBody,
    query=DryRun,
    answers={201: AdjustmentAnswer, 202: AdjustmentAnswer},
    refuses=(MemberNotFound, InsufficientPoints, ConflictingReplay, InvalidContent),
    idempotency_key=True,
    exists=member_exists,
)
def add_adjustment(call: Call[AdjustmentBody, DryRun], member_id: str) -> Answer:
    if call.body.points == 0:
        member_exists(call, member_id)
        detail = "Give or take at least one point."
        raise InvalidContent(errors=[FieldError("/points", "zero", detail)])
    command = AdjustPoints(
        member_id=member_id,
        points=call.body.points,
        reason=call.body.reason,
        allow_debt=call.body.allow_debt,
        key=call.idempotency_key,
    )
    outcome = adjust_points(call.ports, call.caller, command, call.now, dry_run=call.query.dry_run)
    return _answer(202 if outcome.answer.status == "awaiting_approval" else 201, outcome)


@routes.post(
    "/v1/adjustments/{adjustment_id}/approve",
    opens=(Scope.ADJUSTMENTS,),
    summary="Approve an adjustment that somebody else asked for",
    answers={200: AdjustmentAnswer},
    refuses=_DECIDING,
)
def approve_adjustment(call: Call[None, None], adjustment_id: str) -> Answer:
    return _answer(
        200, decide_adjustment(call.ports, call.caller, adjustment_id, approve=True, now=call.now)
    )


@routes.post(
    "/v1/adjustments/{adjustment_id}/reject",
    opens=(Scope.ADJUSTMENTS,),
    summary="Reject an adjustment that somebody else asked for",
    answers={200: AdjustmentAnswer},
    refuses=_DECIDING,
)
def reject_adjustment(call: Call[None, None], adjustment_id: str) -> Answer:
    return _answer(
        200, decide_adjustment(call.ports, call.caller, adjustment_id, approve=False, now=call.now)
    )


def _answer(status: int, outcome: Outcome[Adjusted]) -> Answer:
    adjusted = outcome.answer
    figures = {
        name: msgspec.UNSET if value is None else value
        for name, value in (
            ("available_after", adjusted.available_after),
            ("pending_after", adjusted.pending_after),
            ("debt_after", adjusted.debt_after),
        )
    }
    body = AdjustmentAnswer(
        adjusted.adjustment_id, adjusted.member_id, adjusted.status, adjusted.points, **figures
    )
    return Answer(status, body, replayed=outcome.replayed)
