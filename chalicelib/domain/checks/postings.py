"""Postings: what an entry says that its record did, and what the record says. Both must be one.

An entry and the record that made it lie in different partitions. Each is boiled down to a posting,
from what is stored alone; where the two are equal, kinds, points, figures afterwards, reasons,
lifetime sums, months and commitments all agree. This file reads entries, `record_postings.py` the
records.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.account import Account, Lifetime
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.instants import printed

Figures = tuple[int, int, int, int, int]
"""earned, redeemed, purchases, spend_minor, qualifying_points"""

NOTHING: Figures = (0, 0, 0, 0, 0)

_TAKES_FIGURES_AWAY = (EntryKind.MERGE, EntryKind.ERASE)

_MONTHS_TOLD = 24
"""How far before an entry its month is compared; an account keeps some more."""


@dataclass(frozen=True, slots=True)
class Posting:
    """cause: the key by which entries name the record.

    lifetime: what changed. month: the one whose figures changed likewise, None for none or one that
    is too old. after: available, pending, debt, None what the record does not say. use: what was
    counted against a limit. status: that the account was given.
    """

    account_id: str
    cause: str
    at: datetime
    kind: EntryKind
    points: int
    lifetime: Figures = NOTHING
    month: str | None = None
    after: tuple[int | None, int | None, int | None] = (None, None, None)
    why: tuple[Why, ...] = ()
    version: int = 0
    commitment: bytes = b""
    use: tuple[str, str] | None = None
    status: str | None = None

    @property
    def text(self) -> str:
        """Names it, for the tally."""
        return f"{self.cause}\n{self.account_id}"

    def content(self) -> bytes:
        """All that must be the same."""
        rows = [[row.rule, row.points, row.minor] for row in self.why]
        more = [self.version, self.commitment.hex(), self.use, self.status]
        at = printed(self.at)
        parts = [self.kind, at, self.points, self.lifetime, self.month, self.after, rows, *more]
        return json.dumps(parts).encode()


def place_of(text: str) -> tuple[str, str]:
    """The cause and the account that a posting's text names."""
    cause, _, account_id = text.partition("\n")
    return cause, account_id


def posting_of_entry(before: Account, entry: Entry) -> Posting | None:
    """What an entry says; None for one that no record makes (the first one, what expired)."""
    after = entry.account()
    figures = (after.available, after.pending_points, after.debt)
    changed = _lifetime_change(before.lifetime, after.lifetime)
    said: dict[str, object] = {}
    match entry.kind:
        case EntryKind.OPEN | EntryKind.EXPIRE:
            return None
        case EntryKind.MERGE | EntryKind.TRANSFER_IN | EntryKind.TRANSFER_OUT:
            pass  # of two accounts, a record says no more of either than what moved
        case EntryKind.REDEEM | EntryKind.CANCEL:
            said["after"] = (after.available, None, None)
        case EntryKind.STATUS:
            said["status"] = str(after.status)
        case _:
            said["after"] = figures
    if entry.kind is EntryKind.REDEEM:
        said["use"] = _use_counted(before, after)
    return Posting(
        account_id=entry.account_id,
        cause=entry.cause,
        at=entry.at,
        kind=entry.kind,
        points=entry.points,
        lifetime=NOTHING if entry.kind in _TAKES_FIGURES_AWAY else changed,
        month=_month_changed(before, after, entry, changed),
        why=entry.why,
        version=entry.program_version,
        commitment=entry.commitment,
        **said,  # type: ignore[arg-type]  # three of the fields, by name
    )


def _lifetime_change(before: Lifetime, after: Lifetime) -> Figures:
    return (
        after.earned - before.earned,
        after.redeemed - before.redeemed,
        after.purchases - before.purchases,
        after.spend_minor - before.spend_minor,
        after.qualifying_points - before.qualifying_points,
    )


def _use_counted(before: Account, after: Account) -> tuple[str, str] | None:
    counts = {(use.reward, use.period): use.count for use in before.uses}
    more = [
        (use.reward, use.period)
        for use in after.uses
        if use.count > counts.get((use.reward, use.period), 0)
    ]
    return more[0] if len(more) == 1 else None


def _month_changed(before: Account, after: Account, entry: Entry, changed: Figures) -> str | None:
    """The one month that changed as the lifetime did; `several` and `otherwise` fit no record.
    Whatever moved to another account, or was erased, took many with it."""
    if entry.kind in _TAKES_FIGURES_AWAY:
        return None
    was, now = _months(before), _months(after)
    oldest = oldest_told(entry.at)
    moved = {
        day: tuple(
            new - old for new, old in zip(now.get(day, _NONE), was.get(day, _NONE), strict=True)
        )
        for day in was.keys() | now.keys()
        if day >= oldest and now.get(day, _NONE) != was.get(day, _NONE)
    }
    if not moved:
        return None
    if len(moved) > 1:
        return "several"
    ((day, change),) = moved.items()
    return f"{day:%Y-%m}" if change == changed[2:] else "otherwise"


_NONE = (0, 0, 0)


def _months(account: Account) -> dict[date, tuple[int, int, int]]:
    return {
        month.first_day: (month.purchases, month.spend_minor, month.qualifying_points)
        for month in account.months
    }


def oldest_told(at: datetime) -> date:
    """The first day of the oldest month that is compared for an entry of an instant."""
    number = at.year * 12 + at.month - 1 - _MONTHS_TOLD
    return date(number // 12, number % 12 + 1, 1)
