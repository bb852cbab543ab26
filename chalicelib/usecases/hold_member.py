"""Somebody may not be erased: a court or an authority wants what is known of them to stay."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.ports import Hold, Ports

PUT, LIFTED = "hold.put", "hold.lifted"


@dataclass(frozen=True, slots=True)
class HoldMember:
    """reason: why; kept sealed."""

    member_id: str
    reason: str


def hold_member(ports: Ports, caller: Caller, command: HoldMember, now: datetime) -> Hold:
    """Hold a member, or give another reason. An erasure that has begun is not held up any more.

    Raises MemberNotFound, MemberErased, StoreUnavailable.
    """
    first = same_person(ports, command.member_id)[0]
    hold = Hold(first, whole_milliseconds(now), caller.source, command.reason)
    _note(ports, caller, PUT, first, command.reason, now)
    ports.erasures.put_hold(hold)
    return hold


def lift_hold(ports: Ports, caller: Caller, member_id: str, now: datetime) -> None:
    """Hold a member no longer. Its erasure goes on within the hour, if it is due. Nothing for one
    who is not held. Raises MemberNotFound, MemberErased, StoreUnavailable."""
    for one in same_person(ports, member_id):
        if ports.erasures.is_held(one):
            _note(ports, caller, LIFTED, one, None, now)
            ports.erasures.lift_hold(one)


def _note(
    ports: Ports, caller: Caller, action: str, member_id: str, reason: str | None, now: datetime
) -> None:
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action=action,
        member_id=member_id,
        reason=reason,
        at=now,
    )
