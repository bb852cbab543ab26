"""What is said of an offer's effect: right so often as promised, and nothing where too little is
known. Everything drawn here is drawn from fixed seeds."""

from math import sqrt
from random import Random

import pytest

from chalicelib.domain.uplift import Sample, TooLittle, Uplift, too_little, uplift

RUNS = 400
TREATED, HOLDOUT = 900, 300
VISITS_A_MEMBER, EFFECT = 2.0, 0.5


def _visits(chance: Random, members: int, mean: float) -> Sample:
    """Members that come as often as chance has it: most seldom, some very often."""
    figures = []
    for _ in range(members):
        own, passed, visits = chance.expovariate(1 / mean), 0.0, 0
        while (passed := passed + chance.expovariate(1.0)) < own:
            visits += 1
        figures.append(visits)
    return _sample(figures)


def _sample(figures: list[int]) -> Sample:
    return Sample(len(figures), sum(figures), sum(figure**2 for figure in figures))


def _told(effect: float, seed: int, runs: int = RUNS) -> list[Uplift]:
    chance = Random(seed)
    return [
        uplift(
            _visits(chance, TREATED, VISITS_A_MEMBER + effect),
            _visits(chance, HOLDOUT, VISITS_A_MEMBER),
        )
        for _ in range(runs)
    ]


def test_the_interval_covers_a_planted_effect_in_93_to_97_of_100_runs() -> None:
    covered = [told.low <= EFFECT <= told.high for told in _told(EFFECT, seed=5)]
    assert 0.93 * RUNS <= sum(covered) <= 0.97 * RUNS


def test_where_there_is_no_effect_one_is_claimed_in_at_most_7_of_100_runs() -> None:
    assert sum(told.differs for told in _told(0.0, seed=5)) <= 0.07 * RUNS


def test_a_planted_effect_is_found_more_often_than_not() -> None:
    told = _told(EFFECT, seed=7, runs=40)
    assert sum(one.low > 0 for one in told) > 20
    assert not any(one.high < 0 for one in told)


def test_welch_s_interval_is_that_of_the_textbook() -> None:
    treated, holdout = [3] * 60 + [1] * 60, [2] * 90 + [0] * 90
    told = uplift(_sample(treated), _sample(holdout))
    error = sqrt((120 / 119) / 120 + (180 / 179) / 180)
    t = 1.9694  # of 254.9 degrees of freedom, from a table
    assert told.difference == 1
    assert told.low == pytest.approx(1 - t * error, abs=1e-4)
    assert told.high == pytest.approx(1 + t * error, abs=1e-4)


def test_sides_that_never_vary_differ_for_sure() -> None:
    told = uplift(_sample([2] * 100), _sample([1] * 100))
    assert told == Uplift(1, 1, 1)
    assert told.differs
    assert not uplift(_sample([1] * 100), _sample([1] * 100)).differs


@pytest.mark.parametrize(
    ("treated", "holdout", "purchases", "why"),
    [
        (5_000, 0, (900, 0), TooLittle.NO_HOLDOUT),
        (5_000, 99, (900, 60), TooLittle.FEW_MEMBERS),
        (99, 100, (900, 60), TooLittle.FEW_MEMBERS),
        (5_000, 100, (900, 29), TooLittle.FEW_PURCHASES),
        (100, 100, (30, 30), None),
    ],
)
def test_too_little_is_said_to_be_too_little(
    treated: int, holdout: int, purchases: tuple[int, int], why: TooLittle | None
) -> None:
    assert too_little(treated, holdout, purchases) is why
