"""An account's status changes, as an entry like everything else that happens to it."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.instants import printed
from chalicelib.domain.reach import SILENT
from chalicelib.usecases.current import as_of_one_now, own_head
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, ReachChange, Write
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.settle import Attempts, Plan, settle

STATUS = "status"


def change_status(
    ports: Ports, member_id: str, status: AccountStatus, cause: tuple[str, ...], now: datetime
) -> Outcome[AccountStatus]:
    """Give a member's account a status, and the one that stands in for it; once for each cause, and
    without an entry where an account has it already, or is frozen.

    cause: the parts that name why, such as the code that was verified. Raises MemberNotFound,
    TryAgain.
    """
    changed = change_own_status(ports, member_id, status, cause, now)
    moved_to = own_head(ports, member_id).entry.account().moved_to
    if moved_to is None:
        return changed
    return change_status(ports, moved_to, status, cause, now)


def change_own_status(
    ports: Ports,
    account_id: str,
    status: AccountStatus,
    cause: tuple[str, ...],
    now: datetime,
    *,
    thaws: bool = False,
) -> Outcome[AccountStatus]:
    """The same of one account alone. thaws: a frozen one, too. Raises MemberNotFound, TryAgain."""
    name = ports.namer.name(STATUS, account_id, *cause)

    def decide(_: Attempts) -> Plan[AccountStatus] | Outcome[AccountStatus]:
        own = causes.of_operation(STATUS, name)
        [at] = as_of_one_now(ports, [(own_head(ports, account_id), own)], now)
        if at.account.status is status or (at.frozen and not thaws):
            return Outcome(at.account.status)
        after = replace(at.account, status=status)
        entries = at.entries(after, kind=EntryKind.STATUS, cause=own)
        answer = {
            "member_id": at.account_id,
            "status": str(status),
            "at": printed(entries[-1].at),
        }
        record = OperationRecord(STATUS, name, {}, {**answer})
        reach = _reach(ports, account_id, at.account.status, status)
        return Plan(Write((record,), entries, reach=reach), status)

    def replay() -> AccountStatus | None:
        return status if ports.ledger.operation(STATUS, name) is not None else None

    return settle(ports, decide, replay)


def _reach(
    ports: Ports, member_id: str, before: AccountStatus, after: AccountStatus
) -> dict[str, ReachChange]:
    """Whom a frozen account belongs to is in no audience, from the same moment on."""
    if (before in SILENT) is (after in SILENT):
        return {}
    return {member_id: reach_change(reach_of(ports, member_id), status=after)}
