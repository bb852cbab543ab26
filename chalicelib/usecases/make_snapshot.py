"""Once a day the snapshot is made anew: a pass over all members, and the base that comes of it.

Points mature, days pass and tiers end without anything being written, so that every member's facts
are taken again. Safe to stop at any point and to run twice at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from chalicelib.domain.instants import local_date
from chalicelib.domain.program import Program
from chalicelib.domain.snapshot_columns import Row
from chalicelib.domain.snapshot_rows import unknown_row
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.fill_snapshot import fill_snapshot
from chalicelib.usecases.ports import Ports, RollRow, StoreNewer, StoreUnavailable
from chalicelib.usecases.roll_pass import RollPass, Sums, run_roll_pass
from chalicelib.usecases.snapshot_member import snapshot_member


@dataclass(frozen=True, slots=True)
class SnapshotRun:
    """What was done for a day so far. members: how many the pass went through; unread: those of
    them of whom nothing could be read. complete: whether the base of the day is made."""

    day: date
    members: int
    unread: int
    complete: bool


def make_snapshot(ports: Ports, clock: Callable[[], datetime], run: Run) -> SnapshotRun | None:
    """Go on with the pass of the day and make its base when it is through; None while there is no
    program. Raises StoreUnavailable; the next run goes on after the last page that was kept."""
    if ports.programs.active_number() is None:
        return None
    program = ports.programs.active()
    day = local_date(clock(), program.zone)

    def start() -> Sums:
        return {"pages": 0, "members": 0, "unread": 0}

    def visit(sums: Sums, rows: tuple[RollRow, ...]) -> Sums:
        made = list(run.lanes(partial(_row, ports, program, clock, run), rows))
        ports.snapshots.put_all(day, sums["pages"], [row for row, _ in made if row is not None])
        return {
            "pages": sums["pages"] + 1,
            "members": sums["members"] + len(rows),
            "unread": sums["unread"] + sum(unread for _, unread in made),
        }

    fill_snapshot(ports, clock, run.keep_going)
    progress = run_roll_pass(ports, RollPass(f"snapshot-{day}", start, visit), run.keep_going)
    if progress.done:
        ports.queries.compact(day)
    return SnapshotRun(day, progress.sums["members"], progress.sums["unread"], progress.done)


def _row(
    ports: Ports, program: Program, clock: Callable[[], datetime], run: Run, member: RollRow
) -> tuple[Row | None, bool]:
    """The row of a member, and whether nothing could be read of it. What is unavailable comes with
    the next run: a member that were left out would lose what it did."""
    now = clock()
    try:
        return snapshot_member(ports, program, member.member_id, now), False
    except StoreUnavailable:
        raise
    except (StoreNewer, ValueError, LookupError) as error:  # of a newer release, or broken
        run.failed(error)
        return unknown_row(member.member_id, now, program.zone), True
