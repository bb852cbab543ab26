"""How long a program keeps members of whom nothing is heard. Values alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.field_checks import in_range
from chalicelib.domain.refusals import FieldError

MOST_MONTHS = 120
MOST_WARN_DAYS = 365
MOST_UNVERIFIED_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Retention:
    """inactive_months: how long after the last sign of life a member is removed, None for never.
    warn_days: how long before that it is warned. unverified_days: how long somebody stays whom a
    till enrolled, who proved no address and never bought anything; None for ever.
    ask_after_months: how long a member's details count as right, None for ever."""

    inactive_months: int | None = None
    warn_days: int = 30
    unverified_days: int | None = None
    ask_after_months: int | None = 12


def wrong_retention(retention: Retention) -> Iterator[FieldError]:
    """Everything wrong with it, by the pointers of the program's document."""
    rules = (
        (retention.inactive_months, "inactive_months", MOST_MONTHS),
        (retention.warn_days, "warn_days", MOST_WARN_DAYS),
        (retention.unverified_days, "unverified_days", MOST_UNVERIFIED_DAYS),
        (retention.ask_after_months, "ask_after_months", MOST_MONTHS),
    )
    for number, name, most in rules:
        if number is not None:
            yield from in_range(number, f"/retention/{name}", 1, most)
