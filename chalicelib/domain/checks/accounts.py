"""What must hold within one account: its numbers, its chain, its figures, what expired.

Shown all entries of an account in their order. Must not know the records that made them.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from chalicelib.domain import causes
from chalicelib.domain.account import Account, Lot, PendingLot, spending_order
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.entries import (
    Entry,
    EntryKind,
    Why,
    chained_hash,
    first_previous_hash,
)
from chalicelib.domain.lots import fold
from chalicelib.domain.packing import LARGEST_BYTES

_EXPLAINED = (EntryKind.EARN, EntryKind.RETURN, EntryKind.REDEEM, EntryKind.CANCEL)
"""Kinds whose reasons add up to their points."""


def check_account(
    key: str, account_id: str, entries: Sequence[Entry], events: frozenset[int]
) -> Iterator[Breach]:
    """Everything that is wrong within an account.

    key: of its partition. events: the numbers of the entries that are marked as an event.
    """
    before = _Before(0, None, first_previous_hash(account_id), Account())
    for place, entry in enumerate(entries):
        follower = entries[place + 1] if place + 1 < len(entries) else None
        for code, what in _entry(before, entry, events, follower):
            yield Breach(code, what, key, entry.seq)
        before = _Before(entry.seq, entry, entry.hash, entry.account())


class _Before:
    """What the entry before left."""

    __slots__ = ("account", "entry", "hash", "seq")

    def __init__(self, seq: int, entry: Entry | None, digest: bytes, account: Account) -> None:
        self.seq, self.entry, self.hash, self.account = seq, entry, digest, account


Said = Iterator[tuple[str, str]]
"""code and what is wrong"""


def _entry(before: _Before, entry: Entry, events: frozenset[int], follower: Entry | None) -> Said:
    if entry.seq != before.seq + 1:
        yield "number_missing", "The entries are not numbered without a gap."
    if (entry.kind is EntryKind.OPEN) != (entry.seq == 1):
        yield "not_opened_once", "The first entry, and no other, opens an account."
    if before.entry is not None and entry.at < before.entry.at:
        yield "time_went_back", "An entry is older than the one before it."
    yield from _chain(before, entry)
    yield from _figures(before.account, entry)
    if entry.kind is EntryKind.EXPIRE:
        yield from _expiry(before.account, entry)
    if entry.kind in _EXPLAINED and sum(row.points for row in entry.why) != entry.points:
        yield "reasons_differ", "The reasons of an entry do not add up to its points."
    yield from _event(entry, events, follower)


def _chain(before: _Before, entry: Entry) -> Said:
    if entry.hash != chained_hash(entry):
        yield "hash_wrong", "An entry is not what its hash was made of."
    if entry.previous_hash != before.hash:
        yield "chain_broken", "An entry does not follow the hash of the one before it."


def _figures(before: Account, entry: Entry) -> Said:
    after = entry.account()
    changes = (
        after.available - before.available,
        after.pending_points - before.pending_points,
        after.debt - before.debt,
    )
    if changes != (entry.available, entry.pending, entry.debt):
        yield "changes_wrong", "An entry's changes do not lead from one account to the next."
    if len(entry.state.encode()) > LARGEST_BYTES:
        yield "state_too_large", "The stored account is larger than it may be."
    if _has_negative(after):
        yield "figure_negative", "A month, a lifetime sum or a use is below zero."
    if not _in_order(after):
        yield "lots_wrong", "Lots are not in their order, or two of them have the same days."
    if not _foldable(after):
        yield "not_foldable", "Letting time pass makes or loses points."


def _has_negative(account: Account) -> bool:
    life = account.lifetime
    figures = [life.earned, life.redeemed, life.purchases, life.spend_minor]
    for month in account.months:
        figures += (month.purchases, month.spend_minor, month.qualifying_points)
    figures += (use.count for use in account.uses)
    figures += (lot.points for lot in account.expired)
    return min(figures) < 0


def _in_order(account: Account) -> bool:
    lots = [spending_order(lot) for lot in account.lots]
    expired = [spending_order(lot) for lot in account.expired]
    pending = [_maturing_order(lot) for lot in account.pending]
    return all(days == sorted(set(days)) for days in (lots, expired)) and pending == sorted(
        set(pending)
    )


def _maturing_order(lot: PendingLot) -> tuple[date, date]:
    return lot.matures_on, lot.expires_on or date.max


def _foldable(account: Account) -> bool:
    """Whether all that waits and expires from here on adds up to what there is."""
    later = fold(account, date.max)
    left = later.account.available - later.account.debt + sum(lot.points for lot in later.expired)
    return left == account.available + account.pending_points - account.debt


# --- what expired --------------------------------------------------------------------------------


def _expiry(before: Account, entry: Entry) -> Said:
    """An entry of kind `expire` is what the account became by a day, and nothing else."""
    day = _day_of(entry)
    if day is None or abs((day - entry.at.date()).days) > 1:
        yield "expiry_wrong", "An entry of what expired names no day, or one that was not."
        return
    folded = fold(before, day)
    if _points(entry.account()) != _points(folded.account) or entry.why != _reasons(folded.expired):
        yield "expiry_wrong", "What an entry says has expired is not what had."


def _day_of(entry: Entry) -> date | None:
    try:
        day = date.fromisoformat(entry.cause.rpartition(":")[2])
    except ValueError:
        return None
    return day if entry.cause == causes.of_expiry(day) else None


def _points(account: Account) -> tuple[tuple[Lot, ...], tuple[PendingLot, ...], int]:
    return account.lots, account.pending, account.debt


def _reasons(expired: tuple[Lot, ...]) -> tuple[Why, ...]:
    return tuple(Why(str(lot.expires_on), -lot.points, 0) for lot in expired)


# --- events --------------------------------------------------------------------------------------


def _event(entry: Entry, events: frozenset[int], follower: Entry | None) -> Said:
    """An entry is the event of its operation; what had expired may stand before another's."""
    goes_with_next = follower is not None and follower.at == entry.at
    if entry.seq not in events and not (entry.kind is EntryKind.EXPIRE and goes_with_next):
        yield "event_missing", "Nothing of an operation is marked as its event."
