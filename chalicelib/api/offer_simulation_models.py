"""What simulations of offers look like on the wire."""

import csv
import io
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from chalicelib.api.points import Money
from chalicelib.api.shell import Instant
from chalicelib.domain.fact_list import NO_TIER
from chalicelib.domain.instants import printed
from chalicelib.domain.offers import Activation
from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import cost_minor
from chalicelib.domain.simulations import (
    MOST_MONTHS,
    MOST_SEGMENTS,
    MOST_SIDE_BY_SIDE,
    Tally,
)
from chalicelib.usecases.simulate_offer import OfferSimulated, SimulatedOffer

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]

_ASSUMED = (
    "Members are taken as they are now: country, interests, lists and consents of then are not"
    " kept. Points, tier and what was bought are those of each purchase's own time.",
    "The first and the last day of the offer are left aside, its weekdays and hours are not.",
    "Other offers are those that are launched now, and their budgets are taken to be enough.",
    "Members are taken to have bought and spent what they did: whether an offer brings more, its"
    " results show.",
    "Points are as given at the till: what came back later is not taken off.",
)
_ALL_ACTIVATE = "Every member is taken to have activated it."


class SimulateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """months: how far back. versions: of this offer, its newest where none is named. beside: other
    offers, by their ids, to set beside it; at most four versions in all. segments: that what they
    give is told apart by; the 20 newest when it is left out."""

    months: Annotated[int, msgspec.Meta(ge=1, le=MOST_MONTHS)] = 1
    versions: Annotated[
        list[Annotated[int, msgspec.Meta(ge=1, le=999_999)]],
        msgspec.Meta(max_length=MOST_SIDE_BY_SIDE),
    ] = []
    beside: Annotated[list[_Id], msgspec.Meta(max_length=MOST_SIDE_BY_SIDE)] = []
    segments: Annotated[list[_Id], msgspec.Meta(max_length=MOST_SEGMENTS)] | None = None


class OfWeek(msgspec.Struct, frozen=True):
    """week: its Monday, in the program's zone."""

    week: str
    purchases: int
    points: int


class OfOneTier(msgspec.Struct, frozen=True):
    """tier_id: the member's at each purchase, null below the lowest."""

    tier_id: str | None
    members: int
    purchases: int
    points: int


class OfSegment(msgspec.Struct, frozen=True):
    segment_id: str
    name: str
    members: int
    purchases: int
    points: int


class WouldNotApply(msgspec.Struct, frozen=True):
    """Purchases that it would not have applied to. reason: as tills are told, or `audience` (the
    member is not in it), `holdout` (it is kept from the member)."""

    reason: str
    purchases: int


class Overlap(msgspec.Struct, frozen=True):
    """Purchases on which it meets another live offer. together: both apply. beaten_by: the other
    one applies instead; beats: this one applies instead."""

    offer_id: str
    together: int
    beaten_by: int
    beats: int


class BudgetNeeded(msgspec.Struct, frozen=True):
    """needed: of `amount`, when all was looked at; before that what would be needed without it."""

    unit: Literal["points", "minor"]
    amount: int
    needed: int


class SimulatedVersion(msgspec.Struct, frozen=True):
    """members: that it would have given something; who share an account are one. largest: points
    of the members who would have got most. spend: of the purchases that it would have applied to.
    """

    offer_id: str
    version: int
    name: str
    members: int
    purchases: int
    points: int
    cost: Money
    spend: Money
    budget: BudgetNeeded | None
    by_week: list[OfWeek]
    by_tier: list[OfOneTier]
    by_segment: list[OfSegment]
    largest: list[int]
    excluded: list[WouldNotApply]
    overlap: list[Overlap]


class SimulationAnswer(msgspec.Struct, frozen=True):
    """What is known so far. share_percent: of the ledger that was looked at. purchases, members: of
    the time looked at, `since` exclusive. assumes: what the figures rest on. unreadable: accounts
    and records that were passed over, as not to be read or far too long (above 1,500 purchases).
    offers: side by side, each as if it alone were live beside the others."""

    simulation_id: str
    status: Literal["running", "complete"]
    share_percent: int
    months: int
    since: Instant
    as_of: Instant
    purchases: int
    members: int
    unreadable: int
    assumes: list[str]
    offers: list[SimulatedVersion]


def simulation_answer(found: OfferSimulated, names: Mapping[str, str]) -> SimulationAnswer:
    """names: of segments, by id."""
    simulation = found.simulation
    opt_in = any(one.offer.activation is Activation.OPT_IN for one in found.offers)
    return SimulationAnswer(
        simulation_id=simulation.simulation_id,
        status="complete" if found.complete else "running",
        share_percent=found.share_percent,
        months=simulation.months,
        since=printed(simulation.since),
        as_of=printed(simulation.at),
        purchases=found.purchases,
        members=found.accounts,
        unreadable=found.unreadable,
        assumes=[*_ASSUMED, *([_ALL_ACTIVATE] if opt_in else [])],
        offers=[_version(one, found.program, names) for one in found.offers],
    )


def simulation_csv(answer: SimulationAnswer) -> str:
    """One row a figure, the versions side by side in columns."""
    rows: dict[tuple[str, str], list[int]] = {}
    for place, version in enumerate(answer.offers):
        for key, figure in _figures(version):
            rows.setdefault(key, [0] * len(answer.offers))[place] = figure
    text = io.StringIO()
    lines = csv.writer(text)
    headings = [f"{version.offer_id} version {version.version}" for version in answer.offers]
    lines.writerow(["figure", "of", *headings])
    lines.writerows([*key, *figures] for key, figures in rows.items())
    return text.getvalue()


def _figures(version: SimulatedVersion) -> list[tuple[tuple[str, str], int]]:
    """Every figure with its name, and what it is of."""
    whole = {
        "members": version.members,
        "purchases": version.purchases,
        "points": version.points,
        "cost_minor": version.cost.amount_minor,
        "spend_minor": version.spend.amount_minor,
    }
    return [
        *(((name, ""), figure) for name, figure in whole.items()),
        *((("points_in_week", row.week), row.points) for row in version.by_week),
        *((("points_in_tier", row.tier_id or ""), row.points) for row in version.by_tier),
        *((("points_in_segment", row.segment_id), row.points) for row in version.by_segment),
        *((("purchases_without_it", row.reason), row.purchases) for row in version.excluded),
        *((("purchases_together_with", row.offer_id), row.together) for row in version.overlap),
    ]


def _version(one: SimulatedOffer, program: Program, names: Mapping[str, str]) -> SimulatedVersion:
    offer, tally = one.offer, one.tally
    budget = offer.budget
    return SimulatedVersion(
        offer_id=offer.offer_id,
        version=offer.version,
        name=offer.name,
        members=tally.members,
        purchases=tally.purchases,
        points=tally.points,
        cost=Money(cost_minor(program, tally.points), program.currency),
        spend=Money(tally.spend_minor, program.currency),
        budget=BudgetNeeded(budget.unit, budget.amount, tally.cost) if budget else None,
        by_week=[OfWeek(week, *row) for week, row in sorted(tally.by_week.items())],
        by_tier=_by_tier(tally, program),
        by_segment=[
            OfSegment(segment_id, names.get(segment_id, ""), *row)
            for segment_id, row in sorted(tally.by_segment.items())
        ],
        largest=tally.largest,
        excluded=[
            WouldNotApply(reason, purchases)
            for reason, purchases in sorted(tally.excluded.items(), key=lambda row: (-row[1], row))
        ],
        overlap=[Overlap(offer_id, *row) for offer_id, row in sorted(tally.overlap.items())],
    )


def _by_tier(tally: Tally, program: Program) -> list[OfOneTier]:
    """The lowest first; tiers that the program has no longer come last."""
    levels = program.tiers.levels if program.tiers else ()
    order = [NO_TIER, *(level.tier_id for level in levels)]
    known = [tier for tier in order if tier in tally.by_tier]
    others = sorted(tally.by_tier.keys() - set(known))
    return [
        OfOneTier(None if tier == NO_TIER else tier, *tally.by_tier[tier])
        for tier in (*known, *others)
    ]
