"""Tiers: what an account's months make of it on a day. A pure function of the month buckets, so a
tier is up at once, down by the calendar, and gone with the return of what gave it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.domain.account import Account, Gift, Held, Month
from chalicelib.domain.lots import month_end, months_after
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands on a ladder on a day.

    tier_id, since: None below the lowest tier. until: the last day that the tier is sure of if
    nothing more is bought, None for ever. next_id, missing: the next higher tier and how much it
    takes, in the unit of the basis. to_keep, keep_by: what is missing to have the tier beyond
    `until`, and the last day for it; None when it is there already, or nothing ends.
    """

    tier_id: str | None
    since: date | None
    until: date | None
    next_id: str | None
    missing: int | None
    to_keep: int | None
    keep_by: date | None


def tier_on(account: Account, tiers: Tiers | None, day: date) -> Tier | None:
    """The tier of an account on a day; None below the lowest, or without tiers."""
    if tiers is None:
        return None
    return next(
        (level for level in reversed(tiers.levels) if _stands(account, tiers, level, day)), None
    )


def standing(account: Account, tiers: Tiers, day: date) -> Standing:
    """All there is to tell of an account's tier on a day (of a folded account)."""
    tier = tier_on(account, tiers, day)
    higher = tiers.levels[tiers.levels.index(tier) + 1 :] if tier else tiers.levels
    now = measured(account, tiers, day)
    until = _until(account, tiers, tier, day) if tier else None
    to_keep, keep_by = _to_keep(account, tiers, tier, until, day)
    return Standing(
        tier_id=tier.tier_id if tier else None,
        since=_since(account, tiers, tier, day) if tier else None,
        until=until,
        next_id=higher[0].tier_id if higher else None,
        missing=max(0, higher[0].threshold - now) if higher else None,
        to_keep=to_keep,
        keep_by=keep_by,
    )


def kept_since(before: Account, after: Account, tiers: Tiers | None, day: date) -> Account:
    """The account after an entry with its tier and since when: since that day where the entry has
    changed the tier. before: the account on that day without the entry."""
    tier = tier_on(after, tiers, day)
    if tier is None or tiers is None:
        return replace(after, held=None)
    stays = tier == tier_on(before, tiers, day)
    return replace(
        after, held=Held(tier.tier_id, _since(before, tiers, tier, day) if stays else day)
    )


def measured(account: Account, tiers: Tiers, day: date) -> int:
    """What counts for a tier in the window that a day is in, in the unit of the basis."""
    if tiers.window is TierWindow.SINCE_JOINING:
        life = account.lifetime
        match tiers.basis:
            case TierBasis.POINTS:
                return life.qualifying_points
            case TierBasis.SPEND:
                return life.spend_minor
            case TierBasis.VISITS:
                return life.purchases
    first = _window_start(tiers.window, day)
    inside = (month for month in account.months if first <= month.first_day <= day)
    return sum(_figure(tiers.basis, month) for month in inside)


# --- gifts ---------------------------------------------------------------------------------------


def gifts_due(account: Account, tiers: Tiers | None, day: date) -> tuple[Tier, ...]:
    """The tiers that an account has reached by a day and whose one-time gift it was never given."""
    if tiers is None:
        return ()
    given = {gift.tier_id for gift in account.gifts}
    return tuple(
        level
        for level in tiers.levels
        if level.gift_points and level.tier_id not in given and _stands(account, tiers, level, day)
    )


def gifts_lost(before: Account, after: Account, tiers: Tiers | None, day: date) -> tuple[Gift, ...]:
    """The gifts whose tier would not have been reached without what went between two accounts.

    A gift of more than 12 months ago is final: its months are not all known any more.
    """
    if tiers is None:
        return ()
    levels = {level.tier_id: level for level in tiers.levels}
    return tuple(
        gift
        for gift in before.gifts
        if (level := levels.get(gift.tier_id)) is not None
        and months_after(gift.reached_on, 12) >= day
        and _reached(before, tiers, level, gift.reached_on, day)
        and not _reached(after, tiers, level, gift.reached_on, day)
    )


def _reached(account: Account, tiers: Tiers, level: Tier, first: date, last: date) -> bool:
    """Whether some window from one day's to another's was enough for a tier."""
    return any(
        measured(account, tiers, day) >= level.threshold for day in _periods(tiers, first, last)
    )


# --- how long a tier stands ----------------------------------------------------------------------


def _stands(account: Account, tiers: Tiers, level: Tier, day: date) -> bool:
    return _last_qualified(account, tiers, level, day) is not None


def _until(account: Account, tiers: Tiers, level: Tier, day: date) -> date | None:
    """The last day of a tier that stands, days of grace included; None for ever."""
    qualified = _last_qualified(account, tiers, level, day)
    assert qualified is not None, "the tier stands"  # noqa: S101  # documentation that runs
    if tiers.window is TierWindow.ROLLING_12_MONTHS:
        # The months to come count what is there now, until it has rolled out of them.
        while measured(account, tiers, next_month := _month_after(qualified)) >= level.threshold:
            qualified = next_month
    return _with_grace(tiers, _end(tiers.window, qualified))


def _month_after(day: date) -> date:
    """The last day of the month after a day's."""
    return month_end(months_after(day.replace(day=1), 1))


def _last_qualified(account: Account, tiers: Tiers, level: Tier, day: date) -> date | None:
    """A day of the newest period that was enough for a tier and still lets it stand."""
    earliest = months_after(day - timedelta(days=tiers.grace_days), -24)
    for period in _periods(tiers, earliest, day):
        until = _with_grace(tiers, _end(tiers.window, period))
        if until is not None and until < day:
            return None
        if measured(account, tiers, period) >= level.threshold:
            return period
    return None


def _periods(tiers: Tiers, first: date, last: date) -> Iterator[date]:
    """A day in each period from that of one day to that of another, newest first: the last day of
    every month or year, but `last` itself for the newest."""
    yield last
    match tiers.window:
        case TierWindow.SINCE_JOINING:
            return
        case TierWindow.CALENDAR_YEAR:
            for year in range(last.year - 1, first.year - 1, -1):
                yield date(year, 12, 31)
        case TierWindow.ROLLING_12_MONTHS:
            months = (last.year - first.year) * 12 + last.month - first.month
            for back in range(1, months + 1):
                yield month_end(months_after(last, -back))


def _window_start(window: TierWindow, day: date) -> date:
    if window is TierWindow.CALENDAR_YEAR:
        return date(day.year, 1, 1)
    return months_after(day.replace(day=1), -11)


def _end(window: TierWindow, day: date) -> date | None:
    """The last day of what a period gives, grace left out: a month of twelve gives itself, a year
    itself and the one after."""
    match window:
        case TierWindow.SINCE_JOINING:
            return None
        case TierWindow.CALENDAR_YEAR:
            return date(day.year + 1, 12, 31)
        case TierWindow.ROLLING_12_MONTHS:
            return month_end(day)


def _with_grace(tiers: Tiers, end: date | None) -> date | None:
    return end + timedelta(days=tiers.grace_days) if end else None


def _since(account: Account, tiers: Tiers, tier: Tier, day: date) -> date:
    """Since when: as it is kept; after a fall by the calendar, since the next higher tier ended."""
    held = account.held
    if held is None or held.tier_id == tier.tier_id:
        return held.since if held else day
    order = [level.tier_id for level in tiers.levels]
    place = order.index(tier.tier_id)
    if held.tier_id in order[place + 1 :]:
        return _fell_on(account, tiers, tiers.levels[place + 1], day)
    return day


def _fell_on(account: Account, tiers: Tiers, higher: Tier, day: date) -> date:
    """The day after the last one on which a higher tier stood; `day` where it never did."""
    first = account.months[-1].first_day if account.months else day
    ends = [
        end
        for period in _periods(tiers, min(first, day), day)
        if measured(account, tiers, period) >= higher.threshold
        and (end := _with_grace(tiers, _end(tiers.window, period))) is not None
    ]
    return min(max(ends) + timedelta(days=1), day) if ends else day


def _to_keep(
    account: Account, tiers: Tiers, tier: Tier | None, until: date | None, day: date
) -> tuple[int | None, date | None]:
    """What is missing, and by when, for the period after the last one that has brought the tier."""
    if tier is None or until is None:
        return None, None
    # Once that one is over, the grace lasts for the period that runs.
    period_end = until - timedelta(days=tiers.grace_days)
    coming = day
    if tiers.window is TierWindow.ROLLING_12_MONTHS and period_end >= day:
        coming = _month_after(period_end)
    missing = tier.threshold - measured(account, tiers, coming)
    if missing <= 0:
        return None, None
    return missing, period_end if period_end >= day else until


def _figure(basis: TierBasis, month: Month) -> int:
    match basis:
        case TierBasis.POINTS:
            return month.qualifying_points
        case TierBasis.SPEND:
            return month.spend_minor
        case TierBasis.VISITS:
            return month.purchases
