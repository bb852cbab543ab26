"""What the retention schedule would do: a dry run over all members, for now and the days to come.

A pass in bounded pages that every look at the plan carries on; it writes to nobody and names
nobody. It foresees that nothing is heard of anybody until then, and that every letter arrives.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from chalicelib.domain.instants import local_date, parsed, printed
from chalicelib.domain.names import new_id
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import NotFound, Refusal
from chalicelib.usecases.due_rounds import side_by_side
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.look_at_member import is_worth_a_look, look_at_member
from chalicelib.usecases.ports import Ports, RollRow, StoreNewer
from chalicelib.usecases.roll_pass import RollPass, Sums, kept_of, run_roll_pass

DAYS = 90
"""How far a plan looks ahead."""

SECONDS = 10.0
"""How long a request goes on with a plan; the function that serves it has twice that."""

LANES = 8
ACTS = ("asked", "warned", "removed")

_Foreseen = tuple[tuple[str, date], ...]
"""What becomes of a member, and on which day."""


@dataclass(frozen=True, slots=True)
class RetentionPlanned:
    """What is known of a plan so far. days: by day and act, how many members; what is due already
    is due on the day of `at`. unreadable: members who could not be looked at."""

    plan_id: str
    at: datetime
    today: date
    complete: bool
    members: int
    unreadable: int
    days: Mapping[date, Counter[str]]


def plan_retention(ports: Ports, now: datetime) -> RetentionPlanned:
    """Begin to look at what the active program's retention does within 90 days, for some seconds.

    Raises Conflict (`no_program`), StoreUnavailable.
    """
    program = ports.programs.active()
    plan_id = new_id("plan", ports.entropy(16))
    start = {"at": printed(now), "version": program.version, "members": 0, "unreadable": 0}
    return _carried_on(ports, plan_id, {**start, "days": {}})


def continue_retention_plan(ports: Ports, plan_id: str) -> RetentionPlanned:
    """Go on with a plan for some seconds where it is not complete, and say what is known so far.

    Raises NotFound when there is no such plan, StoreUnavailable.
    """
    kept = kept_of(ports, _name(plan_id))
    if kept is None:
        raise NotFound(what="retention_plan")
    return _carried_on(ports, plan_id, kept.sums)


def _carried_on(ports: Ports, plan_id: str, sums: Sums) -> RetentionPlanned:
    at, program = parsed(sums["at"]), ports.programs.version(sums["version"])
    with side_by_side(LANES) as lanes:

        def visit(sums: Sums, rows: tuple[RollRow, ...]) -> Sums:
            return _added(sums, list(lanes(partial(_foreseen, ports, program, at), rows)))

        roll_pass = RollPass(_name(plan_id), lambda: sums, visit)
        progress = run_roll_pass(ports, roll_pass, for_seconds(ports.patience, SECONDS))
    days = {date.fromisoformat(day): Counter(acts) for day, acts in progress.sums["days"].items()}
    members, unreadable = progress.sums["members"], progress.sums["unreadable"]
    today = local_date(at, program.zone)
    return RetentionPlanned(plan_id, at, today, progress.done, members, unreadable, days)


def _foreseen(ports: Ports, program: Program, at: datetime, row: RollRow) -> _Foreseen | None:
    """What becomes of a member within the days that a plan looks at; None where nobody can say."""
    today = local_date(at, program.zone)
    until = today + timedelta(days=DAYS)
    if not is_worth_a_look(row, program, at, until):
        return ()
    try:
        look = look_at_member(ports, row, program, at)
    except (Refusal, StoreNewer):
        return None
    if look is None or look.going is not None:
        return ()
    days = (look.due.ask_on, look.due.warn_on, look.due.remove_on)
    return tuple(
        (act, max(day, today))
        for act, day in zip(ACTS, days, strict=True)
        if day is not None and day <= until
    )


def _added(sums: Sums, found: list[_Foreseen | None]) -> Sums:
    days = {day: Counter(acts) for day, acts in sums["days"].items()}
    for act, day in (pair for foreseen in found for pair in foreseen or ()):
        days.setdefault(day.isoformat(), Counter())[act] += 1
    return {
        **sums,
        "members": sums["members"] + len(found),
        "unreadable": sums["unreadable"] + sum(one is None for one in found),
        "days": {day: dict(acts) for day, acts in days.items()},
    }


def _name(plan_id: str) -> str:
    return f"retention-{plan_id}"
