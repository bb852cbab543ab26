"""How far an account is with challenges: as many as it has room for, and what becomes of that when
accounts come together and part.

Knows nothing of what a challenge asks for.
"""

from collections.abc import Iterable, Mapping

from chalicelib.domain.account import Progress
from chalicelib.domain.challenges import less, summed

MOST_PROGRESS = 10
"""Offers that an account keeps progress with."""


def progress_with(kept: Iterable[Progress], number: int) -> Progress:
    """The progress with an offer; none yet where nothing is kept."""
    return next((one for one in kept if one.number == number), Progress(number))


def with_progress(
    kept: tuple[Progress, ...], progress: Progress, live: Mapping[int, object] | None = None
) -> tuple[Progress, ...]:
    """All progress with one of them as it is now. live: the numbers of offers that are live; where
    there is no room, what is kept of others goes, the oldest first."""
    others = [one for one in kept if one.number != progress.number]
    all_of = [*others, *([] if progress.is_empty else [progress])]
    ended = sorted(one.number for one in others if live is not None and one.number not in live)
    gone = set(ended[: max(0, len(all_of) - MOST_PROGRESS)])
    return tuple(
        sorted((one for one in all_of if one.number not in gone), key=lambda one: one.number)
    )


def has_room(kept: tuple[Progress, ...], number: int, live: Mapping[int, object]) -> bool:
    """Whether progress with another offer can be kept."""
    numbers = {one.number for one in kept}
    return number in numbers or len([one for one in numbers if one in live]) < MOST_PROGRESS


def progress_together(kept: Iterable[Progress]) -> tuple[Progress, ...]:
    """Progress of accounts that come together: what they counted, awarded and used, in one."""
    sums: dict[int, Progress] = {}
    for one in kept:
        before = sums.get(one.number, Progress(one.number))
        sums[one.number] = Progress(
            one.number,
            summed([*before.counters, *one.counters]),
            before.awarded + one.awarded,
            before.used + one.used,
        )
    return tuple(sums[number] for number in sorted(sums) if not sums[number].is_empty)


def progress_apart(
    kept: tuple[Progress, ...], moved_in: Iterable[Progress]
) -> tuple[tuple[Progress, ...], tuple[Progress, ...]]:
    """Of progress that came together, what stays and what had moved, as much as there still is."""
    by_number = {one.number: one for one in kept}
    back: list[Progress] = []
    for one in moved_in:
        now = by_number.get(one.number, Progress(one.number))
        have = dict(now.counters)
        counters = summed((name, min(n, max(0, have.get(name, 0)))) for name, n in one.counters)
        goes = Progress(
            one.number, counters, min(one.awarded, now.awarded), min(one.used, now.used)
        )
        by_number[one.number] = Progress(
            one.number,
            less(now.counters, goes.counters),
            now.awarded - goes.awarded,
            now.used - goes.used,
        )
        back.append(goes)
    stay = tuple(by_number[number] for number in sorted(by_number))
    return (
        tuple(one for one in stay if not one.is_empty),
        tuple(one for one in back if not one.is_empty),
    )
