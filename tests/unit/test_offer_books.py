"""What is kept of offers beside points: budgets that the books must agree with, uses in accounts,
and what is left when a member is erased."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.account import Account, OfferUse
from chalicelib.domain.applied_offers import AppliedOffer, NotApplied, NotAppliedReason
from chalicelib.domain.applied_texts import pack_offers, unpack_offers
from chalicelib.domain.granted_offers import uses_that_count
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offers import BasketTerms, BonusPoints, Budget, Occasion, Offer, RewardPrice
from chalicelib.domain.purchases import PurchaseRecord
from chalicelib.domain.reconciliations import Report
from chalicelib.domain.redaction import redacted_purchase
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.usecases.reconcile import reconcile_now
from tests.ledger_world import NOW, PROGRAM, fake_world, line
from tests.offer_world import Shop

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def shop() -> Shop:
    return Shop(fake_world()[0])


def _reconciled(shop: Shop, days: int = 0) -> Report:
    at = LATER + timedelta(days=days)
    return reconcile_now(shop.world.ports, lambda: at, lambda: True).report


def _spend(shop: Shop) -> tuple[Offer, Offer]:
    """Two budgets of which something was taken and has flowed back in every way."""
    mia, mug = shop.world.member(points=500), shop.world.reward(points=60)
    bonus = shop.launch("bonus", BonusPoints(40), budget=Budget("points", 1_000, 3))
    price = shop.launch(
        "price",
        RewardPrice(mug.reward_id, 20),
        occasion=Occasion.REDEMPTION,
        budget=Budget("minor", 1_000, 2),
    )
    for number in range(4):
        shop.post(f"p{number}", mia, line())
    shop.world.give_back("p0", "r", 1_000)
    shop.world.send_back("early", "r", 1_000)
    shop.post("early", mia, line())
    shop.world.redeem(mia, mug, "k")
    assert shop.left(bonus) == 1_000 - 3 * 40
    assert shop.left(price) < 1_000
    return bonus, price


def test_budgets_agree_with_the_books_also_when_they_were_raised(shop: Shop) -> None:
    bonus, _ = _spend(shop)
    assert _reconciled(shop).breaches == ()
    shop.change(bonus, budget=Budget("points", 3_000, 5))
    assert _reconciled(shop, days=1).breaches == ()


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("units", [-1, 1])
def test_a_budget_that_does_not_agree_with_the_books_is_named(
    shop: Shop, place: int, units: int
) -> None:
    offer = _spend(shop)[place]
    left = shop.world.ports.offers.left  # type: ignore[attr-defined]  # of the fake
    left[offer.offer_id][0] += units
    report = _reconciled(shop)
    assert [(b.code, b.key) for b in report.breaches] == [("budget_wrong", offer.offer_id)]


def test_what_an_offer_gave_and_asked_of_no_counter_is_named() -> None:
    world, ledger = fake_world()
    shop, mia = Shop(world), world.member(points=500)
    mug = world.reward(points=60)
    shop.launch("bonus", BonusPoints(40), budget=Budget("points", 100))
    price = RewardPrice(mug.reward_id, 20)
    budget = Budget("points", 100)
    shop.launch("price", price, occasion=Occasion.REDEMPTION, budget=budget)
    shop.post("p", mia, line())
    world.redeem(mia, mug, "k")
    assert _reconciled(shop).breaches == ()
    for key, cause in ledger.causes.items():
        if isinstance(cause, PurchaseRecord):
            unpaid = tuple(replace(offer, shards=()) for offer in cause.offers)
            ledger.causes[key] = replace(cause, offers=unpaid)
        elif isinstance(cause, RedemptionRecord) and cause.offer is not None:
            ledger.causes[key] = replace(cause, offer=replace(cause.offer, shards=()))
    codes = [breach.code for breach in _reconciled(shop).breaches]
    assert codes.count("offer_unpaid") == 2


def test_that_an_offer_was_paused_is_stored_in_words_that_every_release_can_read() -> None:
    paused = NotApplied("off_1", 3, NotAppliedReason.PAUSED)
    text = pack_offers((), (paused,))
    assert text == '[[],[["off_1",3,"schedule",null,null,"paused"]]]'
    assert unpack_offers(text) == ((), (paused,))


def test_of_a_redacted_purchase_it_stays_what_offers_gave_and_goes_what_could_have_been() -> None:
    world, ledger = fake_world()
    shop, mia = Shop(world), world.member()
    shop.launch("bonus", BonusPoints(40), budget=Budget("points", 100))
    shop.launch("more", BonusPoints(50), basket=BasketTerms(minimum_minor=1_200))
    shop.post("p", mia, line())
    [record] = [one for one in ledger.causes.values() if isinstance(one, PurchaseRecord)]
    assert record.not_applied == (
        NotApplied("off_more", 1, NotAppliedReason.MINIMUM, 200, "minor"),
    )
    left = redacted_purchase(replace(record, language="de"), PROGRAM.zone)
    given = AppliedOffer("off_bonus", 1, 1, 40, 1_000, 40, None, ((0, 40),))
    assert (left.offers, left.not_applied, left.language) == ((given,), (), None)


def test_uses_of_what_is_over_go_where_there_are_many(shop: Shop) -> None:
    offers = [
        shop.launch(f"{n}", BonusPoints(1), member_limit=1, ended_at=NOW if n % 2 else None)
        for n in range(1, 13)
    ]
    mine = tuple(
        OfferUse(offer.number, period, 1) for offer in offers for period in ("2026-02", "2026-03")
    )
    live = LiveOffers(1, offers)
    few, many = Account(offer_uses=mine[:20]), Account(offer_uses=mine)
    assert uses_that_count(few, live, NOW, PROGRAM.zone) == mine[:20]
    kept = uses_that_count(many, live, NOW, PROGRAM.zone)
    assert {use.period for use in kept} == {"2026-03"}
    assert [use.number for use in kept] == [offer.number for offer in offers[1::2]]
    # One that was bought before they ended still finds them.
    before = NOW - timedelta(days=1)
    assert len(uses_that_count(many, live, before, PROGRAM.zone)) == len(offers)
