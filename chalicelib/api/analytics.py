"""Sums over all members over HTTP. No personal data."""

from collections.abc import Mapping

import msgspec

from chalicelib.api.points import Money
from chalicelib.api.reconciliations import reconciliation_id
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.allowances import ANALYTICS
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.liability import NEVER, NO_TIER, Liability, shares
from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import cost_minor
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.read_liability import LiabilityView, read_liability

routes = Routes(__name__)


class Valued(msgspec.Struct, frozen=True):
    """Points, and what they cost the shop."""

    points: int
    amount_minor: int


class OfMonth(msgspec.Struct, frozen=True):
    """month: as `2026-11`; null for points that never expire."""

    month: str | None
    points: int
    amount_minor: int


class OfTier(msgspec.Struct, frozen=True):
    """tier_id: null below the lowest tier. amount_minor: of available and pending points."""

    tier_id: str | None
    name: str | None
    accounts: int
    available: int
    pending: int
    debt: int
    amount_minor: int


class TiedToLedger(msgspec.Struct, frozen=True):
    """entered: the points of all entries, by kind; their sum is available + pending - debt +
    expired_unwritten. expired_unwritten: what has expired by the calendar, and no entry tells yet.
    difference: 0, or the books are wrong. accounts_unread: left out of all sums."""

    entered: dict[str, int]
    expired_unwritten: int
    difference: int
    accounts_unread: int


class LiabilityAnswer(msgspec.Struct, frozen=True):
    """What members held as of an instant, in points and in money.

    total: available and pending. debt: what members owe, in none of the other sums. by_expiry: the
    total by the month of the last day. by_earned: by the month of the entry that brought the
    points; points of another account are as old as their arrival. Parts in money add up to their
    total.
    """

    as_of: str
    reconciliation_id: str
    program_version: int
    thousand_points: Money
    accounts: int
    total: Valued
    available: Valued
    pending: Valued
    debt: Valued
    by_expiry: list[OfMonth]
    by_earned: list[OfMonth]
    by_tier: list[OfTier]
    ledger: TiedToLedger


@routes.get(
    "/v1/analytics/liability",
    opens=(Scope.ANALYTICS_READ,),
    summary="Read what members hold, in points and in money",
    answers={200: LiabilityAnswer},
    refuses=(NotFound,),
    rationed=ANALYTICS,
)
def get_liability(call: Call[None, None]) -> Answer:
    """As the last finished reconciliation summed it up; there is one every day."""
    return Answer(200, _answer(read_liability(call.ports)))


def _answer(view: LiabilityView) -> LiabilityAnswer:
    program, liability = view.program, view.report.liability
    held = liability.held
    available, pending = shares([held.available, held.pending], program)
    return LiabilityAnswer(
        as_of=printed(view.reconciliation.as_of),
        reconciliation_id=reconciliation_id(view.reconciliation.number),
        program_version=program.version,
        thousand_points=Money(program.thousand_points_minor, program.currency),
        accounts=held.accounts,
        total=Valued(held.available + held.pending, available + pending),
        available=Valued(held.available, available),
        pending=Valued(held.pending, pending),
        debt=Valued(held.debt, cost_minor(program, held.debt)),
        by_expiry=_by_month(liability.by_expiry, program),
        by_earned=_by_month(liability.by_earned, program),
        by_tier=_by_tier(liability, program),
        ledger=TiedToLedger(
            entered=liability.entered,
            expired_unwritten=liability.expired,
            difference=liability.difference,
            accounts_unread=view.report.accounts_unread,
        ),
    )


def _by_month(sums: Mapping[str, int], program: Program) -> list[OfMonth]:
    months = [month for month in sorted(sums) if sums[month]]
    worth = shares([sums[month] for month in months], program)
    return [
        OfMonth(None if month == NEVER else month, sums[month], minor)
        for month, minor in zip(months, worth, strict=True)
    ]


def _by_tier(liability: Liability, program: Program) -> list[OfTier]:
    """The lowest first; tiers that the program has no longer do not occur."""
    levels = program.tiers.levels if program.tiers else ()
    names: dict[str, str | None] = {NO_TIER: None, **{tier.tier_id: tier.name for tier in levels}}
    ids = [tier_id for tier_id in names if tier_id in liability.by_tier]
    held = [liability.by_tier[tier_id] for tier_id in ids]
    worth = shares([part.available + part.pending for part in held], program)
    return [
        OfTier(
            tier_id or None,
            names[tier_id],
            part.accounts,
            part.available,
            part.pending,
            part.debt,
            minor,
        )
        for tier_id, part, minor in zip(ids, held, worth, strict=True)
    ]
