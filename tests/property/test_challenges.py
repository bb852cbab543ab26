"""Challenges beside a plain model, which looks at all that is left of every purchase anew."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import Progress
from chalicelib.domain.challenge_progress import progress_apart, progress_together
from chalicelib.domain.challenges import (
    PERIODS_KEPT,
    Bought,
    due,
    earned_awards,
    less,
    moved,
    steps,
    toward,
)
from chalicelib.domain.offers import Challenge, ChallengeKind
from chalicelib.domain.rewards import LimitPeriod

MONDAY = date(2026, 11, 2)
THINGS = ("beans", "tea", "cocoa", "milk")

challenges = st.one_of(
    st.builds(
        Challenge,
        st.sampled_from([ChallengeKind.COUNT, ChallengeKind.QUANTITY]),
        st.integers(1, 5),
        repeats=st.none() | st.integers(1, 3),
    ),
    st.builds(
        Challenge,
        st.just(ChallengeKind.STREAK),
        st.integers(1, 4),
        period=st.sampled_from(LimitPeriod),
        repeats=st.none() | st.just(1),
    ),
    st.builds(
        Challenge,
        st.just(ChallengeKind.COLLECT),
        st.integers(1, 4),
        items=st.just(THINGS),
        repeats=st.none() | st.just(1),
    ),
)
lines = st.lists(
    st.builds(Bought, st.just("sku"), st.sampled_from((*THINGS, "bread")), st.integers(1, 3)),
    min_size=1,
    max_size=3,
)
days = st.integers(0, PERIODS_KEPT - 1).map(lambda n: MONDAY + timedelta(days=n))


@dataclass
class Purchase:
    """What is left of a purchase."""

    day: date
    left: list[Bought]


def plain_awards(challenge: Challenge, purchases: list[Purchase]) -> int:
    """How often a goal is reached by what is left of purchases, counted the long way."""
    counted = [purchase for purchase in purchases if any(b.quantity for b in purchase.left)]
    units = [b for purchase in counted for b in purchase.left]
    match challenge.kind:
        case ChallengeKind.COUNT:
            times = len(counted) // challenge.goal
        case ChallengeKind.QUANTITY:
            times = sum(b.quantity for b in units) // challenge.goal
        case ChallengeKind.STREAK:
            times = _plain_streaks(challenge, {purchase.day for purchase in counted})
        case ChallengeKind.COLLECT:
            times = _plain_sets(challenge, units)
    return times if challenge.repeats is None else min(times, challenge.repeats)


def _plain_streaks(challenge: Challenge, bought_on: set[date]) -> int:
    """Days are walked one after the other: a period without a purchase breaks the row."""
    row, times = 0, 0
    walked = [MONDAY + timedelta(days=n) for n in range(PERIODS_KEPT)]
    for _, of_period in groupby(walked, key=lambda day: _plain_period(challenge, day)):
        row = row + 1 if bought_on & set(of_period) else 0
        if row == challenge.goal:
            times, row = times + 1, 0
    return times


def _plain_period(challenge: Challenge, day: date) -> object:
    match challenge.period:
        case LimitPeriod.DAY:
            return day
        case LimitPeriod.WEEK:
            return day.isocalendar()[:2]
        case LimitPeriod.MONTH:
            return day.year, day.month
        case _:
            return day.year


def _plain_sets(challenge: Challenge, units: list[Bought]) -> int:
    """Sets are taken one after the other, each of the things of which most are left."""
    have = [sum(b.quantity for b in units if b.category == thing) for thing in THINGS]
    times = 0
    while sum(count > 0 for count in have) >= challenge.goal:
        have.sort(reverse=True)
        have = [count - (place < challenge.goal) for place, count in enumerate(have)]
        times += 1
    return times


@settings(max_examples=150)
@given(challenges, st.lists(st.tuples(days, lines), min_size=1, max_size=6), st.data())
def test_counters_say_what_all_that_is_left_says_and_end_where_they_began(
    challenge: Challenge, bought: list[tuple[date, list[Bought]]], data: st.DataObject
) -> None:
    progress, purchases = Progress(7), []
    for day, basket in bought:
        progress = moved(challenge, progress, steps(challenge, basket, day))
        purchases.append(Purchase(day, basket))
        assert earned_awards(challenge, progress.counters) == plain_awards(challenge, purchases)
        near = toward(challenge, progress.counters, day)
        assert near.over or 0 <= near.done < near.goal
    pieces = [
        (p, place) for p in purchases for place, b in enumerate(p.left) for _ in range(b.quantity)
    ]
    for purchase, place in data.draw(st.permutations(pieces)):
        was, line = steps(challenge, purchase.left, purchase.day), purchase.left[place]
        purchase.left = [*purchase.left]
        purchase.left[place] = Bought(line.sku, line.category, line.quantity - 1)
        now = steps(challenge, purchase.left, purchase.day)
        progress = moved(challenge, progress, less(now, was))
        assert earned_awards(challenge, progress.counters) == plain_awards(challenge, purchases)
    assert progress.is_empty
    assert due(challenge, progress) == 0


@settings(max_examples=60)
@given(st.integers(1, 6), st.lists(st.integers(0, 3), min_size=60, max_size=120))
@example(3, [1] * 120)
def test_a_streak_never_forgets_what_it_has_given_and_stays_small(
    goal: int, bought: list[int]
) -> None:
    challenge = Challenge(ChallengeKind.STREAK, goal, period=LimitPeriod.DAY)
    progress, row, times = Progress(1), 0, 0
    for number, purchases in enumerate(bought):
        day = MONDAY + timedelta(days=number)
        for _ in range(purchases):
            progress = moved(challenge, progress, steps(challenge, [Bought("s", None, 1)], day))
        row = row + 1 if purchases else 0
        if row == goal:
            times, row = times + 1, 0
        assert earned_awards(challenge, progress.counters) == times
        assert len(progress.counters) <= PERIODS_KEPT + goal + 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=2, max_size=2))
def test_progress_that_came_together_parts_again_to_the_last_step(
    counts: list[tuple[int, int]],
) -> None:
    challenge = Challenge(ChallengeKind.COUNT, 3)
    one, other = (
        moved(challenge, Progress(5, (), awarded, 0), (("n", n),)) for n, awarded in counts
    )
    both = progress_together([one, other])
    stay, back = progress_apart(both, [other])
    assert stay == tuple(p for p in [one] if not p.is_empty)
    assert back == tuple(p for p in [other] if not p.is_empty)
