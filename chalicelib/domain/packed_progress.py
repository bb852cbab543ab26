"""Progress with challenges as rows of an account's packed text.

A row is [number, awarded, used], then for a streak [the oldest period, its count, that of the next
one, ...], then name and count of every other counter. Knows nothing of what they mean.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.domain.account import Counters, Progress


def packed_progress(progress: Progress) -> list[object]:
    """Progress as a row."""
    periods = {int(name): count for name, count in progress.counters if name.isdigit()}
    row: list[object] = [progress.number, progress.awarded, progress.used]
    if periods:
        oldest, newest = min(periods), max(periods)
        row.append([oldest, *(periods.get(n, 0) for n in range(oldest, newest + 1))])
    for name, count in progress.counters:
        if not name.isdigit():
            row += [name, count]
    return row


def progress_of(row: Sequence[Any]) -> Progress:
    """The progress that a row holds."""
    number, awarded, used, *rest = row
    periods = rest.pop(0) if rest and isinstance(rest[0], list) else []
    named = zip(rest[::2], rest[1::2], strict=True)
    return Progress(number, _counters(periods, named), awarded, used)


def _counters(periods: Sequence[int], named: Iterator[tuple[str, int]]) -> Counters:
    if not periods:
        return tuple(named)
    oldest, *counts = periods
    newest = oldest + len(counts) - 1
    # Nothing is kept of a period without a purchase, but of the newest.
    known = enumerate(counts, oldest)
    streak = ((str(n), count) for n, count in known if count or n == newest)
    return (*named, *streak)
