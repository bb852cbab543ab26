"""Households over HTTP: members who share one account, and what that means for their points."""

from typing import Annotated

import msgspec

from chalicelib.api.points import DryRun, member_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import (
    AccountFull,
    Conflict,
    InvitationNotFound,
    MemberNotFound,
    NotFound,
    StepUpRequired,
)
from chalicelib.usecases.invite_to_household import invite_to_household
from chalicelib.usecases.join_household import Joined, join_household
from chalicelib.usecases.leave_household import leave_household, remove_from_household
from chalicelib.usecases.read_household import Household, read_household

routes = Routes(__name__)

JOINING = (
    "All your points, those that wait and what you owe move to the owner's account, which you share"
    " from then on: every member earns for it, can spend from it and reads its entries since it"
    " joined."
)
LEAVING = (
    "The points stay with the household, as does what counts for its tier. Your own account starts"
    " from nothing with your next purchase. If the owner is erased, the household with its points"
    " passes to the member who has shared it longest."
)


class InvitationAnswer(msgspec.Struct, frozen=True):
    """code: admits one member, once, until it expires."""

    code: str
    expires_at: Instant


class JoinHouseholdBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """code: of the invitation, however it was typed."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class MovedPoints(msgspec.Struct, frozen=True):
    """What the member had, which moves in."""

    available: int
    pending: int
    debt: int


class JoinedAnswer(msgspec.Struct, frozen=True):
    """The figures after it are those of the account that is shared. members: how many share it
    then. joining, leaving: what either means, in words."""

    moved: MovedPoints
    available_after: int
    pending_after: int
    debt_after: int
    members: int
    joining: str
    leaving: str


class SharerAnswer(msgspec.Struct, frozen=True):
    """given_name: null where there is none to tell."""

    member_id: str
    given_name: str | None
    owner: bool


class HouseholdAnswer(msgspec.Struct, frozen=True):
    """members: the owner first; empty where nothing is shared. most_members: how many can share an
    account, 1 where the program has no households. joining, leaving: what either means."""

    members: list[SharerAnswer]
    most_members: int
    joining: str
    leaving: str


@routes.post(
    "/v1/members/{member_id}/household/invitations",
    opens=(Scope.SELF,),
    summary="Invite somebody to share this member's account",
    answers={201: InvitationAnswer},
    refuses=(MemberNotFound, Conflict, StepUpRequired),
    idempotency_key=True,
    exists=member_exists,
)
def add_invitation(call: Call[None, None], member_id: str) -> Answer:
    outcome = invite_to_household(
        call.ports, call.caller, member_id, call.idempotency_key, call.now
    )
    invitation = outcome.answer
    answer = InvitationAnswer(invitation.code, printed(invitation.expires_at))
    return Answer(201, answer, replayed=outcome.replayed)


@routes.post(
    "/v1/members/{member_id}/household",
    opens=(Scope.SELF,),
    summary="Join a household by its invitation; with dry_run learn what that moves",
    body=JoinHouseholdBody,
    query=DryRun,
    answers={201: JoinedAnswer},
    refuses=(MemberNotFound, InvitationNotFound, Conflict, AccountFull, StepUpRequired),
    exists=member_exists,
)
def add_to_household(call: Call[JoinHouseholdBody, DryRun], member_id: str) -> Answer:
    outcome = join_household(
        call.ports,
        call.caller,
        member_id,
        call.body.code,
        call.now,
        dry_run=call.query.dry_run,
    )
    return Answer(201, _joined(outcome.answer), replayed=outcome.replayed)


@routes.get(
    "/v1/members/{member_id}/household",
    opens=(Scope.SELF, Scope.MEMBERS_READ),
    summary="See who shares a member's account, and what joining and leaving mean",
    audited="member.household.read",
    answers={200: HouseholdAnswer},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def get_household(call: Call[None, None], member_id: str) -> Answer:
    household = read_household(call.ports, member_id)
    others = tuple(one.member_id for one in household.members)
    return Answer(200, _household(household), concerns=others)


@routes.delete(
    "/v1/members/{member_id}/household",
    opens=(Scope.SELF,),
    summary="Leave a household; the points stay",
    answers={204: None},
    refuses=(MemberNotFound, Conflict),
    exists=member_exists,
)
def delete_from_household(call: Call[None, None], member_id: str) -> Answer:
    leave_household(call.ports, call.caller, member_id, call.now)
    return Answer(204)


@routes.delete(
    "/v1/members/{member_id}/household/{sharer_id}",
    opens=(Scope.SELF,),
    summary="Let a member share this account no longer; its points stay",
    answers={204: None},
    refuses=(MemberNotFound, NotFound, Conflict),
)
def delete_sharer(call: Call[None, None], member_id: str, sharer_id: str) -> Answer:
    remove_from_household(call.ports, call.caller, member_id, sharer_id, call.now)
    return Answer(204)


def _joined(joined: Joined) -> JoinedAnswer:
    return JoinedAnswer(
        moved=MovedPoints(joined.moved_available, joined.moved_pending, joined.moved_debt),
        available_after=joined.available_after,
        pending_after=joined.pending_after,
        debt_after=joined.debt_after,
        members=joined.members,
        joining=JOINING,
        leaving=LEAVING,
    )


def _household(household: Household) -> HouseholdAnswer:
    return HouseholdAnswer(
        members=[
            SharerAnswer(one.member_id, one.given_name, one.is_owner) for one in household.members
        ],
        most_members=household.most,
        joining=JOINING,
        leaving=LEAVING,
    )
