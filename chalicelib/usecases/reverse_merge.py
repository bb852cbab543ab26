"""Support takes a merge back: what moved moves back, and both accounts act for themselves again."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import printed
from chalicelib.domain.merging import Move, moved_of, net
from chalicelib.domain.parting import move_out
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.usecases.merge_accounts import MERGE, note_both
from chalicelib.usecases.moving import both_themselves, moving_entries
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

MERGE_END = "merge_end"


@dataclass(frozen=True, slots=True)
class Reversed:
    """points: what moved back, less the debt that moved with it. The figures are of the account
    that had stood in for the other, and of the one that acts for itself again."""

    merge_id: str
    source_id: str
    target_id: str
    points: int
    target_after: "Figures"
    source_after: "Figures"


@dataclass(frozen=True, slots=True)
class Figures:
    """Points that an account was left with."""

    available: int
    pending: int
    debt: int


def reverse_merge(
    ports: Ports, caller: Caller, merge_id: str, reason: str | None, now: datetime
) -> Outcome[Reversed]:
    """Move back what a merge had moved. It is done once; whoever asks again is told what was done.

    Raises NotFound, Conflict (`target_has_moved`: reverse that first), TryAgain.
    """
    merge = ports.ledger.operation(MERGE, merge_id)
    if merge is None:
        raise NotFound(what="merge")
    between = (str(merge.answer["from"]), str(merge.answer["to"]))
    moved = moved_of(str(merge.answer["moved"]), str(merge.answer["paid"]))
    note_both(ports, caller, "merge.reversed", between, merge_id, reason, now)

    def decide(_: Attempts) -> Plan[Reversed] | Outcome[Reversed]:
        cause = causes.of_operation(MERGE_END, merge_id)
        both = both_themselves(ports, between, cause, now)
        source, target = both
        if source.account.moved_to != target.account_id:
            raise Conflict(reason="already_reversed")
        if target.account.moved_to is not None:
            raise Conflict(reason="target_has_moved")
        after = move_out(source.account, target.account, moved, target.program, target.today)
        entries = moving_entries(both, after, Move.SEPARATED, cause)
        points = net(after.source)
        answer = _answer(merge_id, between, points, entries)
        return Plan(Write((_record(answer, caller, entries[-1].at),), entries), answer)

    def replay() -> Reversed | None:
        record = ports.ledger.operation(MERGE_END, merge_id)
        return _answered(record) if record is not None else None

    return settle(ports, decide, replay)


def _answer(
    merge_id: str, between: tuple[str, str], points: int, entries: tuple[Entry, ...]
) -> Reversed:
    source_id, target_id = between
    newest = {entry.account_id: entry for entry in entries}
    return Reversed(
        merge_id=merge_id,
        source_id=source_id,
        target_id=target_id,
        points=points,
        target_after=_figures(newest[target_id]),
        source_after=_figures(newest[source_id]),
    )


def _figures(entry: Entry) -> Figures:
    after = entry.account()
    return Figures(after.available, after.pending_points, after.debt)


def _record(answer: Reversed, caller: Caller, at: datetime) -> OperationRecord:
    source, target = answer.source_after, answer.target_after
    return OperationRecord(
        kind=MERGE_END,
        name=answer.merge_id,
        fingerprint={},
        answer={
            "from": answer.source_id,
            "to": answer.target_id,
            "points": -answer.points,  # as in the merge: what the target gained
            "by": caller.source,
            "at": printed(at),
            "available_after": target.available,
            "pending_after": target.pending,
            "debt_after": target.debt,
            "source_available_after": source.available,
            "source_pending_after": source.pending,
            "source_debt_after": source.debt,
        },
    )


def _answered(record: OperationRecord) -> Reversed:
    kept = record.answer

    def figures(of: str) -> Figures:
        names = ("available", "pending", "debt")
        return Figures(*(int(kept[f"{of}{name}_after"] or 0) for name in names))

    return Reversed(
        merge_id=record.name,
        source_id=str(kept["from"]),
        target_id=str(kept["to"]),
        points=-int(kept["points"] or 0),
        target_after=figures(""),
        source_after=figures("source_"),
    )
