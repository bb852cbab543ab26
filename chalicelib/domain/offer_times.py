"""When an offer gives something: from its launch to its end, but for its pauses, on the days and in
the hours of its schedule.

What counts is always the instant of what was bought, never of when it was posted: tills go offline
and post late. Knows no clock, and not what an offer gives.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.offers import Offer, OfferStatus, Schedule

_ONE_DAY = timedelta(days=1)


def exists(offer: Offer, at: datetime) -> bool:
    """Whether an offer was launched by an instant and not over yet: of others there is nothing to
    say."""
    if offer.launched_at is None or offer.launched_at > at:
        return False
    if offer.closes_at is None:
        return offer.status is not OfferStatus.ENDED
    return at < offer.closes_at


def is_paused(offer: Offer, at: datetime) -> bool:
    """Whether a launched offer was paused at an instant; always where it is at rest and nobody has
    written down since when."""
    if offer.is_at_rest and (not offer.pauses or offer.pauses[-1].ended_at is not None):
        return True
    return any(
        pause.began_at <= at and (pause.ended_at is None or at < pause.ended_at)
        for pause in offer.pauses
    )


def in_its_time(offer: Offer, at: datetime) -> bool:
    """Whether an instant lies after an offer's launch, within its schedule's bounds, and in none of
    its pauses."""
    starts_at = offer.schedule.starts_at
    has_begun = starts_at is None or starts_at <= at
    return has_begun and exists(offer, at) and not is_paused(offer, at)


def is_open(schedule: Schedule, local: datetime) -> bool:
    """Whether a schedule's days and hours have an instant. local: as a clock on the wall shows
    it."""
    day, minute = local.date(), local.hour * 60 + local.minute
    if not schedule.hours:
        return is_day(schedule, day)
    return any(
        (first <= minute < last and is_day(schedule, day))
        if first < last
        else (minute >= first and is_day(schedule, day))
        or (minute < last and is_day(schedule, day - _ONE_DAY))
        for first, last in schedule.hours
    )


def is_day(schedule: Schedule, day: date) -> bool:
    """Whether a schedule has some hours that begin on a day, its bounds left out."""
    return (not schedule.weekdays or day.weekday() in schedule.weekdays) and (
        not schedule.days_of_month or day.day in schedule.days_of_month
    )


def has_hours(offer: Offer, day: date, zone: str) -> bool:
    """Whether an offer gives something at some hour of a day, were it not paused."""
    schedule, here = offer.schedule, ZoneInfo(zone)
    if schedule.starts_at is not None and schedule.starts_at.astimezone(here).date() > day:
        return False
    if offer.closes_at is not None and offer.closes_at.astimezone(here).date() < day:
        return False
    over_midnight = any(first >= last for first, last in schedule.hours)
    return is_day(schedule, day) or (over_midnight and is_day(schedule, day - _ONE_DAY))


def is_open_all_day(offer: Offer, day: date, zone: str) -> bool:
    """Whether nothing of a day on which an offer gives something is left out."""
    first = datetime.combine(day, time(), ZoneInfo(zone))
    last = datetime.combine(day + _ONE_DAY, time(), ZoneInfo(zone))
    closes_late = offer.closes_at is None or offer.closes_at >= last
    pauses = any(
        pause.began_at < last and (pause.ended_at is None or first < pause.ended_at)
        for pause in offer.pauses
    )
    return not offer.schedule.hours and in_its_time(offer, first) and closes_late and not pauses
