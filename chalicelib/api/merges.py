"""Merging two accounts of one person over HTTP, and taking it back."""

from typing import Annotated

import msgspec

from chalicelib.api.access_reasons import ACCESS_REASON, access_reason
from chalicelib.api.points import DryRun, Word, member_exists
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import (
    AccountFull,
    Conflict,
    ConflictingReplay,
    FieldError,
    InvalidContent,
    MemberNotFound,
    NotFound,
)
from chalicelib.usecases.merge_accounts import MergeAccounts, merge_accounts
from chalicelib.usecases.reverse_merge import Figures, reverse_merge

routes = Routes(__name__)

_WHY = {ACCESS_REASON: "Why it is done; it is recorded. In place of `reason`."}


class MergeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """from: the member whose account moves into the one of the path. reason: why, unless the
    request's X-Access-Reason says it."""

    source: Word
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500)] | None = None


class MergeAnswer(msgspec.Struct, frozen=True, rename={"source": "from"}):
    """points: what moved, less the debt that moved with it. The figures are those of `into`, whose
    account stands in for that of `from` from now on."""

    merge_id: str
    source: str
    into: str
    points: int
    available_after: int
    pending_after: int
    debt_after: int


class FiguresAnswer(msgspec.Struct, frozen=True):
    """Points that an account was left with."""

    available_after: int
    pending_after: int
    debt_after: int


class MergeReversedAnswer(msgspec.Struct, frozen=True):
    """points: what moved back, less the debt. separated: the member whose account acts for itself
    again; remaining: the one that had stood in for it."""

    merge_id: str
    points: int
    separated_member_id: str
    separated: FiguresAnswer
    remaining_member_id: str
    remaining: FiguresAnswer


@routes.post(
    "/v1/members/{member_id}/merges",
    opens=(Scope.ADJUSTMENTS,),
    summary="Bring the account of another member, who is the same person, into this one",
    body=MergeBody,
    query=DryRun,
    answers={201: MergeAnswer},
    refuses=(MemberNotFound, Conflict, AccountFull, ConflictingReplay, InvalidContent),
    idempotency_key=True,
    headers=_WHY,
    exists=member_exists,
)
def add_merge(call: Call[MergeBody, DryRun], member_id: str) -> Answer:
    reason = call.body.reason or access_reason(call)
    if reason is None:
        member_exists(call, member_id)
        detail = f"Say why, here or in {ACCESS_REASON}."
        raise InvalidContent(errors=[FieldError("/reason", "missing", detail)])
    command = MergeAccounts(member_id, call.body.source, reason, call.idempotency_key)
    outcome = merge_accounts(call.ports, call.caller, command, call.now, dry_run=call.query.dry_run)
    merged = outcome.answer
    answer = MergeAnswer(
        merge_id=merged.merge_id,
        source=merged.source_id,
        into=merged.target_id,
        points=merged.points,
        available_after=merged.available_after,
        pending_after=merged.pending_after,
        debt_after=merged.debt_after,
    )
    return Answer(201, answer, replayed=outcome.replayed)


@routes.post(
    "/v1/merges/{merge_id}/reverse",
    opens=(Scope.ADJUSTMENTS,),
    summary="Take a merge back: the same amounts move back, and each account acts for itself",
    answers={200: MergeReversedAnswer},
    refuses=(NotFound, Conflict, AccountFull),
    headers={ACCESS_REASON: "Why it is taken back; it is recorded."},
)
def mark_merge_reversed(call: Call[None, None], merge_id: str) -> Answer:
    outcome = reverse_merge(call.ports, call.caller, merge_id, access_reason(call), call.now)
    found = outcome.answer
    answer = MergeReversedAnswer(
        merge_id=found.merge_id,
        points=found.points,
        separated_member_id=found.source_id,
        separated=_figures(found.source_after),
        remaining_member_id=found.target_id,
        remaining=_figures(found.target_after),
    )
    return Answer(200, answer, replayed=outcome.replayed)


def _figures(figures: Figures) -> FiguresAnswer:
    return FiguresAnswer(figures.available, figures.pending, figures.debt)
