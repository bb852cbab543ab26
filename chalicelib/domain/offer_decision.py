"""Which offers apply to a purchase, with how many points, and why others do not. No I/O.

Every figure is computed from what remains of the purchase, and from what base rate and rules give
alone: offers never multiply one another, and any parts of a return take back what the whole gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.account import MOST_OFFER_USES, OfferUse
from chalicelib.domain.applied_offers import (
    NO_OFFERS,
    AppliedOffer,
    NotApplied,
    NotAppliedReason,
    OfferDecision,
)
from chalicelib.domain.earning import Line, Remaining, eligible_minor
from chalicelib.domain.fact_list import Facts
from chalicelib.domain.live_offers import LiveOffer, LiveOffers
from chalicelib.domain.offer_measures import Measures, cost_of, points_on
from chalicelib.domain.offer_stacking import Fit, stacked
from chalicelib.domain.offer_times import exists, is_open, is_paused
from chalicelib.domain.offers import Activation, BasketTerms, Offer
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.rewards import LimitPeriod

MOST_TOLD = 10
"""Offers that did not apply and are told with a purchase."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A purchase as offers see it.

    program: the version that prices it. nets: the money of each line that earns, in minor units;
    quantities: the units left of each. local: when it was made, as the program's zone shows it.
    with_reward: whether a redemption paid for some of it. measures: of its lines, for all offers
    that look at it.
    """

    program: Program
    lines: tuple[Line, ...]
    nets: tuple[int, ...]
    quantities: tuple[int, ...]
    occurred_at: datetime
    local: datetime
    channel: str | None
    store_id: str | None
    with_reward: bool
    measures: Measures = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Who:
    """The member that buys. uses: of offers with a limit, those of periods that are over left out;
    activated: the ids of the offers that it has activated."""

    member_id: str
    facts: Facts
    uses: tuple[OfferUse, ...] = ()
    activated: frozenset[str] = frozenset()


def basket_of(
    program: Program, purchase: Purchase, remaining: Sequence[Remaining] | None = None
) -> Basket:
    """What offers see of what remains of a purchase (all of it when `remaining` is None).

    program: the version that prices it.
    """
    lines = purchase.lines
    nets = tuple(eligible_minor(program, lines, purchase.tenders, remaining))
    quantities = tuple(part.quantity for part in (lines if remaining is None else remaining))
    return Basket(
        program=program,
        lines=lines,
        nets=nets,
        quantities=quantities,
        occurred_at=purchase.occurred_at,
        local=purchase.occurred_at.astimezone(ZoneInfo(program.zone)),
        channel=purchase.channel,
        store_id=purchase.store_id,
        with_reward=any(tender.redemption_id is not None for tender in purchase.tenders),
        measures=Measures(program, lines, nets, quantities),
    )


def decide(
    live: LiveOffers, basket: Basket, who: Who, without: frozenset[str] = frozenset()
) -> OfferDecision:
    """What live offers give to a purchase, and why others of the member's give nothing.

    without: the ids of offers whose budget is empty. Shards of budgets are left to who keeps them.
    """
    offers = live.at_purchases(basket.local.date(), basket.program.zone)
    if not offers:
        return NO_OFFERS
    till = _Till(basket, who, without)
    fitting: list[Fit] = []
    told: list[_Told] = []
    asleep: list[_Told] = []  # nobody can do anything about these: they are told last
    for ready, all_day in offers:
        offer = ready.offer
        if not all_day and not exists(offer, basket.occurred_at):
            continue
        reason = till.unmet(offer, all_day)
        telling = told
        if reason is not None:
            telling = asleep if reason is NotAppliedReason.PAUSED else told
            # Once ten are told, nobody's audience is looked at for one that does not apply.
            if len(telling) >= MOST_TOLD:
                continue
        if not ready.is_for(who.member_id, who.facts):
            continue
        if reason is None:
            points, minor = points_on(offer, basket.measures)
            if points:
                fitting.append((offer, points, minor))
                continue
            reason = NotAppliedReason.MINIMUM
        telling.append((offer, reason, None))
    kept, too_many = till.with_room(fitting)
    applied, beaten = stacked(kept, MOST_TOLD)
    told += ((offer, NotAppliedReason.MEMBER_LIMIT, None) for offer, _, _ in too_many)
    told += ((offer, NotAppliedReason.BEATEN, winner) for offer, winner in beaten)
    told.sort(key=lambda row: (-row[0].stacking.priority, row[0].number))
    return OfferDecision(
        tuple(till.applied(fit) for fit in applied),
        tuple(till.not_applied(*row) for row in (*told, *asleep)[:MOST_TOLD]),
    )


def fits(ready: LiveOffer, basket: Basket, who: Who) -> bool:
    """Whether a purchase is one that an offer asks for, and its member one that it is for."""
    return (
        exists(ready.offer, basket.occurred_at)
        and _Till(basket, who, frozenset()).unmet(ready.offer, all_day=False) is None
        and ready.is_for(who.member_id, who.facts)
    )


_Told = tuple[Offer, NotAppliedReason, str | None]
"""An offer that does not apply, why, and the id of the offer that beats it."""


class _Till:
    """One purchase with what many offers ask of it, each computed once."""

    def __init__(self, basket: Basket, who: Who, without: frozenset[str]) -> None:
        self._basket, self._who, self._without = basket, who, without
        self._used = {(use.number, use.period): use.count for use in who.uses}
        self._periods: dict[LimitPeriod | None, str] = {}

    def unmet(self, offer: Offer, all_day: bool) -> NotAppliedReason | None:
        """What of an offer's terms the purchase does not meet; what can least be helped first.

        all_day: whether its schedule is known to have the whole day.
        """
        if not all_day:
            if is_paused(offer, self._basket.occurred_at):
                return NotAppliedReason.PAUSED
            if not self._is_open(offer):
                return NotAppliedReason.SCHEDULE
        if offer.activation is Activation.OPT_IN and offer.offer_id not in self._who.activated:
            return NotAppliedReason.NOT_ACTIVATED
        if offer.member_limit is not None and self._uses(offer) >= offer.member_limit:
            return NotAppliedReason.MEMBER_LIMIT
        if offer.offer_id in self._without:
            return NotAppliedReason.BUDGET
        return self._unmet_by_basket(offer.basket)

    def with_room(self, fitting: Sequence[Fit]) -> tuple[list[Fit], list[Fit]]:
        """Those of which the account has room to keep how often they were used, and the others."""
        kept: list[Fit] = []
        too_many: list[Fit] = []
        room = MOST_OFFER_USES - len(self._used)
        for fit in fitting:
            if fit[0].member_limit is not None and not self._uses(fit[0]):
                room -= 1
                (kept if room >= 0 else too_many).append(fit)
            else:
                kept.append(fit)
        return kept, too_many

    def applied(self, fit: Fit) -> AppliedOffer:
        """What an offer gives."""
        offer, points, minor = fit
        return AppliedOffer(
            offer.offer_id,
            offer.number,
            offer.version,
            points,
            minor,
            cost_of(offer, points, self._basket.program.thousand_points_minor),
            self._period(offer) if offer.member_limit is not None else None,
        )

    def not_applied(self, offer: Offer, reason: NotAppliedReason, of: str | None) -> NotApplied:
        """An offer with the reason, and with what is missing where that can be counted."""
        terms = offer.basket
        minor, units = self._basket.measures.of(terms.matches)
        if reason is NotAppliedReason.MINIMUM and minor < terms.minimum_minor:
            missing = terms.minimum_minor - minor
            return NotApplied(offer.offer_id, offer.version, reason, missing, "minor")
        if reason is NotAppliedReason.QUANTITY:
            missing = terms.quantity - units
            return NotApplied(offer.offer_id, offer.version, reason, missing, "units")
        return NotApplied(offer.offer_id, offer.version, reason, of=of)

    def _unmet_by_basket(self, terms: BasketTerms) -> NotAppliedReason | None:
        basket = self._basket
        if terms.channels and basket.channel not in terms.channels:
            return NotAppliedReason.CHANNEL
        if terms.stores and basket.store_id not in terms.stores:
            return NotAppliedReason.STORE
        if terms.first_purchase and self._who.facts.get("first_purchase") is not True:
            return NotAppliedReason.FIRST_PURCHASE
        if terms.with_reward and not basket.with_reward:
            return NotAppliedReason.WITH_REWARD
        minor, units = self._basket.measures.of(terms.matches)
        if not minor:
            return NotAppliedReason.PRODUCTS
        if units < terms.quantity:
            return NotAppliedReason.QUANTITY
        return NotAppliedReason.MINIMUM if minor < terms.minimum_minor else None

    def _is_open(self, offer: Offer) -> bool:
        starts_at = offer.schedule.starts_at
        has_begun = starts_at is None or starts_at <= self._basket.occurred_at
        return has_begun and is_open(offer.schedule, self._basket.local)

    def _uses(self, offer: Offer) -> int:
        return self._used.get((offer.number, self._period(offer)), 0)

    def _period(self, offer: Offer) -> str:
        kind = offer.member_limit_period
        if kind not in self._periods:
            basket = self._basket
            self._periods[kind] = period_of(kind, basket.occurred_at, basket.program.zone)
        return self._periods[kind]
