"""Staff give or take points with a reason; above the program's limit a second person approves."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.adjustments import adjust
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import ConflictingReplay
from chalicelib.usecases.current import current
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, preview, settle

ADJUSTMENT = "adjustment"
ADJUSTMENT_END = "adjustment_end"


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
class Change:
    """What moves, without why."""

    member_id: str
    points: int
    allow_debt: bool


@dataclass(frozen=True, slots=True)
class Adjusted:
    """status: `done`, `awaiting_approval`, `approved` or `rejected`. account_id: the member's own,
    or the one that stands in for it. The figures are None while no points have moved."""

    adjustment_id: str
    member_id: str
    account_id: str
    status: str
    points: int
    available_after: int | None
    pending_after: int | None
    debt_after: int | None


def adjust_points(
    ports: Ports, caller: Caller, command: AdjustPoints, now: datetime, *, dry_run: bool = False
) -> Outcome[Adjusted]:
    """Adjust a member's points, or ask for approval where they are more than the limit.

    Why stands in the audit alone: it is free text, and may name somebody. Raises MemberNotFound,
    InsufficientPoints, InvalidContent, ConflictingReplay, TryAgain.
    """
    change = Change(command.member_id, command.points, command.allow_debt)
    path = f"adjust/{command.member_id}"
    adjustment_id = ports.namer.id("adj", caller.source, path, command.key)
    content = fingerprint(
        {"points": command.points, "reason": command.reason, "allow_debt": command.allow_debt}
    )

    def decide(_: Attempts) -> Plan[Adjusted]:
        limit = ports.programs.active().limits.adjustment_without_approval
        approved = abs(command.points) <= limit
        cause = causes.of_operation(ADJUSTMENT, adjustment_id)
        # Decided in any case: what would be refused needs no approval.
        decided = adjusting_entries(ports, change, cause, now)
        status, entries = ("done", decided) if approved else ("awaiting_approval", ())
        answer = adjusted(adjustment_id, change, status, entries)
        record = record_of(ADJUSTMENT, caller, change, answer, content, made_at(entries, now))
        return Plan(Write((record,), entries), answer)

    def replay() -> Adjusted | None:
        record = ports.ledger.operation(ADJUSTMENT, adjustment_id)
        if record is None:
            return None
        differs = differing(record.fingerprint, content)
        if differs:
            raise ConflictingReplay(differing=differs)
        return answered(record)

    if dry_run:
        return preview(ports, decide, replay)
    note(
        ports,
        caller,
        "points.adjusted",
        now,
        subject=adjustment_id,
        member_id=change.member_id,
        reason=command.reason,
    )
    return settle(ports, decide, replay)


def adjusting_entries(ports: Ports, change: Change, cause: str, now: datetime) -> tuple[Entry, ...]:
    """The entries that make the change. Raises MemberNotFound, InsufficientPoints."""
    at = current(ports, change.member_id, cause, now)
    after, _ = adjust(at.account, change.points, at.program, at.today, allow_debt=change.allow_debt)
    return at.entries(after, kind=EntryKind.ADJUST, cause=cause)


def made_at(entries: tuple[Entry, ...], now: datetime) -> datetime:
    """When it happened: as its entries say, where there are any."""
    return entries[-1].at if entries else now


def adjusted(
    adjustment_id: str, change: Change, status: str, entries: tuple[Entry, ...]
) -> Adjusted:
    """What is answered; with figures only where an entry moved points."""
    after = entries[-1].account() if entries else None
    return Adjusted(
        adjustment_id=adjustment_id,
        member_id=change.member_id,
        account_id=entries[-1].account_id if entries else change.member_id,
        status=status,
        points=change.points,
        available_after=after.available if after else None,
        pending_after=after.pending_points if after else None,
        debt_after=after.debt if after else None,
    )


def record_of(
    kind: str,
    caller: Caller,
    change: Change,
    answer: Adjusted,
    content: dict[str, str],
    at: datetime,
) -> OperationRecord:
    """What is kept: the answer, and what a later approval needs to know."""
    return OperationRecord(
        kind=kind,
        name=answer.adjustment_id,
        fingerprint=content,
        answer={
            "member_id": answer.member_id,
            "account_id": answer.account_id,
            "points": change.points,
            "allow_debt": int(change.allow_debt),
            "by": caller.source,
            "at": printed(at),
            "status": answer.status,
            "available_after": answer.available_after,
            "pending_after": answer.pending_after,
            "debt_after": answer.debt_after,
        },
    )


def answered(record: OperationRecord) -> Adjusted:
    """What was answered when the record was made."""
    kept = record.answer
    return Adjusted(
        adjustment_id=record.name,
        member_id=str(kept["member_id"]),
        account_id=adjusted_account(record),
        status=str(kept["status"]),
        points=int(kept["points"] or 0),
        available_after=_figure(kept["available_after"]),
        pending_after=_figure(kept["pending_after"]),
        debt_after=_figure(kept["debt_after"]),
    )


def adjusted_account(record: OperationRecord) -> str:
    """Whose points an adjustment moved. Older records name the account as the member."""
    return str(record.answer.get("account_id") or record.answer["member_id"])


def _figure(value: int | str | None) -> int | None:
    return None if value is None else int(value)
