"""Erasure over HTTP: a member asks to be forgotten, thinks better of it, is told what was done."""

from typing import Any

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import PUBLIC, Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.erasures import Erasure, ErasureStatus
from chalicelib.domain.instants import printed
from chalicelib.domain.members import require_fresh_sign_in
from chalicelib.domain.refusals import (
    Conflict,
    MemberErased,
    MemberNotFound,
    NotFound,
    StepUpRequired,
)
from chalicelib.usecases.request_erasure import (
    cancel_erasure,
    of_caller,
    read_erasure,
    request_erasure,
)

routes = Routes(__name__)

_SHOWN = {ErasureStatus.ERASING: ErasureStatus.REQUESTED}
"""What is under way was asked for, and is not done."""


class Erased(msgspec.Struct, frozen=True):
    """How much is gone: purchases whose articles, ids and texts were redacted, requests likewise,
    vouchers that were open, and identifiers that lead to nobody any more. points_passed_on: what
    went to those who shared the account."""

    purchases_redacted: int
    operations_redacted: int
    redemptions_ended: int
    identifiers_removed: int
    points_passed_on: int


class ErasureAnswer(msgspec.Struct, frozen=True):
    """The receipt; it tells of nobody. status: requested, erased or cancelled. held: whether it may
    not be done yet, by law. erased_at, what: once it is erased."""

    erasure_id: str
    status: str
    requested_at: Instant
    erase_after: Instant
    held: bool
    erased_at: Instant | None
    what: Erased | None


@routes.delete(
    "/v1/members/{member_id}",
    opens=(Scope.SELF, Scope.PRIVACY),
    summary="Ask for a member to be forgotten",
    answers={202: ErasureAnswer},
    refuses=(MemberNotFound, StepUpRequired),
    exists=member_exists,
)
def delete_member(call: Call[None, None], member_id: str) -> Answer:
    """After the program's days to think it over; asking again gives the same answer. What is spent
    by then is spent; what is left is forfeited, and open vouchers end as erased. The points of a
    household pass to who has shared them longest."""
    member_exists(call, member_id)
    require_fresh_sign_in(call.caller, call.now)
    erasure = request_erasure(call.ports, call.caller, member_id, call.now)
    return Answer(202, _answer(call, erasure))


def erasure_exists(call: Call[Any, Any], erasure_id: str) -> None:
    """Whether there is one that the caller may change, asked when a request to it is malformed."""
    of_caller(call.ports, call.caller, erasure_id)


def receipt_exists(call: Call[Any, Any], erasure_id: str) -> None:
    """Whether there is one, asked when a request to it is malformed."""
    read_erasure(call.ports, erasure_id)


@routes.get(
    "/v1/erasures/{erasure_id}",
    opens=PUBLIC,
    summary="Read the receipt of an erasure",
    answers={200: ErasureAnswer},
    refuses=(NotFound,),
    exists=receipt_exists,
)
def get_erasure(call: Call[None, None], erasure_id: str) -> Answer:
    """Its id is the proof that it may be read: whoever was erased cannot sign in any more."""
    return Answer(200, _answer(call, read_erasure(call.ports, erasure_id)))


@routes.post(
    "/v1/erasures/{erasure_id}/cancel",
    opens=(Scope.SELF, Scope.PRIVACY),
    summary="Call an erasure off that has not begun",
    answers={200: ErasureAnswer},
    refuses=(NotFound, Conflict, MemberErased),
    exists=erasure_exists,
)
def post_erasure_cancellation(call: Call[None, None], erasure_id: str) -> Answer:
    erasure = cancel_erasure(call.ports, call.caller, erasure_id, call.now)
    return Answer(200, _answer(call, erasure))


def _answer(call: Call[Any, Any], erasure: Erasure) -> ErasureAnswer:
    done = erasure.erased_at
    return ErasureAnswer(
        erasure_id=erasure.erasure_id,
        status=_SHOWN.get(erasure.status, erasure.status),
        requested_at=printed(erasure.requested_at),
        erase_after=printed(erasure.erase_after),
        held=erasure.is_open and call.ports.erasures.is_held(erasure.member_id),
        erased_at=printed(done) if done is not None else None,
        what=_what(erasure) if done is not None else None,
    )


def _what(erasure: Erasure) -> Erased:
    return Erased(**{name: erasure.what.get(name, 0) for name in Erased.__struct_fields__})
