"""What an offer brought: those who could get it against those held back, with how sure that is.

Welch's interval for the difference of two means, from sums alone; the standard library is enough.
Must not know who the members are, what was measured or in which unit.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
LEAST_MEMBERS, LEAST_PURCHASES = 100, 30
"""Of each side: with fewer, an interval says more about chance than about the offer."""

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measure over the members of a side, those with none of it too. total: the sum over them;
    squares: the sum of its squares (exact integers, so that parts can be added up)."""

    members: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        """What a member has of it; 0 of nobody."""
        return self.total / self.members if self.members else 0.0

    @property
    def variance_of_mean(self) -> float:
        """How far the mean may lie off, squared; asks for two members."""
        n = self.members
        return (n * self.squares - self.total**2) / (n * n * (n - 1))


class TooLittle(StrEnum):
    """Why nothing is said yet."""

    NO_HOLDOUT = "no_holdout"
    FEW_MEMBERS = "few_members"
    FEW_PURCHASES = "few_purchases"


@dataclass(frozen=True, slots=True)
class Uplift:
    """The difference of the means, treated less holdout, and the interval that holds the true one
    in 95 of 100 such trials."""

    difference: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Whether chance alone would seldom make such a difference: the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def too_little(treated: int, holdout: int, purchases: tuple[int, int]) -> TooLittle | None:
    """Why two sides are not enough for an interval; None when they are.

    treated, holdout: members of either side. purchases: what either side bought.
    """
    if not holdout:
        return TooLittle.NO_HOLDOUT
    if min(treated, holdout) < LEAST_MEMBERS:
        return TooLittle.FEW_MEMBERS
    if min(purchases) < LEAST_PURCHASES:
        return TooLittle.FEW_PURCHASES
    return None


def uplift(treated: Sample, holdout: Sample) -> Uplift:
    """Welch's 95 % interval, which lets the sides differ in size and in spread.

    Asks for two members a side; whether they are enough to be told, `too_little` says.
    """
    difference = treated.mean - holdout.mean
    parts = [(side.variance_of_mean, side.members - 1) for side in (treated, holdout)]
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return Uplift(difference, difference, difference)
    freedom = variance**2 / sum(part**2 / degrees for part, degrees in parts)
    half = _quantile(freedom) * sqrt(variance)
    return Uplift(difference, difference - half, difference + half)


def _quantile(freedom: float) -> float:
    """Of Student's t, by the first term of its expansion around the normal one: from 99 degrees of
    freedom on, which `too_little` asks for, it is right to a ten-thousandth."""
    return _Z + (_Z**3 + _Z) / (4 * freedom)
