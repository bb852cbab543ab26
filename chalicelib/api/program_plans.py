"""Plans over HTTP: what a stored version of the program would change before it is activated."""

from typing import Literal

import msgspec

from chalicelib.api.points import Money
from chalicelib.api.program import Version
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.allowances import PLAN_READINGS, PLANS
from chalicelib.domain.callers import Scope
from chalicelib.domain.earning import TIER
from chalicelib.domain.instants import printed
from chalicelib.domain.program import BASE_RULE, Program
from chalicelib.domain.program_plan import Switch, cost_minor, differing_fields
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.plan_program import ProgramPlanned, continue_plan, plan_program
from chalicelib.usecases.program_tally import Tally

routes = Routes(__name__)


class PlanBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """version: the stored one that the active one would be replaced by."""

    version: Version


class ComparedPoints(msgspec.Struct, frozen=True):
    """By the version that was active when the plan was asked for, and by the planned one."""

    active: int
    planned: int


class ComparedMoney(msgspec.Struct, frozen=True):
    """What points cost, each in the words of its own version."""

    active: Money
    planned: Money


class TierMove(msgspec.Struct, frozen=True):
    """How many members would go from a tier to another. null: no tier."""

    from_tier: str | None
    to_tier: str | None
    members: int


class PlannedMembers(msgspec.Struct, frozen=True):
    """total: all there are. changing_tier: of them, by `moves`."""

    total: int
    changing_tier: int
    moves: list[TierMove]


class PlannedGifts(msgspec.Struct, frozen=True):
    """One-time gifts of tiers that members have reached already: their next purchase brings them.
    members: who would get any by the planned version."""

    members: int
    points: ComparedPoints
    cost: ComparedMoney


class PlannedRule(msgspec.Struct, frozen=True):
    """rule: its id, `base`, or `tier:<tier_id>` for what a tier gives more."""

    rule: str
    name: str
    points: ComparedPoints


class PlannedPurchases(msgspec.Struct, frozen=True):
    """Purchases of members from `since` (exclusive) until the plan's instant, less what was
    returned, by either version's rules. earning_more, earning_less: of `total`. largest_changes: of
    single purchases."""

    since: Instant
    total: int
    earning_more: int
    earning_less: int
    points: ComparedPoints
    cost: ComparedMoney
    rules: list[PlannedRule]
    largest_changes: list[ComparedPoints]


class PlanAnswer(msgspec.Struct, frozen=True):
    """What is known so far. share_percent: of the ledger that was looked at. differing: the fields
    of the document in which the versions differ. unreadable: records that were passed over."""

    plan_id: str
    status: Literal["running", "complete"]
    share_percent: int
    version: int
    active_version: int
    as_of: Instant
    differing: list[str]
    members: PlannedMembers
    gifts: PlannedGifts
    purchases: PlannedPurchases
    unreadable: int


@routes.post(
    "/v1/program/plan",
    opens=(Scope.PROGRAM_WRITE,),
    summary="Say what a stored version of the program would change",
    body=PlanBody,
    answers={200: PlanAnswer, 202: PlanAnswer},
    refuses=(NotFound,),
    rationed=PLANS,
)
def post_program_plan(call: Call[PlanBody, None]) -> Answer:
    """For whom, and at what cost beside the active version. Changes nothing. 202 when there was
    more to look at than some seconds are enough for: each reading of the plan goes on with it."""
    return _answer(plan_program(call.ports, call.body.version, call.now))


@routes.get(
    "/v1/program/plans/{plan_id}",
    opens=(Scope.PROGRAM_READ,),
    summary="Go on with a plan, and read what is known so far",
    answers={200: PlanAnswer, 202: PlanAnswer},
    refuses=(NotFound,),
    rationed=PLAN_READINGS,
)
def get_program_plan(call: Call[None, None], plan_id: str) -> Answer:
    """As of the instant at which it was asked for; 202 until all of the ledger was looked at."""
    return _answer(continue_plan(call.ports, plan_id))


def _answer(planned: ProgramPlanned) -> Answer:
    plan, switch, tally = planned.plan, planned.switch, planned.tally
    answer = PlanAnswer(
        plan_id=plan.plan_id,
        status="complete" if planned.complete else "running",
        share_percent=planned.share_percent,
        version=plan.version,
        active_version=plan.active_version,
        as_of=printed(plan.at),
        differing=differing_fields(switch),
        members=_members(tally),
        gifts=PlannedGifts(
            tally.gift_members, ComparedPoints(*tally.gift_points), _cost(switch, tally.gift_points)
        ),
        purchases=_purchases(switch, tally),
        unreadable=tally.unreadable,
    )
    return Answer(200 if planned.complete else 202, answer)


def _members(tally: Tally) -> PlannedMembers:
    moves = [
        TierMove(before or None, after or None, members)
        for move, members in sorted(tally.moves.items(), key=lambda item: (-item[1], item[0]))
        for before, _, after in [move.partition(">")]
    ]
    return PlannedMembers(tally.members, sum(tally.moves.values()), moves)


def _purchases(switch: Switch, tally: Tally) -> PlannedPurchases:
    points = [sum(sums[index] for sums in tally.rules.values()) for index in (0, 1)]
    names = _names(switch.active) | _names(switch.planned)
    return PlannedPurchases(
        since=printed(switch.since),
        total=tally.purchases,
        earning_more=tally.more,
        earning_less=tally.less,
        points=ComparedPoints(*points),
        cost=_cost(switch, points),
        rules=[
            PlannedRule(rule, name, ComparedPoints(*tally.rules[rule]))
            for rule, name in names.items()
            if rule in tally.rules
        ],
        largest_changes=[ComparedPoints(*change) for change in tally.largest],
    )


def _names(program: Program) -> dict[str, str]:
    """What gives points in a version, in the order of its document."""
    levels = program.tiers.levels if program.tiers else ()
    return {
        BASE_RULE: "Base rate",
        **{rule.rule_id: rule.name for rule in program.rules},
        **{TIER + level.tier_id: level.name for level in levels},
    }


def _cost(switch: Switch, points: list[int]) -> ComparedMoney:
    active, planned = (
        Money(cost_minor(program, part), program.currency)
        for program, part in zip((switch.active, switch.planned), points, strict=True)
    )
    return ComparedMoney(active, planned)
