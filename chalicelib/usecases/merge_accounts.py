"""Support brings two accounts of one person together: one of them stands in for the other."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.instants import printed
from chalicelib.domain.merging import Move, move_in, net, texts_of
from chalicelib.domain.refusals import Conflict, ConflictingReplay
from chalicelib.usecases.current import Current
from chalicelib.usecases.moving import both_themselves, moving_entries
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, preview, settle

MERGE = "merge"

MOST_MERGED = 20
"""Accounts that one can stand in for when another is merged into it. They may stand in a chain, and
who writes for the first reads all of them, and writes only while each of them stands."""


@dataclass(frozen=True, slots=True)
class MergeAccounts:
    """source_id: whose account moves into that of target_id. reason: for the audit alone. key: the
    caller's idempotency key."""

    target_id: str
    source_id: str
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class Merged:
    """points: what moved, less the debt that moved with it. The figures are the target's."""

    merge_id: str
    source_id: str
    target_id: str
    points: int
    available_after: int
    pending_after: int
    debt_after: int


def merge_accounts(
    ports: Ports, caller: Caller, command: MergeAccounts, now: datetime, *, dry_run: bool = False
) -> Outcome[Merged]:
    """Move all that one account has into another, which stands in for it from then on.

    Raises MemberNotFound, Conflict (`same_account`, `source_has_moved`, `target_has_moved`,
    `source_has_household`, `target_not_active`, `too_many_merged`, `under_review`),
    ConflictingReplay,
    InvalidContent, TryAgain.
    """
    merging = _Merging(ports, caller, command, now)
    if dry_run:
        return preview(ports, merging.decide, merging.replay)
    named = merging.between, merging.merge_id
    note_both(ports, caller, "accounts.merged", *named, command.reason, now)
    return settle(ports, merging.decide, merging.replay)


def note_both(
    ports: Ports,
    caller: Caller,
    action: str,
    between: tuple[str, str],
    merge_id: str,
    reason: str | None,
    now: datetime,
) -> None:
    """Record what is done to two accounts for each, so that whoever asks for either finds it."""
    for member_id in between:
        note(ports, caller, action, now, subject=merge_id, member_id=member_id, reason=reason)


class _Merging:
    """One merge on its way."""

    def __init__(self, ports: Ports, caller: Caller, command: MergeAccounts, now: datetime) -> None:
        self._ports = ports
        self._now = now
        self._by = caller.source
        self.between = (command.source_id, command.target_id)
        path = f"merge/{command.target_id}"
        self.merge_id = ports.namer.id("mrg", caller.source, path, command.key)
        self._content = fingerprint({"from": command.source_id, "reason": command.reason})

    def decide(self, _: Attempts) -> Plan[Merged]:
        source_id, target_id = self.between
        if source_id == target_id:
            raise Conflict(reason="same_account")
        cause = causes.of_operation(MERGE, self.merge_id)
        source, target = both_themselves(self._ports, self.between, cause, self._now)
        _check_both(source, target)
        pair, moved = move_in(
            source.account, target.account, target_id, target.program, target.today
        )
        points = net(source.account)
        entries = moving_entries((source, target), pair, Move.MERGED, cause)
        answer = _answer(self.merge_id, source_id, points, entries[-1])
        kept = _kept(answer, self._by, entries[-1])
        record = OperationRecord(MERGE, self.merge_id, self._content, {**kept, **texts_of(moved)})
        return Plan(Write((record,), entries), answer)

    def replay(self) -> Merged | None:
        record = self._ports.ledger.operation(MERGE, self.merge_id)
        if record is None:
            return None
        differs = differing(record.fingerprint, self._content)
        if differs:
            raise ConflictingReplay(differing=differs)
        return answered(record)


def _check_both(source: Current, target: Current) -> None:
    """Each must act for itself, so that no chain of them ever comes back to where it began."""
    source.require_unfrozen()
    target.require_unfrozen()
    if source.account.moved_to is not None:
        raise Conflict(reason="source_has_moved")
    if target.account.moved_to is not None:
        raise Conflict(reason="target_has_moved")
    if source.account.household:
        raise Conflict(reason="source_has_household")
    if source.account.sharers + target.account.sharers >= MOST_MERGED:
        raise Conflict(reason="too_many_merged")
    active = AccountStatus.ACTIVE
    if source.account.status is active and target.account.status is not active:
        raise Conflict(reason="target_not_active")


def _answer(merge_id: str, source_id: str, points: int, entry: Entry) -> Merged:
    after = entry.account()
    return Merged(
        merge_id=merge_id,
        source_id=source_id,
        target_id=entry.account_id,
        points=points,
        available_after=after.available,
        pending_after=after.pending_points,
        debt_after=after.debt,
    )


def _kept(answer: Merged, by: str, entry: Entry) -> dict[str, int | str | None]:
    return {
        "from": answer.source_id,
        "to": answer.target_id,
        "points": answer.points,
        "by": by,
        "at": printed(entry.at),
        "to_seq": entry.seq,
        "available_after": answer.available_after,
        "pending_after": answer.pending_after,
        "debt_after": answer.debt_after,
    }


def answered(record: OperationRecord) -> Merged:
    """What was answered when the record was made."""
    kept = record.answer
    return Merged(
        merge_id=record.name,
        source_id=str(kept["from"]),
        target_id=str(kept["to"]),
        points=int(kept["points"] or 0),
        available_after=int(kept["available_after"] or 0),
        pending_after=int(kept["pending_after"] or 0),
        debt_after=int(kept["debt_after"] or 0),
    )
