"""When a product under warranty is due for service. Days alone; knows no member and no letter."""

from dataclasses import replace
from datetime import date

from chalicelib.domain.interactions import Warranty
from chalicelib.domain.lots import months_after
from chalicelib.domain.refusals import FieldError

_OLDEST = date(1950, 1, 1)


def problems_of(warranty: Warranty, today: date) -> list[FieldError]:
    """What is wrong with a warranty beyond the sizes of its fields, by pointers."""
    errors: list[FieldError] = []
    if not _OLDEST <= warranty.purchased_on <= today:
        detail = f"Write a day from {_OLDEST} until today."
        errors.append(FieldError("/purchased_on", "out_of_range", detail))
    every = warranty.service_every_months
    if every is not None and every > warranty.months:
        detail = "The first service would be after the warranty; leave it out."
        errors.append(FieldError("/service_every_months", "out_of_range", detail))
    return errors


def next_service(warranty: Warranty, after: date) -> date | None:
    """The first day of service after a day and within the warranty; None when there is none."""
    every = warranty.service_every_months
    if every is None:
        return None
    for months in range(every, warranty.months + 1, every):
        day = months_after(warranty.purchased_on, months)
        if day > after:
            return day
    return None


def service_to_tell(warranty: Warranty, today: date) -> date | None:
    """The day of service to remind of: of those that are due and not yet told the last one. None
    where the warranty is over: nobody is reminded of what it no longer covers."""
    if warranty.remind_on is None or today > months_after(warranty.purchased_on, warranty.months):
        return None
    day = warranty.remind_on
    while (later := next_service(warranty, day)) is not None and later <= today:
        day = later
    return day


def told(warranty: Warranty, day: date, today: date, by: str) -> Warranty:
    """The warranty when its member is reminded of a day of service. by: which run does it."""
    return replace(skipped(warranty, today), reminded=(*warranty.reminded, day), told_by=by)


def skipped(warranty: Warranty, today: date) -> Warranty:
    """The warranty when what is due by now is not told any more."""
    return replace(warranty, remind_on=next_service(warranty, today))
