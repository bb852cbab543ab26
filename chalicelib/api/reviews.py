"""Accounts that somebody has to look at before they can spend what they earn, over HTTP."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_behind, id_after
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    MemberErased,
    MemberNotFound,
    SecondPersonRequired,
)
from chalicelib.domain.reviews import ReviewOutcome, Suspicion
from chalicelib.usecases.decide_review import DecideReview, decide_review
from chalicelib.usecases.open_review import OpenReview, UnderReview, open_review
from chalicelib.usecases.read_reviews import read_reviews

routes = Routes(__name__)

Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


class ReviewOpenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reason: why; it is recorded."""

    reason: Reason


class ReviewBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """outcome: release gives the member what is held, forfeit takes it. reason: why; it is
    recorded."""

    outcome: Literal["release", "forfeit"]
    reason: Reason


class ReviewAnswer(msgspec.Struct, frozen=True):
    """member_id: whose account it is. suspicion: refunds: much of what was bought came back;
    referral: who was brought is perhaps who brought; staff: support wants to look. held: points."""

    member_id: str
    since: str
    suspicion: Suspicion
    held: int


class ReviewsPage(msgspec.Struct, frozen=True):
    """A page can hold fewer than `limit`; the list may be a moment behind."""

    items: list[ReviewAnswer]
    next_cursor: str | None


class ReviewDecidedAnswer(msgspec.Struct, frozen=True):
    """status: done, or awaiting_approval: to take so much a second person decides the same. points:
    that were held. The figures are null while nothing has moved."""

    member_id: str
    outcome: ReviewOutcome
    status: str
    points: int
    available_after: int | None
    pending_after: int | None
    debt_after: int | None


@routes.get(
    "/v1/reviews",
    opens=(Scope.ADJUSTMENTS,),
    summary="List the accounts that somebody has to look at",
    query=Page,
    audited="reviews.read",
    answers={200: ReviewsPage},
)
def list_reviews(call: Call[None, Page]) -> Answer:
    page = read_reviews(call.ports, id_after(call), call.query.limit)
    cursor = cursor_behind(call, page.after)
    return Answer(200, ReviewsPage([review_answer(one) for one in page.reviews], cursor))


@routes.post(
    "/v1/members/{member_id}/review/open",
    opens=(Scope.ADJUSTMENTS,),
    summary="Hold what a member earns until somebody has looked at the account",
    body=ReviewOpenBody,
    answers={200: ReviewAnswer},
    refuses=(MemberNotFound, MemberErased),
    idempotency_key=True,
    exists=member_exists,
)
def open_member_review(call: Call[ReviewOpenBody, None], member_id: str) -> Answer:
    """What still waits is held with it; what is available stays so. An account that is under review
    stays as it is."""
    command = OpenReview(member_id, call.body.reason, call.idempotency_key)
    opened = open_review(call.ports, call.caller, command, call.now)
    return Answer(200, review_answer(opened.answer), replayed=opened.replayed)


@routes.post(
    "/v1/members/{member_id}/review",
    opens=(Scope.ADJUSTMENTS,),
    summary="Say what comes of the points that a review holds",
    body=ReviewBody,
    answers={200: ReviewDecidedAnswer},
    refuses=(MemberNotFound, Conflict, ConflictingReplay, SecondPersonRequired),
    idempotency_key=True,
    exists=member_exists,
)
def decide_member_review(call: Call[ReviewBody, None], member_id: str) -> Answer:
    """Released points are what they would be by now without the review. To take more than the
    program's limit for adjustments, two people decide the same: the first one's answer says
    `awaiting_approval`. Without a review: 409 `conflict` with reason `not_under_review`."""
    outcome = ReviewOutcome(call.body.outcome)
    command = DecideReview(member_id, outcome, call.body.reason, call.idempotency_key)
    decided = decide_review(call.ports, call.caller, command, call.now)
    found = decided.answer
    answer = ReviewDecidedAnswer(
        member_id=found.member_id,
        outcome=found.outcome,
        status=found.status,
        points=found.points,
        available_after=found.available_after,
        pending_after=found.pending_after,
        debt_after=found.debt_after,
    )
    return Answer(200, answer, replayed=decided.replayed)


def review_answer(review: UnderReview) -> ReviewAnswer:
    """A review as it is answered."""
    return ReviewAnswer(review.member_id, str(review.since), review.suspicion, review.held)
