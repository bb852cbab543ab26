"""How old points are: in which month the entry came that brought them.

An account's state knows lots by their last day alone. From all entries of an account it follows
what each lot is made of: what is spent goes by last day, and within a day the earliest first; what
a return takes, the newest first; what comes back from a redemption is as old as it was. Points that
another account sent are as old as their arrival. Knows no clock.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from chalicelib.domain.account import Account
from chalicelib.domain.entries import Entry, EntryKind

Parts = list[tuple[str, int]]
"""Points by the month (`2026-03`) in which they came, earliest first."""

_Key = tuple[date, date]
"""A lot: its last day (the end of time for never), and the first day it can be spent on (the
beginning of time for one that can)."""


class Ages:
    """What the lots of one account are made of, entry by entry."""

    def __init__(self) -> None:
        self._lots: dict[_Key, Parts] = {}
        self._spent: dict[str, Parts] = {}

    def follow(self, entry: Entry, month: str) -> None:
        """What an entry made of the lots. month: of its instant, in the program's zone."""
        gone, left_over = self._moved(entry.account(), entry.kind is EntryKind.RETURN)
        if entry.kind is EntryKind.REDEEM:
            self._spent[entry.cause] = gone
        if not left_over:
            return
        came = sum(self._missing(entry.account()).values())
        # What pays debt on its way in is the earliest of it, and in no lot.
        back: Parts = []
        if entry.kind is EntryKind.CANCEL:
            back = self._spent.pop(entry.cause.removesuffix(":end"), [])
        self._fill(entry.account(), _last(back, came, month))

    def fold(self, account: Account) -> None:
        """What the calendar made of the lots: the account as it is on a day."""
        self._moved(account, newest_first=False)

    def by_month(self) -> Counter[str]:
        """Points by the month in which they came."""
        sums: Counter[str] = Counter()
        for parts in self._lots.values():
            for month, points in parts:
                sums[month] += points
        return sums

    def _moved(self, after: Account, newest_first: bool) -> tuple[Parts, bool]:
        """Take out what lots have lost and put it where others have grown; what is not needed there
        is gone. Returns that, and whether lots have grown by more."""
        now = _points_by_lot(after)
        pool: Parts = []
        for key in sorted(self._lots):
            lost = sum(points for _, points in self._lots[key]) - now.get(key, 0)
            if lost > 0:
                pool += self._take(key, lost, newest_first)
        wanted = sum(self._missing(after).values())
        surplus = max(0, sum(points for _, points in pool) - wanted)
        gone, stays = _split(pool, surplus, newest_first)
        self._fill(after, stays)
        return gone, bool(self._missing(after))

    def _take(self, key: _Key, points: int, newest_first: bool) -> Parts:
        taken, rest = _split(self._lots.pop(key), points, newest_first)
        if rest:
            self._lots[key] = rest
        return taken

    def _missing(self, after: Account) -> dict[_Key, int]:
        """How many points of each lot are not accounted for yet, earliest last day first."""
        missing = {}
        for key, points in sorted(_points_by_lot(after).items()):
            short = points - sum(part for _, part in self._lots.get(key, ()))
            if short > 0:
                missing[key] = short
        return missing

    def _fill(self, after: Account, parts: Parts) -> None:
        for key, short in self._missing(after).items():
            some, parts = _split(parts, short, newest_first=False)
            if some:
                self._lots[key] = _joined([*self._lots.get(key, ()), *some])


def _points_by_lot(account: Account) -> dict[_Key, int]:
    lots = {(lot.expires_on or date.max, date.min): lot.points for lot in account.lots}
    for lot in (*account.pending, *account.withheld):
        key = lot.expires_on or date.max, lot.matures_on
        lots[key] = lots.get(key, 0) + lot.points
    return lots


def _split(parts: Parts, points: int, newest_first: bool) -> tuple[Parts, Parts]:
    """So many points of the parts, and the rest, both earliest first."""
    some: Parts = []
    rest: Parts = []
    for month, part in reversed(parts) if newest_first else parts:
        taken = min(part, points)
        points -= taken
        if taken:
            some.append((month, taken))
        if part > taken:
            rest.append((month, part - taken))
    return (some[::-1], rest[::-1]) if newest_first else (some, rest)


def _last(parts: Parts, points: int, month: str) -> Parts:
    """The latest of the parts that make so many points; of `month` what they do not make."""
    known = sum(part for _, part in parts)
    kept, _ = _split(parts, min(points, known), newest_first=True)
    return _joined([*kept, (month, points - known)]) if points > known else kept


def _joined(parts: Iterable[tuple[str, int]]) -> Parts:
    sums: Counter[str] = Counter()
    for month, points in parts:
        sums[month] += points
    return sorted(sums.items())
