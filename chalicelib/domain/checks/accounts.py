"""What must hold within one account: its numbers, its chain, its figures.

Shown all entries of an account in their order. Must not know the records that made them.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from chalicelib.domain.account import Account, AccountStatus, PendingLot, spending_order
from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.checks.calendar import Said, check_calendar
from chalicelib.domain.earning import GIFT
from chalicelib.domain.entries import Entry, EntryKind, chained_hash, first_previous_hash
from chalicelib.domain.lots import fold
from chalicelib.domain.packing import WIDEST_BYTES

_EXPLAINED = frozenset(EntryKind) - {EntryKind.ADJUST}
"""Kinds whose reasons add up to their points; those of an adjustment stand in the audit."""

_FORGETS = (EntryKind.MERGE, EntryKind.ERASE)
"""Kinds after which an account remembers other gifts than before without having given any."""


def check_account(
    key: str, account_id: str, entries: Sequence[Entry], events: frozenset[int]
) -> Iterator[Breach]:
    """Everything that is wrong within an account.

    key: of its partition. events: the numbers of the entries that are marked as an event.
    """
    before = _Before(0, None, first_previous_hash(account_id), Account())
    alone = True
    for entry in entries:
        alone = alone and entry.kind is not EntryKind.MERGE
        for code, what in _entry(before, entry, events):
            yield Breach(code, what, key, entry.seq)
        if alone and _has_negative(entry.account()):
            yield Breach("figure_negative", "A month or a sum is below zero.", key, entry.seq)
        before = _Before(entry.seq, entry, entry.hash, entry.account())


class _Before:
    """What the entry before left."""

    __slots__ = ("account", "entry", "hash", "seq")

    def __init__(self, seq: int, entry: Entry | None, digest: bytes, account: Account) -> None:
        self.seq, self.entry, self.hash, self.account = seq, entry, digest, account


def _entry(before: _Before, entry: Entry, events: frozenset[int]) -> Said:
    if entry.seq != before.seq + 1:
        yield "number_missing", "The entries are not numbered without a gap."
    if (entry.kind is EntryKind.OPEN) != (entry.seq == 1):
        yield "not_opened_once", "The first entry, and no other, opens an account."
    if before.entry is not None and entry.at < before.entry.at:
        yield "time_went_back", "An entry is older than the one before it."
    yield from _chain(before, entry)
    yield from _figures(before.account, entry)
    yield from check_calendar(before.account, entry)
    if entry.kind in _EXPLAINED and sum(row.points for row in entry.why) != entry.points:
        yield "reasons_differ", "The reasons of an entry do not add up to its points."
    if entry.kind not in _FORGETS and _gifts(entry) != _remembered(before.account, entry):
        yield "gifts_differ", "Gifts that an account remembers are not those it was given."
    yield from _event(entry, events)
    yield from _erasure(before.account, entry)


def _erasure(before: Account, entry: Entry) -> Said:
    if before.status is AccountStatus.ERASED:
        yield "written_after_erasure", "An account that was erased has got another entry."
    if entry.kind is EntryKind.ERASE and entry.account() != Account(status=AccountStatus.ERASED):
        yield "not_erased", "An account holds something beyond its erasure."


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
    if len(entry.state.encode()) > WIDEST_BYTES:
        yield "state_too_large", "The stored account is larger than it may be."
    if any(figure.count < 0 for figure in after.uses) or any(
        lot.points < 0 for lot in after.expired
    ):
        yield "figure_negative", "A use, or what expired, is below zero."
    if not _in_order(after):
        yield "lots_wrong", "Lots are not in their order, or two of them have the same days."
    if not _foldable(after):
        yield "not_foldable", "Letting time pass makes or loses points."


def _has_negative(account: Account) -> bool:
    """Of an account whose figures never moved to another one."""
    life = account.lifetime
    figures = [life.earned, life.redeemed, life.purchases, life.spend_minor]
    for month in account.months:
        figures += (month.purchases, month.spend_minor, month.qualifying_points)
    return min(figures) < 0


def _gifts(entry: Entry) -> int:
    """Points of gifts that an entry gave, less those it took."""
    return sum(row.points for row in entry.why if row.rule.startswith(GIFT))


def _remembered(before: Account, entry: Entry) -> int:
    gifts = entry.account().gifts
    return sum(gift.points for gift in gifts) - sum(gift.points for gift in before.gifts)


def _in_order(account: Account) -> bool:
    lots = [spending_order(lot) for lot in account.lots]
    expired = [spending_order(lot) for lot in account.expired]
    pending = [_maturing_order(lot) for lot in account.pending]
    held = [_maturing_order(lot) for lot in account.withheld]
    return all(days == sorted(set(days)) for days in (lots, expired)) and all(
        days == sorted(set(days)) for days in (pending, held)
    )


def _maturing_order(lot: PendingLot) -> tuple[date, date]:
    return lot.matures_on, lot.expires_on or date.max


def _foldable(account: Account) -> bool:
    """Whether all that waits and expires from here on adds up to what there is."""
    later = fold(account, date.max)
    left = later.account.available - later.account.debt + sum(lot.points for lot in later.expired)
    left += account.withheld_points  # the calendar makes nothing of them
    return left == account.available + account.pending_points - account.debt


# --- events --------------------------------------------------------------------------------------


def _event(entry: Entry, events: frozenset[int]) -> Said:
    """An entry is the event of its operation; what has expired is one of the calendar's."""
    if entry.seq not in events:
        yield "event_missing", "Nothing of an operation is marked as its event."
