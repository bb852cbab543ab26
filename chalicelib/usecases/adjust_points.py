"""Staff give or take points with a reason; above the program's limit a second person approves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import causes
from chalicelib.domain.adjustments import adjust
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry, EntryKind, next_entry
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    MemberNotFound,
    NotFound,
    SecondPersonRequired,
)
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, preview, settle

ADJUSTMENT = "adjustment"
ADJUSTMENT_END = "adjustment_end"
APPROVAL_DAYS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AdjustPoints:
    """points: signed. allow_debt: a negative one may go beyond what is available. key: the
    caller's idempotency key."""

    member_id: str
    points: int
    reason: str
    allow_debt: bool
    key: str


@dataclass(frozen=True, slots=True)
class Adjusted:
    """status: `done`, `awaiting_approval`, `approved` or `rejected`. The figures are None while
    no points have moved."""

    adjustment_id: str
    member_id: str
    status: str
    points: int
    available_after: int | None
    pending_after: int | None
    debt_after: int | None


def adjust_points(
    ports: Ports, caller: Caller, command: AdjustPoints, now: datetime, *, dry_run: bool = False
) -> Outcome[Adjusted]:
    """Adjust a member's points, or ask for approval where they are more than the limit.

    Raises MemberNotFound, InsufficientPoints, InvalidContent, ConflictingReplay, TryAgain.
    """
    path = f"adjust/{command.member_id}"
    adjustment_id = ports.namer.id("adj", caller.source, path, command.key)
    content = fingerprint(
        {"points": command.points, "reason": command.reason, "allow_debt": command.allow_debt}
    )

    def decide(_: Attempts) -> Plan[Adjusted]:
        limit = ports.programs.active().limits.adjustment_without_approval
        approved = abs(command.points) <= limit
        entry = _entry(ports, command, causes.of_operation(ADJUSTMENT, adjustment_id), now)
        answer = (
            _answer(adjustment_id, command, "done", entry)
            if approved
            else _answer(adjustment_id, command, "awaiting_approval", None)
        )
        record = _record(ADJUSTMENT, caller, command, answer, content, now)
        return Plan(Write((record,), (entry,) if approved else ()), answer)

    def replay() -> Adjusted | None:
        record = ports.ledger.operation(ADJUSTMENT, adjustment_id)
        if record is None:
            return None
        differs = differing(record.fingerprint, content)
        if differs:
            raise ConflictingReplay(differing=differs)
        return _answered(record)

    return (preview if dry_run else settle)(ports, decide, replay)


def decide_adjustment(
    ports: Ports, caller: Caller, adjustment_id: str, *, approve: bool, now: datetime
) -> Outcome[Adjusted]:
    """Approve or reject an adjustment that awaits it, within 7 days, by another person.

    Raises NotFound, SecondPersonRequired, Conflict, InsufficientPoints, MemberNotFound, TryAgain.
    """
    wanted = "approved" if approve else "rejected"

    def decide(_: Attempts) -> Plan[Adjusted]:
        asked = _awaiting(ports, adjustment_id, caller, now)
        ended = ports.ledger.operation(ADJUSTMENT_END, adjustment_id)
        if ended is not None:
            raise Conflict(reason=f"already_{ended.answer['status']}")
        command = _command(asked)
        cause = causes.of_operation(ADJUSTMENT_END, adjustment_id)
        entry = _entry(ports, command, cause, now) if approve else None
        answer = _answer(adjustment_id, command, wanted, entry)
        record = _record(ADJUSTMENT_END, caller, command, answer, {}, now)
        return Plan(Write((record,), (entry,) if entry else ()), answer)

    def replay() -> Adjusted | None:
        record = ports.ledger.operation(ADJUSTMENT_END, adjustment_id)
        same = record is not None and (record.answer["by"], record.answer["status"]) == (
            caller.source,
            wanted,
        )
        return _answered(record) if record is not None and same else None

    return settle(ports, decide, replay)


def _awaiting(ports: Ports, adjustment_id: str, caller: Caller, now: datetime) -> OperationRecord:
    asked = ports.ledger.operation(ADJUSTMENT, adjustment_id)
    if asked is None:
        raise NotFound(what="adjustment")
    if asked.answer["status"] != "awaiting_approval":
        raise Conflict(reason="already_done")
    if asked.answer["by"] == caller.source:
        raise SecondPersonRequired()
    if now > parsed(str(asked.answer["at"])) + APPROVAL_DAYS:
        raise Conflict(reason="approval_expired")
    return asked


def _entry(ports: Ports, command: AdjustPoints, cause: str, now: datetime) -> Entry:
    head = ports.ledger.head(command.member_id)
    if head is None:
        raise MemberNotFound()
    after, _ = adjust(head.entry.account(), command.points, allow_debt=command.allow_debt)
    return next_entry(head.entry, after, kind=EntryKind.ADJUST, cause=cause, now=now)


def _answer(
    adjustment_id: str, command: AdjustPoints, status: str, entry: Entry | None
) -> Adjusted:
    after = entry.account() if entry is not None else None
    return Adjusted(
        adjustment_id=adjustment_id,
        member_id=command.member_id,
        status=status,
        points=command.points,
        available_after=after.available if after else None,
        pending_after=after.pending_points if after else None,
        debt_after=after.debt if after else None,
    )


def _record(
    kind: str,
    caller: Caller,
    command: AdjustPoints,
    answer: Adjusted,
    content: dict[str, str],
    now: datetime,
) -> OperationRecord:
    return OperationRecord(
        kind=kind,
        name=answer.adjustment_id,
        fingerprint=content,
        answer={
            "member_id": command.member_id,
            "points": command.points,
            "reason": command.reason,
            "allow_debt": int(command.allow_debt),
            "by": caller.source,
            "at": printed(now),
            "status": answer.status,
            "available_after": answer.available_after,
            "pending_after": answer.pending_after,
            "debt_after": answer.debt_after,
        },
    )


def _command(asked: OperationRecord) -> AdjustPoints:
    kept = asked.answer
    return AdjustPoints(
        member_id=str(kept["member_id"]),
        points=int(kept["points"] or 0),
        reason=str(kept["reason"]),
        allow_debt=bool(kept["allow_debt"]),
        key="",
    )


def _answered(record: OperationRecord) -> Adjusted:
    kept = record.answer
    return Adjusted(
        adjustment_id=record.name,
        member_id=str(kept["member_id"]),
        status=str(kept["status"]),
        points=int(kept["points"] or 0),
        available_after=_figure(kept["available_after"]),
        pending_after=_figure(kept["pending_after"]),
        debt_after=_figure(kept["debt_after"]),
    )


def _figure(value: int | str | None) -> int | None:
    return None if value is None else int(value)
