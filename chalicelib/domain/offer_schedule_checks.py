"""What an offer's schedule must keep to: bounds in order, hours that are hours, and some instant at
which all of it is true."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.field_checks import in_range
from chalicelib.domain.offer_times import is_day
from chalicelib.domain.offers import Schedule
from chalicelib.domain.refusals import FieldError

MOST_HOURS = 10
"""Windows a day."""
DAY_MINUTES = 1_440
FIRST_YEAR, LAST_YEAR = 2000, 2200
_LONGEST_SEARCH_DAYS = 3_660
"""In ten years every weekday has been every day of the month."""


def schedule_problems(schedule: Schedule, zone: str) -> list[FieldError]:
    """Everything wrong with a schedule. zone: of the program."""
    errors = [*_years(schedule), *_days(schedule), *_hours(schedule)]
    starts_at, ends_at = schedule.starts_at, schedule.ends_at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        detail = "An offer ends after it starts."
        errors.append(FieldError("/schedule/ends_at", "before_start", detail))
    if not errors and not _is_ever_open(schedule, zone):
        detail = "No instant between starts_at and ends_at has these weekdays, days and hours."
        errors.append(FieldError("/schedule", "never_open", detail))
    return errors


def over_already(schedule: Schedule, now: datetime) -> list[FieldError]:
    """What is wrong with launching an offer now: it must have some time left."""
    if schedule.ends_at is None or now < schedule.ends_at:
        return []
    return [FieldError("/schedule/ends_at", "in_the_past", "It would be over already.")]


def _years(schedule: Schedule) -> Iterator[FieldError]:
    """Near the ends of the calendar an instant has no day in some zones."""
    for name, at in (("starts_at", schedule.starts_at), ("ends_at", schedule.ends_at)):
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            detail = f"Write an instant of the years {FIRST_YEAR} to {LAST_YEAR}, or null."
            yield FieldError(f"/schedule/{name}", "out_of_range", detail)


def _days(schedule: Schedule) -> Iterator[FieldError]:
    if any(not 0 <= day <= 6 for day in schedule.weekdays):
        yield FieldError("/schedule/weekdays", "out_of_range", "A week has the days mon to sun.")
    if any(not 1 <= day <= 31 for day in schedule.days_of_month):
        yield FieldError("/schedule/days_of_month", "out_of_range", "Write days of 1 to 31.")


def _hours(schedule: Schedule) -> Iterator[FieldError]:
    if len(schedule.hours) > MOST_HOURS:
        yield FieldError("/schedule/hours", "too_many", f"At most {MOST_HOURS} of these.")
    for index, (first, last) in enumerate(schedule.hours):
        pointer = f"/schedule/hours/{index}"
        yield from in_range(first, f"{pointer}/from", 0, DAY_MINUTES - 1)
        yield from in_range(last, f"{pointer}/to", 0, DAY_MINUTES)
        if first == last:
            detail = "Hours end at another time than they begin; leave them out for all day."
            yield FieldError(f"{pointer}/to", "empty", detail)
        elif any(_overlap((first, last), other) for other in schedule.hours[:index]):
            yield FieldError(pointer, "overlaps", "These hours are named twice.")


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(
        first < other_last and other_first < last
        for first, last in _within_a_day(one)
        for other_first, other_last in _within_a_day(other)
    )


def _within_a_day(hours: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    first, last = hours
    return ((first, last),) if first < last else ((first, DAY_MINUTES), (0, last))


def _is_ever_open(schedule: Schedule, zone: str) -> bool:
    """Whether the bounds and some window have an instant in common, as clocks on the wall go."""
    if schedule.starts_at is None or schedule.ends_at is None:
        return True
    here = ZoneInfo(zone)
    starts = schedule.starts_at.astimezone(here).replace(tzinfo=None)
    ends = schedule.ends_at.astimezone(here).replace(tzinfo=None)
    # Hours that wrap midnight can have begun on the day before.
    first = starts.date() - timedelta(days=1)
    days = min((ends.date() - first).days, _LONGEST_SEARCH_DAYS)
    return any(
        window_start < ends and starts < window_end
        for day in (first + timedelta(days=after) for after in range(days + 1))
        if is_day(schedule, day)
        for window_start, window_end in _windows(schedule, day)
    )


def _windows(schedule: Schedule, day: date) -> Iterator[tuple[datetime, datetime]]:
    midnight = datetime.combine(day, time())
    for first, last in schedule.hours or ((0, DAY_MINUTES),):
        end = last if first < last else last + DAY_MINUTES
        yield midnight + timedelta(minutes=first), midnight + timedelta(minutes=end)
