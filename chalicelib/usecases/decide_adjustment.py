"""A second member of staff approves or rejects an adjustment that is above the limit."""

from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import parsed
from chalicelib.domain.refusals import Conflict, NotFound, SecondPersonRequired
from chalicelib.usecases.adjust_points import (
    ADJUSTMENT,
    ADJUSTMENT_END,
    Adjusted,
    Change,
    adjusted,
    adjusting_entries,
    answered,
    made_at,
    record_of,
)
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

APPROVAL_DAYS = timedelta(days=7)


def decide_adjustment(
    ports: Ports, caller: Caller, adjustment_id: str, *, approve: bool, now: datetime
) -> Outcome[Adjusted]:
    """Approve or reject an adjustment that awaits it, within 7 days, by another person.

    Raises NotFound, SecondPersonRequired, Conflict, InsufficientPoints, MemberNotFound, TryAgain.
    """
    wanted = "approved" if approve else "rejected"
    asked = _asked_by_another(ports, adjustment_id, caller)
    change = _change_of(asked)
    note(
        ports,
        caller,
        f"adjustment.{wanted}",
        now,
        subject=adjustment_id,
        member_id=change.member_id,
    )

    def decide(_: Attempts) -> Plan[Adjusted]:
        if now > parsed(str(asked.answer["at"])) + APPROVAL_DAYS:
            raise Conflict(reason="approval_expired")
        ended = ports.ledger.operation(ADJUSTMENT_END, adjustment_id)
        if ended is not None:
            raise Conflict(reason=f"already_{ended.answer['status']}")
        cause = causes.of_operation(ADJUSTMENT_END, adjustment_id)
        entries = adjusting_entries(ports, change, cause, now) if approve else ()
        answer = adjusted(adjustment_id, change, wanted, entries)
        record = record_of(ADJUSTMENT_END, caller, change, answer, {}, made_at(entries, now))
        return Plan(Write((record,), entries), answer)

    def replay() -> Adjusted | None:
        record = ports.ledger.operation(ADJUSTMENT_END, adjustment_id)
        same = record is not None and (record.answer["by"], record.answer["status"]) == (
            caller.source,
            wanted,
        )
        return answered(record) if record is not None and same else None

    return settle(ports, decide, replay)


def _asked_by_another(ports: Ports, adjustment_id: str, caller: Caller) -> OperationRecord:
    """The adjustment that was asked for: its record never changes, so it is read once."""
    asked = ports.ledger.operation(ADJUSTMENT, adjustment_id)
    if asked is None:
        raise NotFound(what="adjustment")
    if asked.answer["status"] != "awaiting_approval":
        raise Conflict(reason="already_done")
    if asked.answer["by"] == caller.source:
        raise SecondPersonRequired()
    return asked


def _change_of(asked: OperationRecord) -> Change:
    kept = asked.answer
    return Change(str(kept["member_id"]), int(kept["points"] or 0), bool(kept["allow_debt"]))
