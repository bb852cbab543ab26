"""An account's status changes, as an entry like everything else that happens to it."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.instants import printed
from chalicelib.usecases.current import as_of_one_now, own_head
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

STATUS = "status"


def change_status(
    ports: Ports, member_id: str, status: AccountStatus, cause: tuple[str, ...], now: datetime
) -> Outcome[AccountStatus]:
    """Give a member's account a status, and the one that stands in for it; once for each cause, and
    without an entry where an account has it already.

    cause: the parts that name why, such as the code that was verified. Raises MemberNotFound,
    TryAgain.
    """
    changed = _change(ports, member_id, status, cause, now)
    moved_to = own_head(ports, member_id).entry.account().moved_to
    if moved_to is None:
        return changed
    return change_status(ports, moved_to, status, cause, now)


def _change(
    ports: Ports, account_id: str, status: AccountStatus, cause: tuple[str, ...], now: datetime
) -> Outcome[AccountStatus]:
    name = ports.namer.name(STATUS, account_id, *cause)

    def decide(_: Attempts) -> Plan[AccountStatus] | Outcome[AccountStatus]:
        own = causes.of_operation(STATUS, name)
        [at] = as_of_one_now(ports, [(own_head(ports, account_id), own)], now)
        if at.account.status is status:
            return Outcome(status)
        after = replace(at.account, status=status)
        entries = at.entries(after, kind=EntryKind.STATUS, cause=own)
        answer = {
            "member_id": at.account_id,
            "status": str(status),
            "at": printed(entries[-1].at),
        }
        record = OperationRecord(STATUS, name, {}, {**answer})
        return Plan(Write((record,), entries), status)

    def replay() -> AccountStatus | None:
        return status if ports.ledger.operation(STATUS, name) is not None else None

    return settle(ports, decide, replay)
