"""Who has which tier, written down a second time: every period that counts for something is
looked at.

It must import nothing that decides about points.
"""

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from tests.property.plain_days import FOREVER, ONE_DAY, last_of_month, last_of_year, later
from tests.property.plain_member import Given, Member, month_of


@dataclass
class Period:
    """A month, a year or all time. until: the last day of what it brings. counted: in it."""

    start: date
    until: date
    counted: int


@dataclass
class Stand:
    """Where a member stands on a day. until: FOREVER where nothing ends it."""

    tier: str | None = None
    since: date | None = None
    until: date | None = None
    next: str | None = None
    missing: int | None = None
    to_keep: int | None = None
    keep_by: date | None = None


def stand(member: Member, tiers: Tiers | None, day: date) -> Stand:
    """Everything that is told of a member's tier."""
    if tiers is None:
        return Stand()
    level, periods = level_on(member, tiers, day), _periods(member, tiers, day)
    place = tiers.levels.index(level) if level else -1
    found = Stand(tier=level.tier_id if level else None)
    now = _counted(member, tiers, day)
    if place + 1 < len(tiers.levels):
        found.next = tiers.levels[place + 1].tier_id
        found.missing = tiers.levels[place + 1].threshold - now
    if level is not None:
        found.since = _since(member, tiers, place, periods, day)
        found.until = _until([*periods, *_to_come(member, tiers, level, day)], level)
        if found.until != FOREVER:
            counted = _counted_next(member, tiers, found.until, day)
            if counted < level.threshold:
                found.to_keep = level.threshold - counted
                found.keep_by = _keep_by(tiers, found.until, day)
    return found


def _to_come(member: Member, tiers: Tiers, level: Tier, day: date) -> list[Period]:
    """The months after a day that would still be enough for a tier if nothing happened in them."""
    coming: list[Period] = []
    if tiers.window is TierWindow.ROLLING_12_MONTHS:
        start = day.replace(day=1)
        while _counted(member, tiers, last_of_month(start)) >= level.threshold:
            start = later(start, 1)
            counted = _counted(member, tiers, last_of_month(start))
            coming.append(Period(start, _ends(tiers, start), counted))
    return coming


def _counted_next(member: Member, tiers: Tiers, until: date, day: date) -> int:
    """What counts for the period that could prolong a tier."""
    end = until - tiers.grace_days * ONE_DAY
    if tiers.window is TierWindow.ROLLING_12_MONTHS and end >= day:
        return _counted(member, tiers, last_of_month(end + ONE_DAY))
    return _counted(member, tiers, day)


def level_on(member: Member, tiers: Tiers | None, day: date) -> Tier | None:
    """The highest tier that some period has brought and that has not ended yet."""
    standing = levels_on(member, tiers, day)
    return standing[-1] if standing else None


def levels_on(member: Member, tiers: Tiers | None, day: date) -> list[Tier]:
    """All tiers up to that one, lowest first."""
    if tiers is None:
        return []
    periods = _periods(member, tiers, day)
    return [level for level in tiers.levels if _until(periods, level) >= day]


def gifts_lost(before: Member, after: Member, tiers: Tiers | None, day: date) -> list[Given]:
    """The gifts, not older than 12 months, of tiers that were reached before and no longer are."""
    levels = {level.tier_id: level for level in tiers.levels} if tiers else {}
    return [
        gift
        for gift in before.gifts
        if tiers
        and (level := levels.get(gift.tier_id)) is not None
        and later(gift.reached_on, 12) >= day
        and _reached(before, tiers, level, gift.reached_on, day)
        and not _reached(after, tiers, level, gift.reached_on, day)
    ]


def _reached(member: Member, tiers: Tiers, level: Tier, first: date, last: date) -> bool:
    """Whether a period was enough, of those from one day's to another's."""
    start = _period_start(tiers, first)
    periods = _periods(member, tiers, last)
    return any(period.counted >= level.threshold for period in periods if period.start >= start)


def _until(periods: list[Period], level: Tier) -> date:
    """The last day of what the best period has brought; date.min where none was enough."""
    ends = [period.until for period in periods if period.counted >= level.threshold]
    return max(ends, default=date.min)


def _periods(member: Member, tiers: Tiers, day: date) -> list[Period]:
    """Every period up to that of a day in which anything can count."""
    starts, month = {_period_start(tiers, day)}, day.replace(day=1)
    oldest = min(member.last_months(), default=month_of(day))
    while month_of(month) > oldest:
        month = (month - ONE_DAY).replace(day=1)
        starts.add(_period_start(tiers, month))
    return [
        Period(start, _ends(tiers, start), _counted(member, tiers, min(_last(tiers, start), day)))
        for start in starts
    ]


def _counted(member: Member, tiers: Tiers, day: date) -> int:
    """What counts for a tier on a day: of its year so far, of 12 months, of all time."""
    place = [TierBasis.VISITS, TierBasis.SPEND, TierBasis.POINTS].index(tiers.basis)
    if tiers.window is TierWindow.SINCE_JOINING:
        return (member.purchases, member.spend_minor, member.qualifying)[place]
    last = month_of(day)
    first = last - (11 if tiers.window is TierWindow.ROLLING_12_MONTHS else day.month - 1)
    months = member.last_months()
    return sum(months[month][place] for month in months if first <= month <= last)


def _period_start(tiers: Tiers, day: date) -> date:
    if tiers.window is TierWindow.ROLLING_12_MONTHS:
        return day.replace(day=1)
    return date(day.year, 1, 1) if tiers.window is TierWindow.CALENDAR_YEAR else date.min


def _last(tiers: Tiers, start: date) -> date:
    """The last day of a period."""
    if tiers.window is TierWindow.ROLLING_12_MONTHS:
        return last_of_month(start)
    return last_of_year(start) if tiers.window is TierWindow.CALENDAR_YEAR else FOREVER


def _ends(tiers: Tiers, start: date) -> date:
    """A month's tier lasts to its end, a year's one year more; then come the days of grace."""
    if tiers.window is TierWindow.SINCE_JOINING:
        return FOREVER
    if tiers.window is TierWindow.ROLLING_12_MONTHS:
        return last_of_month(start) + tiers.grace_days * ONE_DAY
    return _last(tiers, later(start, 12)) + tiers.grace_days * ONE_DAY


def _keep_by(tiers: Tiers, until: date, day: date) -> date:
    """The last day of what can still prolong the tier: grace counts only once it runs."""
    before_grace = until - tiers.grace_days * ONE_DAY
    return before_grace if before_grace >= day else until


def _since(member: Member, tiers: Tiers, place: int, periods: list[Period], day: date) -> date:
    """As it was written; or since the next higher tier ended, for which nothing was written."""
    level = tiers.levels[place]
    if member.tier is None or member.tier[0] == level.tier_id:
        return member.tier[1] if member.tier else day
    order = [other.tier_id for other in tiers.levels]
    if member.tier[0] in order and order.index(member.tier[0]) > place:
        ended = _until(periods, tiers.levels[place + 1])
        return min(ended + ONE_DAY, day) if ended > date.min else day
    return day
