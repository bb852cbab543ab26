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


def last_service(warranty: Warranty, until: date) -> date | None:
    """The last day of service until a day: the one to remind of where several have passed."""
    every = warranty.service_every_months or 0
    passed = [
        day
        for months in range(every, warranty.months + 1, every)
        if (day := months_after(warranty.purchased_on, months)) <= until
    ]
    return passed[-1] if passed else None


def after_service(warranty: Warranty, today: date, reminded_of: date | None) -> Warranty:
    """The warranty when its member was told of a day of service, or there was none to tell of;
    what else has passed by today is not told any more."""
    told = warranty.reminded if reminded_of is None else (*warranty.reminded, reminded_of)
    return replace(warranty, remind_on=next_service(warranty, today), reminded=told)
