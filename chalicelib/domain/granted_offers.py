"""Offers that gave something to a purchase: what they bring to its account, and what goes back when
some of it is returned.

Computed anew from what remains, like everything that a purchase earns, with the versions that gave
it: returning all of it in any parts takes back what it gave. Knows neither stores nor how an offer
was chosen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.account import Account, OfferUse
from chalicelib.domain.applied_offers import AWARD, OFFER, AppliedOffer
from chalicelib.domain.budgets import given_back
from chalicelib.domain.earning import Remaining, eligible_minor
from chalicelib.domain.entries import Why
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.lots import Days, days_of
from chalicelib.domain.offer_measures import cost_of, points_of
from chalicelib.domain.offer_uses import offer_uses_together
from chalicelib.domain.offers import Offer
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.redemptions import is_over

BudgetParts = tuple[tuple[str, int, int], ...]
"""(offer id, shard, amount in the budget's unit)."""

_ROOMY = 20
"""Uses beside which an account has room for those of any purchase."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What an offer gave to a purchase, and the version of it that did. award: whether that is a
    reward to redeem, told though it is no points."""

    offer: Offer
    applied: AppliedOffer
    award: bool = False

    @property
    def rule(self) -> str:
        """Names it among a purchase's reasons."""
        is_award = self.offer.challenge is not None
        return (AWARD if is_award else OFFER) + self.applied.offer_id

    @property
    def why(self) -> Why:
        """What it gave, as a reason."""
        return Why(self.rule, self.applied.points, self.applied.minor)

    def days(self, program: Program, occurred_on: date) -> Days:
        """The days of its points. program: the version that prices the purchase."""
        return days_of(program, self.offer.pending, occurred_on)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a return takes of what offers gave.

    rows: the reason (negative points) and the days of what it takes. uses: of limited offers that
    give nothing any more, number and period. budgets: what flows back to budgets.
    """

    rows: tuple[tuple[Why, Days], ...] = ()
    uses: tuple[tuple[int, str], ...] = ()
    budgets: BudgetParts = ()

    def and_also(self, other: "TakenBack") -> "TakenBack":
        """Both together."""
        return TakenBack(
            (*self.rows, *other.rows),
            (*self.uses, *other.uses),
            (*self.budgets, *other.budgets),
        )


NOTHING_BACK = TakenBack()


def taken_back(
    granted: Sequence[Granted],
    program: Program,
    purchase: Purchase,
    before: Sequence[Remaining],
    after: Sequence[Remaining],
    occurred_on: date,
) -> TakenBack:
    """What goes when of a purchase less remains than before. program: the version that priced it,
    in whose zone it was made on `occurred_on`. Challenges go by what their members did in all, and
    are not among these."""
    granted = [one for one in granted if one.offer.challenge is None]
    was = [_points_left(one.offer, program, purchase, before) for one in granted]
    now = [_points_left(one.offer, program, purchase, after) for one in granted]
    rows: list[tuple[Why, Days]] = []
    uses: list[tuple[int, str]] = []
    budgets: list[tuple[str, int, int]] = []
    for one, (had, had_minor), (has, has_minor) in zip(granted, was, now, strict=True):
        if (had, had_minor) != (has, has_minor):
            row = Why(one.rule, has - had, has_minor - had_minor)
            rows.append((row, one.days(program, occurred_on)))
        if had and not has and one.applied.period is not None:
            uses.append((one.applied.number, one.applied.period))
        rate = program.thousand_points_minor
        before_cost, after_cost = cost_of(one.offer, had, rate), cost_of(one.offer, has, rate)
        parts = given_back(one.applied.shards, before_cost, after_cost)
        budgets += [(one.applied.offer_id, shard, amount) for shard, amount in parts]
    return TakenBack(tuple(rows), tuple(uses), tuple(budgets))


def _points_left(
    offer: Offer, program: Program, purchase: Purchase, left: Sequence[Remaining]
) -> tuple[int, int]:
    nets = eligible_minor(program, purchase.lines, purchase.tenders, left)
    quantities = [part.quantity for part in left]
    return points_of(offer, program, purchase.lines, nets, quantities)


# --- uses ----------------------------------------------------------------------------------------


def uses_that_count(
    account: Account, live: LiveOffers, at: datetime, zone: str
) -> tuple[OfferUse, ...]:
    """An account's uses of offers, as a purchase of an instant has to know them: where there are
    many, without those of offers that are over and of periods that are."""
    uses = account.offer_uses
    if len(uses) <= _ROOMY:
        return uses
    going_on = {
        ready.offer.number
        for ready in live.all
        if ready.offer.closes_at is None or at < ready.offer.closes_at
    }
    return tuple(
        use for use in uses if use.number in going_on and not is_over(use.period, at, zone)
    )


def with_uses(
    account: Account, counting: tuple[OfferUse, ...], granted: Iterable[Granted]
) -> Account:
    """The account with one use more of each limited offer among these. counting: those it keeps
    where there is any."""
    more = [
        OfferUse(one.applied.number, one.applied.period, 1)
        for one in granted
        if one.applied.period is not None
    ]
    if not more:
        return account
    return replace(account, offer_uses=offer_uses_together((*counting, *more)))


def without_uses(account: Account, uses: Iterable[tuple[int, str]]) -> Account:
    """The account with one use less of each of these, as far as it still knows of one."""
    gone = set(uses)
    if not gone:
        return account
    left = (
        replace(use, count=use.count - 1) if (use.number, use.period) in gone else use
        for use in account.offer_uses
    )
    return replace(account, offer_uses=tuple(use for use in left if use.count > 0))
