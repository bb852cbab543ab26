"""All members are looked at about once a day: whether somebody has to be asked, warned or removed.

A pass begins every 19 hours, so that each is at another hour than the one before it: whose quiet
hours one meets, the next but one does not. Safe to stop at any point and to run twice at once.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from chalicelib.domain.instants import parsed, printed, whole_milliseconds
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.freshen_member import freshen_member
from chalicelib.usecases.ports import EventBus, Ports, RollRow, StoreUnavailable
from chalicelib.usecases.roll_pass import RollPass, Sums, kept_of, run_roll_pass

EVERY = timedelta(hours=19)
DONE = ("asked", "told", "warned", "removed", "kept")
"""What a pass counts: members who were asked, told of what comes back, warned, removed, and heard
of before their removal began."""

MOST_FAILED = 20
"""Members of a page with whom it may fail; more than that, and more than half of them, is an outage
and no member's own trouble: the page comes again."""

_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FreshRun:
    """What a pass did. looked_at: how many members. failed: whom the next pass has to look at
    again. done: by the words of DONE. complete: whether it went through all members."""

    begun_at: datetime
    last_at: datetime
    complete: bool
    looked_at: int
    failed: int
    done: dict[str, int]


def keep_fresh(ports: Ports, bus: EventBus, now: datetime, run: Run) -> FreshRun | None:
    """Go on with the pass that has begun last, until it is through or `keep_going` says no; None
    while there is no program. Raises StoreUnavailable."""
    if ports.programs.active_number() is None:
        return None
    at = printed(now)

    def start() -> Sums:
        return {"begun": at, "last": at, "looked_at": 0, "failed": 0} | dict.fromkeys(DONE, 0)

    def visit(sums: Sums, rows: tuple[RollRow, ...]) -> Sums:
        counts = Counter(run.lanes(partial(_visit, ports, bus, now, run), rows))
        if counts["failed"] > max(MOST_FAILED, len(rows) // 2):
            raise StoreUnavailable("most members of a page could not be looked at")
        added = {name: sums.get(name, 0) + counts[name] for name in (*DONE, "failed")}
        return {**sums, **added, "last": at, "looked_at": sums["looked_at"] + len(rows)}

    progress = run_roll_pass(ports, RollPass(_name(_number(now)), start, visit), run.keep_going)
    return _run_of(progress.sums, complete=progress.done)


def last_runs(ports: Ports, now: datetime, most: int) -> Iterator[FreshRun]:
    """What the passes of the last `most` turns did, the newest first. Raises StoreUnavailable."""
    newest = _number(now)
    for number in range(newest, newest - most, -1):
        kept = kept_of(ports, _name(number))
        if kept is not None:
            yield _run_of(kept.sums, complete=kept.done)


def _visit(ports: Ports, bus: EventBus, now: datetime, run: Run, row: RollRow) -> str | None:
    try:
        return freshen_member(ports, bus, row, now)
    except Exception as error:  # busy, of a newer release or broken: in no other's way
        run.failed(error)
        return "failed"


def _run_of(sums: Sums, *, complete: bool) -> FreshRun:
    done = {name: sums.get(name, 0) for name in DONE}
    begun, last = parsed(sums["begun"]), parsed(sums["last"])
    return FreshRun(begun, last, complete, sums["looked_at"], sums["failed"], done)


def _number(now: datetime) -> int:
    """Of the pass that has begun last."""
    return (whole_milliseconds(now) - _FIRST) // EVERY


def _name(number: int) -> str:
    return f"fresh-{number}"
