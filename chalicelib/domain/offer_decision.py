"""Which offers apply to a purchase, with how many points, and why others do not. No I/O.

Every figure is computed from what remains of the purchase, and from what base rate and rules give
alone: offers never multiply one another, and any parts of a return take back what the whole gave.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.account import MOST_OFFER_USES, OfferUse
from chalicelib.domain.earning import Line, Remaining, eligible_minor
from chalicelib.domain.fact_list import Facts
from chalicelib.domain.live_offers import LiveOffer, LiveOffers, is_open
from chalicelib.domain.offer_measures import Measures, cost_of, points_on
from chalicelib.domain.offers import (
    NO_OFFERS,
    Activation,
    AppliedOffer,
    BasketTerms,
    NotApplied,
    NotAppliedReason,
    Offer,
    OfferDecision,
    OfferStatus,
)
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.rewards import LimitPeriod

MOST_TOLD = 10
"""Offers that did not apply and are told with a purchase."""
MOST_APPLIED = 20
"""Offers that give something to one purchase: each limited one is a write in its transaction."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A purchase as offers see it.

    program: the version that prices it. nets: the money of each line that earns, in minor units;
    quantities: the units left of each. local: when it was made, as the program's zone shows it.
    with_reward: whether a redemption paid for some of it.
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
    left = lines if remaining is None else remaining
    return Basket(
        program=program,
        lines=lines,
        nets=tuple(eligible_minor(program, lines, purchase.tenders, remaining)),
        quantities=tuple(part.quantity for part in left),
        occurred_at=purchase.occurred_at,
        local=purchase.occurred_at.astimezone(ZoneInfo(program.zone)),
        channel=purchase.channel,
        store_id=purchase.store_id,
        with_reward=any(tender.redemption_id is not None for tender in purchase.tenders),
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
    fitting: list[_Fit] = []
    told: list[_Told] = []
    for ready in offers:
        offer = ready.offer
        if not _exists(offer, basket.occurred_at):
            continue
        reason = till.unmet(offer)
        # Who is told of ten already needs no further audience looked at for that.
        if reason is not None and len(told) >= MOST_TOLD:
            continue
        if not ready.is_for(who.member_id, who.facts):
            continue
        if reason is not None:
            told.append((offer, till.not_applied(offer, reason)))
        elif (fit := till.fit(offer)).points:
            fitting.append(fit)
        else:
            told.append((offer, till.not_applied(offer, NotAppliedReason.MINIMUM)))
    applied, others = _stacked(_with_room(fitting, till, told))
    return OfferDecision(
        tuple(till.applied(fit) for fit in applied), _most_wanted([*told, *others])
    )


def fits(ready: LiveOffer, basket: Basket, who: Who) -> bool:
    """Whether a purchase is one that an offer asks for, and its member one that it is for."""
    till = _Till(basket, who, frozenset())
    return (
        _exists(ready.offer, basket.occurred_at)
        and till.unmet(ready.offer) is None
        and ready.is_for(who.member_id, who.facts)
    )


_Told = tuple[Offer, NotApplied]


@dataclass(frozen=True, slots=True)
class _Fit:
    """An offer that could apply. points, and the money in minor units they are counted on."""

    offer: Offer
    points: int
    minor: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """The order in which offers apply."""
        return -self.offer.stacking.priority, -self.points, self.offer.number

    @property
    def worth(self) -> tuple[int, int, int]:
        """The order in which offers of a group are better."""
        return -self.points, -self.offer.stacking.priority, self.offer.number


class _Till:
    """One purchase with what many offers ask of it, each computed once."""

    def __init__(self, basket: Basket, who: Who, without: frozenset[str]) -> None:
        self._basket, self._who, self._without = basket, who, without
        self._measures = Measures(basket.program, basket.lines, basket.nets, basket.quantities)
        self._used = {(use.number, use.period): use.count for use in who.uses}
        self._periods: dict[LimitPeriod | None, str] = {}

    def unmet(self, offer: Offer) -> NotAppliedReason | None:
        """What of an offer's terms the purchase does not meet; what can least be helped first."""
        if not is_open(offer.schedule, self._basket.local) or not self._has_begun(offer):
            return NotAppliedReason.SCHEDULE
        if offer.activation is Activation.OPT_IN and offer.offer_id not in self._who.activated:
            return NotAppliedReason.NOT_ACTIVATED
        if offer.member_limit is not None and self._uses(offer) >= offer.member_limit:
            return NotAppliedReason.MEMBER_LIMIT
        if offer.offer_id in self._without:
            return NotAppliedReason.BUDGET
        return self._unmet_by_basket(offer.basket)

    def not_applied(self, offer: Offer, reason: NotAppliedReason) -> NotApplied:
        """An offer with the reason, and with what is missing where that can be counted."""
        terms = offer.basket
        minor, units = self._measures.of(terms.matches)
        if reason is NotAppliedReason.MINIMUM and minor < terms.minimum_minor:
            missing = terms.minimum_minor - minor
            return NotApplied(offer.offer_id, offer.version, reason, missing, "minor")
        if reason is NotAppliedReason.QUANTITY:
            missing = terms.quantity - units
            return NotApplied(offer.offer_id, offer.version, reason, missing, "units")
        return NotApplied(offer.offer_id, offer.version, reason)

    def fit(self, offer: Offer) -> _Fit:
        """What an offer would give whose terms are met."""
        return _Fit(offer, *points_on(offer, self._measures))

    def needs_room(self, offer: Offer) -> bool:
        """Whether the account has to keep one use more if an offer applies."""
        return offer.member_limit is not None and not self._uses(offer)

    @property
    def room(self) -> int:
        """How many more uses the account can keep."""
        return MOST_OFFER_USES - len(self._used)

    def applied(self, fit: _Fit) -> AppliedOffer:
        """What an offer gives."""
        offer = fit.offer
        return AppliedOffer(
            offer.offer_id,
            offer.number,
            offer.version,
            fit.points,
            fit.minor,
            cost_of(offer, fit.points, self._basket.program.thousand_points_minor),
            self._period(offer) if offer.member_limit is not None else None,
        )

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
        minor, units = self._measures.of(terms.matches)
        if not minor:
            return NotAppliedReason.PRODUCTS
        if units < terms.quantity:
            return NotAppliedReason.QUANTITY
        return NotAppliedReason.MINIMUM if minor < terms.minimum_minor else None

    def _has_begun(self, offer: Offer) -> bool:
        starts_at = offer.schedule.starts_at
        return starts_at is None or starts_at <= self._basket.occurred_at

    def _uses(self, offer: Offer) -> int:
        return self._used.get((offer.number, self._period(offer)), 0)

    def _period(self, offer: Offer) -> str:
        kind = offer.member_limit_period
        if kind not in self._periods:
            basket = self._basket
            self._periods[kind] = period_of(kind, basket.occurred_at, basket.program.zone)
        return self._periods[kind]


def _exists(offer: Offer, at: datetime) -> bool:
    """Whether an offer was launched by then and not over yet: of others there is nothing to say."""
    if offer.launched_at is None or offer.launched_at > at:
        return False
    if offer.closes_at is None:
        return offer.status is not OfferStatus.ENDED
    return at < offer.closes_at


def _with_room(fitting: list[_Fit], till: _Till, told: list[_Told]) -> list[_Fit]:
    """Those of which the account can keep how often they were used; the others are told."""
    kept, room = [], till.room
    for fit in fitting:
        if till.needs_room(fit.offer):
            room -= 1
            if room < 0:
                reason = NotAppliedReason.MEMBER_LIMIT
                told.append((fit.offer, till.not_applied(fit.offer, reason)))
                continue
        kept.append(fit)
    return kept


def _stacked(fitting: list[_Fit]) -> tuple[list[_Fit], list[_Told]]:
    """Which offers apply together, and which are beaten: by a better one of their group, by an
    exclusive one, by all that go before one that would be alone, or by their number."""
    best: dict[str, _Fit] = {}
    for fit in sorted(fitting, key=lambda fit: fit.worth):
        if fit.offer.stacking.group is not None:
            best.setdefault(fit.offer.stacking.group, fit)
    applied: list[_Fit] = []
    beaten: list[_Fit] = []
    for fit in sorted(fitting, key=lambda fit: fit.rank):
        winner = best.get(fit.offer.stacking.group or "", fit)
        alone = applied and (applied[0].offer.stacking.exclusive or fit.offer.stacking.exclusive)
        loses = winner is not fit or alone or len(applied) >= MOST_APPLIED
        (beaten if loses else applied).append(fit)
    ids = {fit.offer.offer_id for fit in applied}
    return applied, [_beaten(fit.offer, best, applied[0].offer, ids) for fit in beaten]


def _beaten(offer: Offer, best: dict[str, _Fit], first: Offer, applied: set[str]) -> _Told:
    """first: of the offers that apply; it is named where none of the offer's own group does."""
    winner = best[offer.stacking.group].offer if offer.stacking.group in best else first
    of = winner if winner.offer_id in applied and winner is not offer else first
    reason = NotAppliedReason.BEATEN
    return offer, NotApplied(offer.offer_id, offer.version, reason, of=of.offer_id)


def _most_wanted(told: Iterable[_Told]) -> tuple[NotApplied, ...]:
    """The ten of the highest priority."""
    ordered = sorted(told, key=lambda pair: (-pair[0].stacking.priority, pair[0].number))
    return tuple(not_applied for _, not_applied in ordered[:MOST_TOLD])
