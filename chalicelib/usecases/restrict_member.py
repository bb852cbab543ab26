"""A member's data is kept and not used: its account is frozen until the restriction is lifted.

The restriction is kept first and goes last, so that whoever repeats either finds what is left to
do. Purchases and returns go on counting.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.names import new_id
from chalicelib.usecases.change_status import change_own_status
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.ports import Ports, Restriction
from chalicelib.usecases.read_member import known_member
from chalicelib.usecases.settle import Waiting

PUT, LIFTED = "restriction.put", "restriction.lifted"


@dataclass(frozen=True, slots=True)
class RestrictMember:
    """reason: why; kept sealed."""

    member_id: str
    reason: str


def restrict_member(
    ports: Ports, caller: Caller, command: RestrictMember, now: datetime
) -> Restriction:
    """Freeze a member's account, or give another reason.

    Raises MemberNotFound, MemberErased, TryAgain, StoreUnavailable.
    """
    people = same_person(ports, command.member_id)
    known_member(ports, people[0])
    _note(ports, caller, PUT, people[0], command.reason, now)
    restriction = _kept(ports, caller, people[0], command.reason, now)
    cause = ("restriction", restriction.restriction_id)
    for one in people:
        change_own_status(ports, one, AccountStatus.FROZEN, cause, now)
    return restriction


def lift_restriction(ports: Ports, caller: Caller, member_id: str, now: datetime) -> None:
    """Give the account back the status that it would have; nothing for one that is not restricted.

    Raises MemberNotFound, MemberErased, TryAgain, StoreUnavailable.
    """
    people = same_person(ports, member_id)
    for one in people:
        stands = ports.erasures.restriction(one)
        if stands is None:
            continue
        _note(ports, caller, LIFTED, one, None, now)
        cause = ("restriction lifted", stands.restriction_id)
        for other in people:
            status = known_member(ports, other).status
            change_own_status(ports, other, status, cause, now, thaws=True)
        ports.erasures.lift_restriction(one, stands.restriction_id)


def _kept(ports: Ports, caller: Caller, member_id: str, reason: str, now: datetime) -> Restriction:
    """The restriction, over the one that there was, which goes on under its id."""
    waiting = Waiting(ports.patience)
    new = new_id("rst", ports.entropy(16))
    restriction = Restriction(new, member_id, whole_milliseconds(now), caller.source, reason)
    while True:
        before = ports.erasures.restriction(member_id)
        if before is not None:
            restriction = replace(restriction, restriction_id=before.restriction_id, at=before.at)
        after = before.restriction_id if before is not None else None
        if ports.erasures.put_restriction(restriction, after):
            return restriction
        waiting.once_more()


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
