"""What must hold of one entry by the calendar: what expired was told, and what waits still waits.

An entry does not say in which zone its day was. Where it matters by a day, what could be right is.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.domain import causes
from chalicelib.domain.account import Account, Lot, PendingLot
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.lots import fold

Said = Iterator[tuple[str, str]]
"""code and what is wrong"""


def check_calendar(before: Account, entry: Entry) -> Said:
    """Everything that is wrong with an entry by the calendar. before: the account it came to."""
    earliest = entry.at.date() - timedelta(days=1)  # the day is nowhere earlier than that
    if entry.kind is EntryKind.EXPIRE:
        yield from _expired(before, entry)
    elif fold(before, earliest).expired:
        yield "expiry_missing", "Points had expired, and another entry came before any said so."
    waiting = entry.account().pending
    if any(lot.matures_on <= earliest for lot in waiting):
        yield "waits_too_long", "Points still wait that could be spent."
    if any(lot.expires_on is not None and lot.expires_on < lot.matures_on for lot in waiting):
        yield "lots_wrong", "Points end before they can be spent."


def _expired(before: Account, entry: Entry) -> Said:
    """An entry of kind `expire` is what the account became by a day, and nothing else."""
    day = _day_of(entry)
    if day is None or abs((day - entry.at.date()).days) > 1:
        yield "expiry_wrong", "An entry of what expired names no day, or one that was not."
        return
    folded = fold(before, day)
    reasons = tuple(Why(str(lot.expires_on), -lot.points, 0) for lot in folded.expired)
    if _points(entry.account()) != _points(folded.account) or entry.why != reasons or not reasons:
        yield "expiry_wrong", "What an entry says has expired is not what had."


def _day_of(entry: Entry) -> date | None:
    try:
        day = date.fromisoformat(entry.cause.rpartition(":")[2])
    except ValueError:
        return None
    return day if entry.cause == causes.of_expiry(day) else None


def _points(
    account: Account,
) -> tuple[tuple[Lot, ...], tuple[PendingLot, ...], int, tuple[Lot, ...]]:
    return account.lots, account.pending + account.withheld, account.debt, account.expired
