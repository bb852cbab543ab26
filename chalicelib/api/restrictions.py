"""Restriction and legal hold over HTTP: data that is kept and not used, or may not be erased."""

from typing import Annotated

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.hold_member import HoldMember, hold_member, lift_hold
from chalicelib.usecases.restrict_member import (
    RestrictMember,
    lift_restriction,
    restrict_member,
)

routes = Routes(__name__)


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reason: why, in somebody's own words; sealed with the member's key and gone with it."""

    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


class RestrictionAnswer(msgspec.Struct, frozen=True):
    """since: when the account was frozen."""

    status: str
    since: Instant


class HoldAnswer(msgspec.Struct, frozen=True):
    """since: when it was put, or its reason changed."""

    held: bool
    since: Instant


@routes.put(
    "/v1/members/{member_id}/restriction",
    opens=(Scope.SELF, Scope.RESTRICTIONS),
    summary="Freeze a member's account: what is known of it is kept and not used",
    body=Reason,
    answers={200: RestrictionAnswer},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def put_restriction(call: Call[Reason, None], member_id: str) -> Answer:
    """Purchases and returns go on counting. Nothing is spent, sent, joined or merged, and nothing
    is written to the member but what must be."""
    command = RestrictMember(member_id, call.body.reason)
    restriction = restrict_member(call.ports, call.caller, command, call.now)
    return Answer(200, RestrictionAnswer("frozen", printed(restriction.at)))


@routes.delete(
    "/v1/members/{member_id}/restriction",
    opens=(Scope.SELF, Scope.RESTRICTIONS),
    summary="Let a member's account be used again",
    answers={204: None},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def delete_restriction(call: Call[None, None], member_id: str) -> Answer:
    lift_restriction(call.ports, call.caller, member_id, call.now)
    return Answer(204)


@routes.put(
    "/v1/members/{member_id}/hold",
    opens=(Scope.PRIVACY,),
    summary="Keep a member from being erased, by law",
    body=Reason,
    answers={200: HoldAnswer},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def put_hold(call: Call[Reason, None], member_id: str) -> Answer:
    """An erasure that was asked for waits; one that has begun goes on."""
    hold = hold_member(call.ports, call.caller, HoldMember(member_id, call.body.reason), call.now)
    return Answer(200, HoldAnswer(held=True, since=printed(hold.at)))


@routes.delete(
    "/v1/members/{member_id}/hold",
    opens=(Scope.PRIVACY,),
    summary="Let a member be erased who asks for it",
    answers={204: None},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def delete_hold(call: Call[None, None], member_id: str) -> Answer:
    lift_hold(call.ports, call.caller, member_id, call.now)
    return Answer(204)
