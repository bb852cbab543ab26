"""A member joins a household by its invitation: what it has moves in, and the account is shared."""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.merging import Move, Pair, move_in, texts_of
from chalicelib.domain.names import canonical_code
from chalicelib.domain.refusals import Conflict, InvitationNotFound
from chalicelib.usecases.invite_to_household import INVITATION, check_open, invitation_name
from chalicelib.usecases.moving import Both, both_themselves, moving_entries
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.redeem_reward import check_step_up
from chalicelib.usecases.settle import Attempts, Plan, preview, settle

JOIN = "household_join"


@dataclass(frozen=True, slots=True)
class Joined:
    """The first three figures are what the member had, which moves in; the others the household's
    with it. members: how many share it then."""

    owner_id: str
    moved_available: int
    moved_pending: int
    moved_debt: int
    available_after: int
    pending_after: int
    debt_after: int
    members: int


def join_household(
    ports: Ports,
    caller: Caller,
    member_id: str,
    code: str,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Outcome[Joined]:
    """Share the account of who gave this code. The same member with the same code again is told
    what it was told.

    Raises MemberNotFound, InvitationNotFound (for a code that is unknown, late or used), Conflict
    (see `check_open`, or `already_shares`, `owns_a_household`, `same_account`, `not_verified`,
    `under_review`), StepUpRequired, TryAgain.
    """
    joining = _Joining(ports, caller, member_id, _name(ports, code), now)
    return (preview if dry_run else settle)(ports, joining.decide, joining.replay)


def _name(ports: Ports, code: str) -> str:
    try:
        return invitation_name(ports, canonical_code(code))
    except ValueError as error:
        raise InvitationNotFound() from error


class _Joining:
    """One member on its way in."""

    def __init__(
        self, ports: Ports, caller: Caller, member_id: str, name: str, now: datetime
    ) -> None:
        self._ports = ports
        self._caller = caller
        self._member_id = member_id
        self._name = name
        self._now = now

    def decide(self, _: Attempts) -> Plan[Joined]:
        owner_id = self._owner()
        cause = causes.of_operation(JOIN, self._name)
        if owner_id == self._member_id:
            raise Conflict(reason="same_account")
        both = both_themselves(self._ports, (self._member_id, owner_id), cause, self._now)
        self._check(both)
        joiner, owner = both
        pair, moved = move_in(joiner.account, owner.account, owner_id, owner.program, owner.today)
        shared = (*owner.account.household, self._member_id)
        pair = Pair(pair.source, replace(pair.target, household=shared))
        entries = moving_entries(both, pair, Move.JOINED, cause)
        answer = _answer(joiner.account, entries[-1])
        kept = _kept(answer, self._member_id, entries[-1])
        record = OperationRecord(JOIN, self._name, {}, {**kept, **texts_of(moved)})
        return Plan(Write((record,), entries), answer)

    def replay(self) -> Joined | None:
        record = self._ports.ledger.operation(JOIN, self._name)
        if record is None or record.answer["from"] != self._member_id:
            return None
        return _answered(record)

    def _owner(self) -> str:
        """Who invites by the code, as long as nobody has used it."""
        lead = self._ports.ledger.operation(INVITATION, self._name)
        if lead is None or self._now > parsed(str(lead.answer["until"])):
            raise InvitationNotFound()
        if self._ports.ledger.operation(JOIN, self._name) is not None:
            raise InvitationNotFound()
        return str(lead.answer["owner"])

    def _check(self, both: Both) -> None:
        joiner, owner = both
        joiner.require_unfrozen()
        if joiner.account.moved_to is not None:
            raise Conflict(reason="already_shares")
        if joiner.account.household:
            raise Conflict(reason="owns_a_household")
        if joiner.account.status is not AccountStatus.ACTIVE:
            raise Conflict(reason="not_verified")
        if owner.account.moved_to is not None:
            raise InvitationNotFound()
        check_open(owner)
        check_step_up(self._caller, joiner, self._now)


def _answer(joiner: Account, entry: Entry) -> Joined:
    after = entry.account()
    return Joined(
        owner_id=entry.account_id,
        moved_available=joiner.available,
        moved_pending=joiner.pending_points,
        moved_debt=joiner.debt,
        available_after=after.available,
        pending_after=after.pending_points,
        debt_after=after.debt,
        members=1 + len(after.household),
    )


def _kept(answer: Joined, member_id: str, entry: Entry) -> dict[str, int | str | None]:
    """owner_seq: from which of the household's entries on its statement is the member's, too."""
    return {
        "from": member_id,
        "to": answer.owner_id,
        "points": answer.moved_available + answer.moved_pending - answer.moved_debt,
        "at": printed(entry.at),
        "owner_seq": entry.seq,
        "moved_available": answer.moved_available,
        "moved_pending": answer.moved_pending,
        "moved_debt": answer.moved_debt,
        "available_after": answer.available_after,
        "pending_after": answer.pending_after,
        "debt_after": answer.debt_after,
        "members": answer.members,
    }


def _answered(record: OperationRecord) -> Joined:
    kept = record.answer

    def figure(name: str) -> int:
        return int(kept[name] or 0)

    return Joined(
        owner_id=str(kept["to"]),
        moved_available=figure("moved_available"),
        moved_pending=figure("moved_pending"),
        moved_debt=figure("moved_debt"),
        available_after=figure("available_after"),
        pending_after=figure("pending_after"),
        debt_after=figure("debt_after"),
        members=figure("members"),
    )
