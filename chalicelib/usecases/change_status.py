"""An account's status changes, as an entry like everything else that happens to it."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.usecases.current_head import current_head
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

STATUS = "status"


def change_status(
    ports: Ports, member_id: str, status: AccountStatus, cause: tuple[str, ...], now: datetime
) -> Outcome[AccountStatus]:
    """Give an account a status; once for each cause, and without an entry where it has it already.

    cause: the parts that name why, such as the code that was verified. Raises MemberNotFound,
    TryAgain.
    """
    name = ports.namer.name(STATUS, member_id, *cause)

    def decide(_: Attempts) -> Plan[AccountStatus] | Outcome[AccountStatus]:
        own = causes.of_operation(STATUS, name)
        head = current_head(ports, member_id, own)
        account = head.entry.account()
        if account.status is status:
            return Outcome(status)
        entry = next_entry(
            head.entry,
            replace(account, status=status),
            kind=EntryKind.STATUS,
            cause=own,
            now=now,
        )
        record = OperationRecord(STATUS, name, {}, {"status": status})
        return Plan(Write((record,), (entry,)), status)

    def replay() -> AccountStatus | None:
        return status if ports.ledger.operation(STATUS, name) is not None else None

    return settle(ports, decide, replay)
