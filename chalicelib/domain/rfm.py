"""From where on members are in which class by how lately, how often and for how much they buy.
Values alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.refusals import FieldError

Steps = tuple[int, int, int, int]

MOST_STEP = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Rfm:
    """Four steps each, rising. recency_days: class 5 up to the first number of days since the last
    purchase, class 1 beyond the last one. purchases, spend_minor: of the last 365 days; class 1
    below the first, class 5 from the last one on."""

    recency_days: Steps = (14, 30, 90, 180)
    purchases: Steps = (2, 4, 8, 16)
    spend_minor: Steps = (5_000, 15_000, 40_000, 100_000)


def class_of(steps: Steps, figure: int) -> int:
    """1 to 5: how many of the steps a figure has reached, and one."""
    return 1 + sum(figure >= step for step in steps)


def recency_class_of(steps: Steps, days: int) -> int:
    """5 to 1: the longer ago, the lower."""
    return 5 - sum(days > step for step in steps)


def wrong_rfm(rfm: Rfm) -> Iterator[FieldError]:
    """Everything wrong with it, by the pointers of the program's document."""
    for name in ("recency_days", "purchases", "spend_minor"):
        steps: Steps = getattr(rfm, name)
        if steps[0] < 1 or steps[-1] > MOST_STEP or sorted(set(steps)) != list(steps):
            detail = "Write four numbers from 1 on, each above the one before it."
            yield FieldError(f"/rfm/{name}", "out_of_range", detail)
