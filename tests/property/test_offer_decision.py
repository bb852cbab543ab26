"""Whatever offers are live: none is told to who is not meant, none makes another one more, and what
they gave comes back with what it was given for."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.applied_offers import AppliedOffer, NotAppliedReason, OfferDecision
from chalicelib.domain.conditions import compiled
from chalicelib.domain.earning import Remaining, eligible_minor, price
from chalicelib.domain.live_offers import LiveOffers, in_holdout
from chalicelib.domain.offer_decision import Basket, Who, basket_of, decide
from chalicelib.domain.offer_measures import points_of
from chalicelib.domain.offers import (
    BasketTerms,
    LineMatch,
    Multiplier,
    Offer,
    OfferStatus,
    Stacking,
)
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase
from tests.property.offers import buyers, live_offers, purchases
from tests.property.programs import programs

SOMEBODY = Who("mem_1", {"first_purchase": True})

decisions = given(programs(), live_offers(), purchases, buyers)
"""A program, offers that are live, what is bought, and who buys it."""

returns = given(programs(), live_offers(most=3, always=True), purchases, st.data())
"""A program, offers that anybody gets at any time, what is bought, and what comes back of it."""


def a_decision_keeps_what_offers_promise(
    program: Program, offers: list[Offer], purchase: Purchase, who: Who
) -> None:
    """Who is not meant is told nothing; each offer gives what it would alone; groups give the best
    one; an exclusive one is alone; and where anything can apply, something does."""
    basket = basket_of(program, purchase)
    together = decide(LiveOffers(1, offers), basket, who)
    alone = {offer.offer_id: one for offer in offers if (one := _alone(offer, basket, who))}
    stacking = {offer.offer_id: offer.stacking for offer in offers}
    _is_told_to_whom_it_is_meant_for(together, offers, who)
    _gives_what_each_would_alone(together, alone)
    _gives_the_best_of_groups(together.applied, alone, stacking)
    _is_alone_where_exclusive(together.applied, stacking)
    assert bool(together.applied) == bool(alone)
    ranks = [(-stacking[one.offer_id].priority, -one.points) for one in together.applied]
    assert ranks == sorted(ranks)


def an_offer_applies_exactly_when_all_is_true(
    program: Program, offers: list[Offer], purchase: Purchase, who: Who
) -> None:
    """Each offer alone, beside a second opinion."""
    basket = basket_of(program, purchase)
    for offer in offers:
        expected = _is_meant(offer, who) and _is_its_time(offer, program, purchase)
        expected = expected and _is_met(offer.basket, basket, who)
        expected = expected and _points_left(offer, program, purchase, None) > 0
        assert (_alone(offer, basket, who) is not None) == expected


def any_parts_of_a_return_take_back_what_offers_gave(
    program: Program, offers: list[Offer], purchase: Purchase, data: st.DataObject
) -> None:
    """Nothing that comes back gives points, and nothing is left of them when no money is."""
    basket = basket_of(program, purchase)
    given_points = {one.offer_id: one.points for one in _applied(offers, basket)}
    left = [Remaining(line.quantity, line.amount_minor) for line in purchase.lines]
    points = [_points_left(offer, program, purchase, left) for offer in offers]
    for offer, whole in zip(offers, points, strict=True):
        assert whole == given_points.get(offer.offer_id, whole)
    for _ in range(data.draw(st.integers(0, 4))):
        left = [
            Remaining(_some(data, part.quantity), _some(data, part.amount_minor)) for part in left
        ]
        before, points = points, [_points_left(offer, program, purchase, left) for offer in offers]
        assert all(0 <= now <= was for was, now in zip(before, points, strict=True))
    # What is left at the end is none of the money, whatever became of the pieces.
    nothing = [Remaining(part.quantity, 0) for part in left]
    assert all(_points_left(offer, program, purchase, nothing) == 0 for offer in offers)


@settings(max_examples=40)
@decisions
def test_offers_keep_their_promises_whatever_other_offers_there_are(
    program: Program, offers: list[Offer], purchase: Purchase, who: Who
) -> None:
    a_decision_keeps_what_offers_promise(program, offers, purchase, who)


@settings(max_examples=30)
@decisions
def test_an_offer_applies_exactly_when_all_that_it_asks_for_is_true(
    program: Program, offers: list[Offer], purchase: Purchase, who: Who
) -> None:
    an_offer_applies_exactly_when_all_is_true(program, offers, purchase, who)


@settings(max_examples=30)
@returns
def test_any_parts_of_a_return_take_back_what_offers_gave_and_never_more_at_once(
    program: Program, offers: list[Offer], purchase: Purchase, data: st.DataObject
) -> None:
    any_parts_of_a_return_take_back_what_offers_gave(program, offers, purchase, data)


@settings(max_examples=20)
@given(programs(), st.lists(st.sampled_from([110, 200, 300]), max_size=4), purchases)
def test_multipliers_add_up_and_never_compound(
    program: Program, percents: list[int], purchase: Purchase
) -> None:
    bare = Offer("off", 0, 1, "More", Multiplier(200), {}, status=OfferStatus.LAUNCHED)
    launched_at = purchase.occurred_at - timedelta(days=1)
    offers = [
        replace(bare, offer_id=f"off_{n}", number=n, effect=effect, launched_at=launched_at)
        for n, effect in enumerate(map(Multiplier, percents))
    ]
    by_rules = price(replace(program, tiers=None), purchase.lines, purchase.tenders).points
    points = sum(row.points for row in _applied(offers, basket_of(program, purchase)))
    exact = sum((percent - 100) * by_rules for percent in percents) / 100
    assert points == exact or abs(points - exact) < len(percents)


def _applied(offers: list[Offer], basket: Basket, who: Who = SOMEBODY) -> tuple[AppliedOffer, ...]:
    return decide(LiveOffers(1, offers), basket, who).applied


def _alone(offer: Offer, basket: Basket, who: Who) -> AppliedOffer | None:
    applied = _applied([offer], basket, who)
    return applied[0] if applied else None


def _is_told_to_whom_it_is_meant_for(
    decision: OfferDecision, offers: list[Offer], who: Who
) -> None:
    meant = {
        offer.offer_id
        for offer in offers
        if (offer.audience is None or compiled(offer.audience)(who.facts))
        and not in_holdout(offer, who.member_id)
    }
    told = {one.offer_id for one in decision.applied}
    told |= {one.offer_id for one in decision.not_applied}
    told |= {one.of for one in decision.not_applied if one.of is not None}
    assert told <= meant


def _gives_what_each_would_alone(decision: OfferDecision, alone: dict[str, AppliedOffer]) -> None:
    applied = {one.offer_id for one in decision.applied}
    beaten = [one for one in decision.not_applied if one.reason is NotAppliedReason.BEATEN]
    assert all(one == alone[one.offer_id] for one in decision.applied)
    assert {one.offer_id for one in beaten} | applied == set(alone)
    assert all(one.of in applied for one in beaten)


def _gives_the_best_of_groups(
    applied: tuple[AppliedOffer, ...],
    alone: dict[str, AppliedOffer],
    stacking: dict[str, Stacking],
) -> None:
    groups = [group for one in applied if (group := stacking[one.offer_id].group) is not None]
    assert len(groups) == len(set(groups))
    for one in applied:
        group = stacking[one.offer_id].group
        others = [other for key, other in alone.items() if stacking[key].group == group]
        assert group is None or all(other.points <= one.points for other in others)


def _is_alone_where_exclusive(
    applied: tuple[AppliedOffer, ...], stacking: dict[str, Stacking]
) -> None:
    assert len(applied) == 1 or not any(stacking[one.offer_id].exclusive for one in applied)


def _some(data: st.DataObject, most: int) -> int:
    return data.draw(st.integers(0, most))


def _points_left(
    offer: Offer, program: Program, purchase: Purchase, left: list[Remaining] | None
) -> int:
    nets = eligible_minor(program, purchase.lines, purchase.tenders, left)
    quantities = [part.quantity for part in left or purchase.lines]
    return points_of(offer, program, purchase.lines, nets, quantities)[0]


# --- a second opinion, written as the documentation says it -----------------------------------


def _is_meant(offer: Offer, who: Who) -> bool:
    in_audience = offer.audience is None or compiled(offer.audience)(who.facts)
    activated = offer.activation == "automatic" or offer.offer_id in who.activated
    return in_audience and activated and not in_holdout(offer, who.member_id)


def _is_its_time(offer: Offer, program: Program, purchase: Purchase) -> bool:
    at, schedule = purchase.occurred_at, offer.schedule
    if offer.launched_at is None or at < offer.launched_at:
        return False
    if schedule.starts_at is not None and at < schedule.starts_at:
        return False
    if schedule.ends_at is not None and at >= schedule.ends_at:
        return False
    local = at.astimezone(ZoneInfo(program.zone))
    # Every minute of a window belongs to the day on which the window begins.
    for first, last in schedule.hours or ((0, 1_440),):
        long = (last - first) % 1_440 or 1_440
        minute = local.hour * 60 + local.minute
        began = local.date() - timedelta(days=1 if minute < first else 0)
        if (minute - first) % 1_440 < long and (
            (not schedule.weekdays or began.weekday() in schedule.weekdays)
            and (not schedule.days_of_month or began.day in schedule.days_of_month)
        ):
            return True
    return False


def _is_met(terms: BasketTerms, basket: Basket, who: Who) -> bool:
    counted = [
        (net, quantity)
        for line, net, quantity in zip(basket.lines, basket.nets, basket.quantities, strict=True)
        if net
        and _names(terms.matches, "skus", line.sku)
        and _names(terms.matches, "categories", line.category)
        and _names(terms.matches, "brands", line.brand)
    ]
    return (
        bool(counted)
        and sum(net for net, _ in counted) >= terms.minimum_minor
        and sum(quantity for _, quantity in counted) >= terms.quantity
        and (not terms.channels or basket.channel in terms.channels)
        and (not terms.stores or basket.store_id in terms.stores)
        and (not terms.first_purchase or who.facts["first_purchase"] is True)
        and (not terms.with_reward or basket.with_reward)
    )


def _names(match: LineMatch, kind: str, value: str | None) -> bool:
    named = getattr(match, kind)
    return not named or value in named
