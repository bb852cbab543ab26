"""What a stored version of the program would change, before it is switched to.

A pass over the ledger in bounded pages that every look at the plan carries on; it changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.names import new_id
from chalicelib.domain.program_plan import Plan, Switch
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.ledger_pass import LedgerPass, for_seconds, run_pass
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.program_tally import ProgramVisitor, Tally
from chalicelib.usecases.read_program import read_program

SECONDS = 10.0
"""How long a request goes on with a plan; the function that serves it has twice that."""

SEGMENTS = 20
"""Parts of the ledger, one after the other: how many are done is the share looked at."""


@dataclass(frozen=True, slots=True)
class ProgramPlanned:
    """What is known of a plan so far. share_percent: of the ledger that was looked at, all of it
    when the plan is `complete`."""

    plan: Plan
    switch: Switch
    complete: bool
    share_percent: int
    tally: Tally


def plan_program(ports: Ports, version: int, now: datetime) -> ProgramPlanned:
    """Begin to look at what a version would change, for some seconds.

    Raises NotFound when there is no such version, StoreUnavailable.
    """
    view = read_program(ports, version)
    plan = Plan(
        new_id("plan", ports.entropy(16)), version, view.active_version, whole_milliseconds(now)
    )
    ports.programs.keep_plan(plan)
    return _carried_on(ports, plan)


def continue_plan(ports: Ports, plan_id: str) -> ProgramPlanned:
    """Go on with a plan for some seconds where it is not complete, and say what is known so far.

    Raises NotFound when there is no such plan, StoreUnavailable.
    """
    plan = ports.programs.plan(plan_id)
    if plan is None:
        raise NotFound(what="program_plan")
    return _carried_on(ports, plan)


def _carried_on(ports: Ports, plan: Plan) -> ProgramPlanned:
    active, planned = map(ports.programs.version, (plan.active_version, plan.version))
    switch = Switch(active, planned, plan.at)
    progress = run_pass(
        ports.books,
        LedgerPass(plan.plan_id, SEGMENTS),
        ProgramVisitor(ports, switch),
        for_seconds(ports.patience, SECONDS),
    )
    tally = Tally()
    for sums in progress.sums:
        tally.add(Tally(**sums))
    share_percent = 100 * progress.segments_done // SEGMENTS
    return ProgramPlanned(plan, switch, progress.done, share_percent, tally)
