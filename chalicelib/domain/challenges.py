"""Challenges: what an offer gives only after several purchases, such as the fifth coffee.

A member's progress is counters that purchases move and returns move back; how often the goal has
been reached is a pure function of them. So what a return takes is what would not have been given
without the purchase, whatever came in which order, and buying and returning gives nothing. Knows
neither clock nor store, nor what an award is worth.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from chalicelib.domain.account import Counters, Progress
from chalicelib.domain.offers import Challenge, ChallengeKind
from chalicelib.domain.rewards import LimitPeriod

MOST_GOAL = 10_000
MOST_IN_A_ROW = 26
"""Periods that a streak can ask for."""
MOST_ITEMS = 12
PERIODS_KEPT = 40
"""Periods of a streak up to the newest in which something can still change; what older ones have
given is final."""
SETTLED = ""
"""The counter of a streak's awards that are final."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A line, as far as a challenge asks: what it is of, and the units that are left of it."""

    sku: str
    category: str | None
    quantity: int


def steps(challenge: Challenge, lines: Sequence[Bought], day: date) -> Counters:
    """What a purchase counts for. lines: those that the offer matches, none where what is left of
    it does not count. day: of the purchase, in the program's zone."""
    units = sum(line.quantity for line in lines)
    if not units:
        return ()
    match challenge.kind:
        case ChallengeKind.COUNT:
            return (("n", 1),)
        case ChallengeKind.QUANTITY:
            return (("n", units),)
        case ChallengeKind.STREAK:
            return ((str(_period_number(challenge.period, day)), 1),)
        case ChallengeKind.COLLECT:
            return summed(_collected(challenge, lines))


def moved(challenge: Challenge, progress: Progress, by: Counters) -> Progress:
    """The progress with what a purchase counts for (or, negative, with what a return takes)."""
    if challenge.kind is ChallengeKind.STREAK:
        return replace(progress, counters=_streak_moved(challenge, progress.counters, by))
    counters = summed([*progress.counters, *by])
    # What was dropped where there was no room is not owed.
    return replace(progress, counters=tuple(one for one in counters if one[1] > 0))


def less(counters: Counters, others: Counters) -> Counters:
    """The difference between what a purchase counted for and what it counts for now."""
    return summed([*counters, *((name, -count) for name, count in others)])


def earned_awards(challenge: Challenge, counters: Counters) -> int:
    """How often the goal has been reached."""
    counts = dict(counters)
    match challenge.kind:
        case ChallengeKind.COUNT | ChallengeKind.QUANTITY:
            times = counts.get("n", 0) // challenge.goal
        case ChallengeKind.STREAK:
            runs = _runs(_periods(counters))
            times = counts.get(SETTLED, 0) + sum(len(run) // challenge.goal for run in runs)
        case ChallengeKind.COLLECT:
            times = _sets(list(counts.values()), challenge.goal)
    return max(0, times if challenge.repeats is None else min(times, challenge.repeats))


def due(challenge: Challenge, progress: Progress) -> int:
    """Awards that have been reached and not been given; negative: given, and no longer reached."""
    return earned_awards(challenge, progress.counters) - progress.awarded


@dataclass(frozen=True, slots=True)
class Toward:
    """How far it is to the next award. done, goal: in what the challenge counts. missing: items
    that would count. over: there is nothing more to be had."""

    done: int
    goal: int
    missing: tuple[str, ...] = ()
    over: bool = False


def toward(challenge: Challenge, counters: Counters, today: date) -> Toward:
    """How far an account is to its next award."""
    times = earned_awards(challenge, counters)
    if challenge.repeats is not None and times >= challenge.repeats:
        return Toward(challenge.goal, challenge.goal, over=True)
    counts = dict(counters)
    match challenge.kind:
        case ChallengeKind.COUNT | ChallengeKind.QUANTITY:
            return Toward(max(0, counts.get("n", 0)) % challenge.goal, challenge.goal)
        case ChallengeKind.STREAK:
            return Toward(_in_a_row(challenge, counters, today) % challenge.goal, challenge.goal)
        case ChallengeKind.COLLECT:
            # What an item has given to a set already, it does not give to the next one.
            enough = times + 1
            missing = tuple(i for i in challenge.items if counts.get(item_name(i), 0) < enough)
            have = sum(min(max(0, count), enough) for count in counts.values())
            done = min(have - times * challenge.goal, challenge.goal - 1)
            return Toward(max(0, done), challenge.goal, missing)


# --- collecting ----------------------------------------------------------------------------------


def item_name(item: str) -> str:
    """What stands for an item in an account: short, and the same for ever."""
    return "i" + hashlib.sha256(item.encode()).hexdigest()[:6]


def _collected(challenge: Challenge, lines: Sequence[Bought]) -> Iterator[tuple[str, int]]:
    for line in lines:
        for item in {line.sku, line.category}:
            if item in challenge.items and item is not None:
                yield item_name(item), line.quantity


def _sets(counts: Sequence[int], goal: int) -> int:
    """How many sets of so many different things can be made: the most for which each thing, once a
    set at most, gives enough."""
    least, most = 0, sum(max(0, count) for count in counts) // goal
    while least < most:
        tried = (least + most + 1) // 2
        if sum(min(max(0, count), tried) for count in counts) >= tried * goal:
            least = tried
        else:
            most = tried - 1
    return least


# --- streaks -------------------------------------------------------------------------------------


def _period_number(period: LimitPeriod | None, day: date) -> int:
    """The number of the calendar period that a day is in; the one after it has the next."""
    match period:
        case LimitPeriod.DAY:
            return day.toordinal()
        case LimitPeriod.MONTH:
            return day.year * 12 + day.month
        case LimitPeriod.YEAR:
            return day.year
        case _:
            return (day.toordinal() - 1) // 7


def _streak_moved(challenge: Challenge, counters: Counters, by: Counters) -> Counters:
    """The periods with one moved; those that are too old to change are settled. The newest one is
    kept when nothing is left of it: it says which are too old."""
    if not by:
        return counters
    counts = dict(counters)
    newest = max((int(name) for name in counts if name != SETTLED), default=None)
    for name, change in by:
        too_old = newest is not None and int(name) <= newest - PERIODS_KEPT
        if not too_old or counts.get(name, 0) > 0:
            counts[name] = max(0, counts.get(name, 0) + change)
    return _settled(challenge, counts)


def _settled(challenge: Challenge, counts: dict[str, int]) -> Counters:
    final = counts.pop(SETTLED, 0)
    by_number = {int(name): count for name, count in counts.items()}
    newest = max(by_number)
    old, kept = newest - PERIODS_KEPT, {newest}
    for run in _runs(sorted(number for number, count in by_number.items() if count > 0)):
        ends = run[challenge.goal - 1 :: challenge.goal]
        done = sum(end <= old for end in ends)
        final += done
        if run[-1] > old:
            kept.update(run[done * challenge.goal :])
    named = [(str(number), by_number[number]) for number in sorted(kept)]
    return (*([(SETTLED, final)] if final else []), *named)


def _periods(counters: Counters) -> list[int]:
    return sorted(int(name) for name, count in counters if name != SETTLED and count > 0)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers that follow each other, together."""
    runs: list[list[int]] = [[numbers[0]]] if numbers else []
    for before, number in pairwise(numbers):
        if number == before + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _in_a_row(challenge: Challenge, counters: Counters, today: date) -> int:
    """Periods in a row up to this one; a streak stands while the period that runs is not over."""
    now = _period_number(challenge.period, today)
    runs = _runs(_periods(counters))
    return len(runs[-1]) if runs and runs[-1][-1] >= now - 1 else 0


def summed(counts: Iterable[tuple[str, int]]) -> Counters:
    """Counts with those of one name as one, those that came to nothing left out."""
    sums: Counter[str] = Counter()
    for name, count in counts:
        sums[name] += count
    return tuple(sorted((name, count) for name, count in sums.items() if count))
