"""Lots by the calendar: when points mature and expire, and what an account is on a day.

Days are whole days in the program's zone. No function here knows a clock: the day is an argument.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from chalicelib.domain.account import Account, Lot, PendingLot, credit, merged, spending_order
from chalicelib.domain.program import Expiry, ExpiryAlignment, ExpiryKind, Pending, Program

MOST_PENDING = 64
"""Pending lots of an account; keeps its state below its bound."""

EXPIRED_KEPT = 13
"""Last days of expired lots that are told apart for returns."""


@dataclass(frozen=True, slots=True)
class Days:
    """matures_on: the first day on which points can be spent. expires_on: the last, None: never."""

    matures_on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Folded:
    """An account as of a day, and the lots that expired on the way there."""

    account: Account
    expired: tuple[Lot, ...]


# --- what a day brings ---------------------------------------------------------------------------


def fold(account: Account, today: date) -> Folded:
    """The account as it is on a day: what is due has matured, what is over has expired.

    Maturing points pay debt first. Folding twice, or day by day, is folding once.
    """
    due = tuple(lot for lot in account.pending if lot.matures_on <= today)
    if due:
        waiting = account.pending[len(due) :]
        account = replace(account, pending=waiting)
        for lot in due:
            account, _ = credit(account, (Lot(lot.expires_on, lot.points),))
    expired = tuple(lot for lot in account.lots if spending_order(lot) < today)
    if expired:
        account = replace(
            account,
            lots=account.lots[len(expired) :],
            expired=bounded(merged(account.expired + expired)),
        )
    return Folded(account, expired)


def next_due(account: Account) -> date | None:
    """The last day of the points that expire next, pending ones too; None when none ever do."""
    days = [*(lot.expires_on for lot in account.lots), *(lot.expires_on for lot in account.pending)]
    return min((day for day in days if day), default=None)


def bounded(expired: tuple[Lot, ...]) -> tuple[Lot, ...]:
    """What has expired by its days, of which the oldest are told apart no longer when there are too
    many."""
    while len(expired) > EXPIRED_KEPT:
        oldest, second = expired[:2]
        both = Lot(second.expires_on, oldest.points + second.points)
        expired = (both, *expired[2:])
    return expired


# --- the days of new points ----------------------------------------------------------------------


def days_of(program: Program, pending: Pending | None, occurred_on: date) -> Days:
    """The days of points earned on a day. pending: the rule's own, or the program's for None."""
    waiting = pending or program.pending
    matures_on = occurred_on + timedelta(days=waiting.days)
    if waiting.until is not None:
        matures_on = max(matures_on, waiting.until)
    expires_on = expiry_of(program.expiry, occurred_on)
    return Days(matures_on, max(expires_on, matures_on) if expires_on else None)


def expiry_of(expiry: Expiry | None, day: date) -> date | None:
    """The last day of points earned on a day, or kept alive by what was done on it."""
    if expiry is None:
        return None
    reached = months_after(day, expiry.months)
    if expiry.kind is ExpiryKind.AFTER_INACTIVITY:
        return reached
    if expiry.aligned is ExpiryAlignment.YEAR_END:
        return date(reached.year, 12, 31)
    return month_end(reached)


# A purchase asks these two some sixty times, nearly always of the same days.
@lru_cache(maxsize=1_024)
def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a month that is too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=1_024)
def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


# --- points that arrive --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """pending, debt_paid: points that wait, and that paid debt, of those that arrived. held: those
    that wait for a review."""

    account: Account
    pending: int
    debt_paid: int
    held: int = 0


def receive(
    account: Account,
    program: Program,
    parts: Iterable[tuple[Days, int]],
    today: date,
    most: int = MOST_PENDING,
) -> Arrived:
    """Add points by their days: they wait, or are available and pay debt first.

    Points never arrive expired: those whose last day is over get the program's days of grace.
    most: pending lots that there can be with them; what is beyond joins the last one.
    """
    waiting: list[PendingLot] = []
    ready: list[Lot] = []
    for days, points in parts:
        if points and days.matures_on > today:
            waiting.append(PendingLot(days.matures_on, days.expires_on, points))
        elif points:
            ready.append(in_time(Lot(days.expires_on, points), program, today))
    account, debt_paid = credit(account, tuple(ready))
    account = replace(account, pending=with_pending(account.pending, waiting, most))
    return Arrived(account, sum(lot.points for lot in waiting), debt_paid)


def in_time(lot: Lot, program: Program, today: date) -> Lot:
    """A lot as it comes back or in: one whose last day is over becomes one of the grace days."""
    if lot.expires_on is None or lot.expires_on >= today:
        return lot
    return Lot(today + timedelta(days=program.grace_days), lot.points)


def come_back(
    account: Account, lots: Iterable[Lot], program: Program, today: date
) -> tuple[Lot, ...]:
    """Lots as they come back from having been spent: with their last days, or the days of grace;
    where points live on by what the member does, no shorter than its other points."""
    alive_until = None
    if lives_on(program) and account.active_on is not None:
        alive_until = expiry_of(program.expiry, account.active_on)
    return tuple(
        Lot(max(lot.expires_on, alive_until), lot.points)
        if lot.expires_on and alive_until and alive_until >= today
        else in_time(lot, program, today)
        for lot in lots
    )


def take_pending(account: Account, days: Days, points: int) -> tuple[Account, int]:
    """Take points out of what waits until a day: held ones first, and of these and the others the
    lot of the same last day first.

    Returns the account after it and how many there were.
    """
    withheld, held = _without(account.withheld, days, points)
    pending, waited = _without(account.pending, days, points - held)
    return replace(account, withheld=withheld, pending=pending), held + waited


def _without(
    waiting: tuple[PendingLot, ...], days: Days, points: int
) -> tuple[tuple[PendingLot, ...], int]:
    """Lots without points of these days, and how many there were."""
    order = sorted(
        range(len(waiting)),
        key=lambda index: (waiting[index].expires_on != days.expires_on, index),
    )
    lots: list[PendingLot | None] = list(waiting)
    left = points
    for index in order:
        lot = waiting[index]
        if lot.matures_on != days.matures_on or not left:
            continue
        part = min(lot.points, left)
        left -= part
        rest = lot.points - part
        lots[index] = replace(lot, points=rest) if rest else None
    kept = tuple(lot for lot in lots if lot is not None)
    return kept, points - left


@dataclass(frozen=True, slots=True)
class LastDays:
    """The days between which points have had their last one, None for open. Both None: never."""

    first: date | None
    last: date | None


def excuse(account: Account, days: LastDays, points: int) -> tuple[Account, int]:
    """Let points go that have expired unused, rather than take others for them.

    What expired together on a day is excused up to its sum, whoever of those it came from asks
    first. Returns the account after it and how many points were excused.
    """
    if days.first is None or not points:
        return account, 0
    kept: list[Lot] = []
    left = points
    for index, lot in enumerate(account.expired):
        day = lot.expires_on or date.max
        inside = days.first <= day <= (days.last or date.max)
        # The oldest stands for all before it, too, once days are no longer told apart.
        bundled = index == 0 and len(account.expired) == EXPIRED_KEPT and days.first < day
        part = min(lot.points, left) if inside or bundled else 0
        left -= part
        if lot.points > part:
            kept.append(Lot(lot.expires_on, lot.points - part))
    return replace(account, expired=tuple(kept)), points - left


def lives_on(program: Program) -> bool:
    """Whether points with a last day live longer by what the member does."""
    return program.expiry is not None and program.expiry.kind is ExpiryKind.AFTER_INACTIVITY


def kept_alive(account: Account, program: Program, day: date) -> Account:
    """The account after a purchase or redemption of a day: where points expire by inactivity, all
    that have a last day live on from it."""
    active_on = max(account.active_on or day, day)
    account = replace(account, active_on=active_on)
    if not lives_on(program):
        return account
    alive_until = expiry_of(program.expiry, active_on) or date.max
    lots = tuple(
        Lot(max(lot.expires_on, alive_until), lot.points) if lot.expires_on else lot
        for lot in account.lots
    )
    return replace(
        account,
        lots=merged(lots),
        pending=_living_until(alive_until, account.pending),
        withheld=_living_until(alive_until, account.withheld),
    )


def _living_until(day: date, waiting: tuple[PendingLot, ...]) -> tuple[PendingLot, ...]:
    """Lots that wait, none of which ends before a day."""
    living = (
        replace(lot, expires_on=max(lot.expires_on, day)) if lot.expires_on else lot
        for lot in waiting
    )
    return with_pending((), living)


def with_pending(
    pending: tuple[PendingLot, ...], more: Iterable[PendingLot], most: int = MOST_PENDING
) -> tuple[PendingLot, ...]:
    """Pending lots with more of them: one for each pair of days, earliest maturity first."""
    sums = {(lot.matures_on, lot.expires_on): lot.points for lot in pending}
    for lot in more:
        key = (lot.matures_on, lot.expires_on)
        if key not in sums and len(sums) >= most:
            key = max(sums, key=_maturing_order)
        sums[key] = sums.get(key, 0) + lot.points
    ordered = sorted(sums, key=_maturing_order)
    return tuple(PendingLot(*key, sums[key]) for key in ordered)


def _maturing_order(key: tuple[date, date | None]) -> tuple[date, date]:
    return key[0], key[1] or date.max
