"""A member leaves a household, by itself or sent away by its owner. The points stay."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import printed
from chalicelib.domain.merging import Move, Pair, leave, moved_of
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.usecases.current import own_head
from chalicelib.usecases.moving import both_themselves, moving_entries
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.read_household import last_join
from chalicelib.usecases.settle import Attempts, Plan, settle

LEAVE = "household_leave"


def leave_household(ports: Ports, caller: Caller, member_id: str, now: datetime) -> None:
    """Let a member's account be its own again; nothing where it is already.

    Raises MemberNotFound, Conflict (`owner_cannot_leave` while others share its account,
    `not_in_a_household` where it was merged), TryAgain.
    """

    def decide(_: Attempts) -> Plan[None] | Outcome[None]:
        account = own_head(ports, member_id).entry.account()
        if account.household:
            raise Conflict(reason="owner_cannot_leave")
        if account.moved_to is None:
            return Outcome(None, replayed=True)
        return _parting(ports, caller, member_id, account.moved_to, now)

    settle(ports, decide, lambda: None)


def remove_from_household(
    ports: Ports, caller: Caller, owner_id: str, sharer_id: str, now: datetime
) -> None:
    """Let the account of a member who shares the owner's be its own again; nothing for one who has
    left. Raises MemberNotFound, NotFound for one who never shared it or did long ago, TryAgain."""
    own_head(ports, owner_id)

    def decide(_: Attempts) -> Plan[None] | Outcome[None]:
        if sharer_id in own_head(ports, owner_id).entry.account().household:
            return _parting(ports, caller, sharer_id, owner_id, now)
        join = last_join(ports, sharer_id)
        left = ports.ledger.operation(LEAVE, join.name) if join is not None else None
        if left is None or left.answer["to"] != owner_id:
            raise NotFound(what="household_member")
        return Outcome(None, replayed=True)

    settle(ports, decide, lambda: None)


def _parting(
    ports: Ports, caller: Caller, member_id: str, owner_id: str, now: datetime
) -> Plan[None]:
    join = last_join(ports, member_id)
    if join is None:
        raise Conflict(reason="not_in_a_household")
    cause = causes.of_operation(LEAVE, join.name)
    both = both_themselves(ports, (member_id, owner_id), cause, now)
    source, owner = both
    if member_id not in owner.account.household:
        raise Conflict(reason="not_in_a_household")
    moved = moved_of(str(join.answer["moved"]), str(join.answer["paid"]))
    pair = leave(source.account, owner.account, moved)
    left = tuple(one for one in owner.account.household if one != member_id)
    pair = Pair(pair.source, replace(pair.target, household=left))
    entries = moving_entries(both, pair, Move.LEFT, cause)
    record = OperationRecord(
        kind=LEAVE,
        name=join.name,
        fingerprint={},
        answer={
            "from": member_id,
            "to": owner_id,
            "points": 0,
            "by": caller.source,
            "at": printed(entries[-1].at),
        },
    )
    return Plan(Write((record,), entries), None)
