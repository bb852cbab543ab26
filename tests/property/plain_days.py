"""The calendar of points, written down a second time: found by walking over days, not computed.

It must import nothing that decides about points.
"""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from chalicelib.domain.program import (
    EarningRule,
    Expiry,
    ExpiryAlignment,
    ExpiryKind,
    Pending,
    Program,
)

ONE_DAY = timedelta(days=1)
FOREVER = date.max
"""The last day of points that never expire."""


def day_of(at: datetime, program: Program) -> date:
    """The day of an instant where the program is at home."""
    return at.astimezone(ZoneInfo(program.zone)).date()


@cache
def later(day: date, months: int) -> date:
    """The same day so many months later; the last one of a month that has no such day."""
    month = day.replace(day=1)
    for _ in range(months):
        month = last_of_month(month) + ONE_DAY
    return min(month + (day.day - 1) * ONE_DAY, last_of_month(month))


@cache
def last_of_month(day: date) -> date:
    while (day + ONE_DAY).month == day.month:
        day += ONE_DAY
    return day


def last_of_year(day: date) -> date:
    return date(day.year, 12, 31)


def first_day(program: Program, pending: Pending | None, earned_on: date) -> date:
    """The first day on which points can be spent that were earned on a day."""
    waiting = program.pending if pending is None else pending
    return max(earned_on + waiting.days * ONE_DAY, waiting.until or earned_on)


def last_day(expiry: Expiry | None, earned_on: date) -> date:
    """The last day on which they can, wherever they have to wait."""
    if expiry is None:
        return FOREVER
    day = later(earned_on, expiry.months)
    if expiry.kind is ExpiryKind.AFTER_INACTIVITY:
        return day
    return last_of_month(day) if expiry.aligned is ExpiryAlignment.MONTH_END else last_of_year(day)


def both_days(program: Program, rule: EarningRule | None, earned_on: date) -> tuple[date, date]:
    """The first and the last day of points that a rule gave (the base rate, a tier: None)."""
    first = first_day(program, rule.pending if rule else None, earned_on)
    return first, max(first, last_day(program.expiry, earned_on))


def fades(program: Program) -> bool:
    """Whether points live as long as the member does something."""
    return program.expiry is not None and program.expiry.kind is ExpiryKind.AFTER_INACTIVITY
