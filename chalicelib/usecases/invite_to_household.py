"""The owner of a household invites somebody: a code that admits one member, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.refusals import Conflict
from chalicelib.usecases.current import Current, as_of_now, own_head
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.redeem_reward import check_step_up
from chalicelib.usecases.settle import Attempts, Plan, settle

INVITATION = "household_invitation"
INVITATION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Invitation:
    """code: for whoever is invited; nobody keeps it."""

    code: str
    expires_at: datetime


def invite_to_household(
    ports: Ports, caller: Caller, member_id: str, key: str, now: datetime
) -> Outcome[Invitation]:
    """Invite a member to share this member's account. The same key again is the same invitation.

    Raises MemberNotFound, Conflict (see `check_open`, or `not_the_owner`), StepUpRequired,
    TryAgain.
    """
    path = f"invite/{member_id}"
    code = ports.namer.code(INVITATION, ports.namer.id("inv", caller.source, path, key))
    name = invitation_name(ports, code)

    def decide(_: Attempts) -> Plan[Invitation]:
        at = as_of_now(ports, own_head(ports, member_id), now)
        if at.account.moved_to is not None:
            raise Conflict(reason="not_the_owner")
        at.require_unfrozen()
        check_open(at)
        # Whoever is let in can spend all there is, so it takes what spending it takes.
        check_step_up(caller, at, now)
        invitation = Invitation(code, at.now + timedelta(days=INVITATION_DAYS))
        lead = {"owner": member_id, "until": printed(invitation.expires_at)}
        return Plan(Write((OperationRecord(INVITATION, name, {}, {**lead}),)), invitation)

    def replay() -> Invitation | None:
        record = ports.ledger.operation(INVITATION, name)
        if record is None:
            return None
        return Invitation(code, parsed(str(record.answer["until"])))

    return settle(ports, decide, replay)


def invitation_name(ports: Ports, code: str) -> str:
    """What stands for an invitation's code in a key."""
    return ports.namer.name(INVITATION, code)


def check_open(owner: Current) -> None:
    """Whether one more can share the owner's account now.

    Raises Conflict: `households_off`, `owner_not_active`, `household_full`.
    """
    most = owner.program.household_members
    if most < 2:
        raise Conflict(reason="households_off")
    if owner.account.status is not AccountStatus.ACTIVE:
        raise Conflict(reason="owner_not_active")
    if len(owner.account.household) + 2 > most:
        raise Conflict(reason="household_full")
