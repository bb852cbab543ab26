"""How long members are kept, over HTTP: what the schedule would do, and what it has done.

Sums without persons. What is kept for how long is set in the program (`retention`).
"""

from datetime import date
from typing import Literal

import msgspec

from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.allowances import ANALYTICS, PLAN_READINGS, PLANS
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.keep_fresh import FreshRun, last_runs
from chalicelib.usecases.plan_retention import (
    RetentionPlanned,
    continue_retention_plan,
    plan_retention,
)

routes = Routes(__name__)

MOST_RUNS = 40
"""A month of them: a run begins every 19 hours."""


class PlannedActs(msgspec.Struct, frozen=True):
    """How many members would be asked whether their details hold, warned of their removal, and
    removed."""

    asked: int
    warned: int
    removed: int


class PlannedDay(PlannedActs, frozen=True, kw_only=True):
    """A day in the program's zone on which anything is due."""

    day: date


class RetentionPlanAnswer(msgspec.Struct, frozen=True):
    """What is known so far. members: who was looked at. now: by a run at `as_of`. days: the 90 days
    after it. unreadable: members who could not be looked at."""

    plan_id: str
    status: Literal["running", "complete"]
    as_of: Instant
    members: int
    now: PlannedActs
    days: list[PlannedDay]
    unreadable: int


class RetentionRun(msgspec.Struct, frozen=True):
    """One run. last_at: when it did anything last. looked_at: how many members it has gone through.
    told: members who were told, on another channel, that messages to them come back. kept: who was
    heard of before its removal began. failed: whom the next run looks at again."""

    begun_at: Instant
    last_at: Instant
    status: Literal["running", "complete"]
    looked_at: int
    asked: int
    told: int
    warned: int
    removed: int
    kept: int
    failed: int


class RetentionRuns(msgspec.Struct, frozen=True):
    items: list[RetentionRun]


@routes.post(
    "/v1/privacy/retention/plan",
    opens=(Scope.PRIVACY,),
    summary="Say whom the retention schedule would ask, warn and remove, in numbers",
    answers={200: RetentionPlanAnswer, 202: RetentionPlanAnswer},
    rationed=PLANS,
)
def post_retention_plan(call: Call[None, None]) -> Answer:
    """By a run now, and by day over the next 90, if nothing is heard of anybody until then. Changes
    nothing. 202 when there was more to look at than some seconds are enough for: each reading of
    the plan goes on with it."""
    return _answer(plan_retention(call.ports, call.now))


@routes.get(
    "/v1/privacy/retention/plans/{plan_id}",
    opens=(Scope.PRIVACY,),
    summary="Go on with a plan of the retention schedule, and read what is known so far",
    answers={200: RetentionPlanAnswer, 202: RetentionPlanAnswer},
    refuses=(NotFound,),
    rationed=PLAN_READINGS,
)
def get_retention_plan(call: Call[None, None], plan_id: str) -> Answer:
    """As of the instant at which it was asked for; 202 until all members were looked at."""
    return _answer(continue_retention_plan(call.ports, plan_id))


@routes.get(
    "/v1/privacy/retention/runs",
    opens=(Scope.PRIVACY,),
    summary="Read what the runs of the last month did, the newest first",
    answers={200: RetentionRuns},
    rationed=ANALYTICS,
)
def list_retention_runs(call: Call[None, None]) -> Answer:
    runs = last_runs(call.ports, call.now, MOST_RUNS)
    return Answer(200, RetentionRuns([_run(run) for run in runs]))


def _answer(planned: RetentionPlanned) -> Answer:
    def acts(day: date) -> dict[str, int]:
        return {name: planned.days[day][name] for name in ("asked", "warned", "removed")}

    today = planned.today
    answer = RetentionPlanAnswer(
        plan_id=planned.plan_id,
        status="complete" if planned.complete else "running",
        as_of=printed(planned.at),
        members=planned.members,
        now=PlannedActs(**acts(today)) if today in planned.days else PlannedActs(0, 0, 0),
        days=[PlannedDay(day=day, **acts(day)) for day in sorted(planned.days) if day > today],
        unreadable=planned.unreadable,
    )
    return Answer(200 if planned.complete else 202, answer)


def _run(run: FreshRun) -> RetentionRun:
    return RetentionRun(
        begun_at=printed(run.begun_at),
        last_at=printed(run.last_at),
        status="complete" if run.complete else "running",
        looked_at=run.looked_at,
        failed=run.failed,
        **run.done,
    )
