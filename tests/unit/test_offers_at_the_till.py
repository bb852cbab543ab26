"""Offers in purchases and returns: what they give, what is kept of them, what goes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.api.purchase_answers import purchase_answer
from chalicelib.domain.account import OfferUse
from chalicelib.domain.applied_offers import AppliedOffer, NotAppliedReason
from chalicelib.domain.offer_life import ended, launched, paused, replaced
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    LineMatch,
    Multiplier,
    Offer,
    OfferStatus,
    PointsPerUnit,
    Stacking,
)
from chalicelib.usecases.ports import Outcome
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_statement import read_statement
from chalicelib.usecases.resolve_member import MemberId
from tests.ledger_world import NOW, PROGRAM, TILL, fake_world, line, purchase
from tests.offer_world import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop(fake_world()[0])


def _rows(outcome: Outcome[Any]) -> dict[str, int]:
    return {row.rule_or_offer: row.points for row in outcome.answer.explanation}


def test_an_offer_gives_its_points_beside_those_of_the_rules(shop: Shop) -> None:
    mia, double = shop.world.member(), shop.launch("double", Multiplier(200))
    outcome = shop.post("p", mia, line(amount_minor=1_000))
    assert outcome.answer.points.earned == 20
    assert _rows(outcome) == {"base": 10, "offer:off_double": 10}
    assert shop.world.available(mia) == 20
    assert shop.applied("p") == (AppliedOffer("off_double", double.number, 1, 10, 1_000),)


def test_points_of_offers_count_for_no_tier(shop: Shop) -> None:
    mia = shop.world.member()
    shop.launch("bonus", BonusPoints(500))
    shop.post("p", mia, line(amount_minor=1_000))
    head = shop.world.ports.ledger.head(mia)
    assert head is not None
    lifetime = head.entry.account().lifetime
    assert (lifetime.earned, lifetime.qualifying_points) == (510, 10)


def test_a_repeat_says_what_the_first_answer_said_whatever_became_of_the_offer(shop: Shop) -> None:
    mia, bonus = shop.world.member(), shop.launch("bonus", BonusPoints(50))
    first = shop.post("p", mia, line(amount_minor=1_000))
    shop.change(bonus, effect=BonusPoints(70), name="Other")
    again = shop.post("p", mia, line(amount_minor=1_000))
    assert again.replayed
    assert again.answer == first.answer


def test_the_statement_says_the_same_as_the_till_did(shop: Shop) -> None:
    mia, double = shop.world.member(), shop.launch("double", Multiplier(300))
    posted = shop.post("p", mia, line(amount_minor=1_000))
    shop.change(double, effect=Multiplier(150))
    returned = shop.world.give_back("p", "r", 400)
    newest, before, *_ = read_statement(shop.world.ports, mia, None, 5, NOW)
    assert before.explanation == posted.answer.explanation
    assert newest.explanation == returned.answer.explanation
    assert before.explanation[1].text == "double: 3 times the points on 10.00 EUR"


def test_a_purchase_of_nobody_gets_no_offers_nor_does_its_claim(shop: Shop) -> None:
    shop.launch("bonus", BonusPoints(50))
    assert _rows(shop.post("p", None, line(amount_minor=1_000))) == {}


@pytest.mark.parametrize("parts", [(1_000,), (300, 300, 400), (1, 998, 1), (999, 1)])
def test_returns_in_any_parts_take_back_what_offers_gave(
    shop: Shop, parts: tuple[int, ...]
) -> None:
    mia = shop.world.member()
    offers = [
        shop.launch("double", Multiplier(233), budget=Budget("points", 10_000, 3)),
        shop.launch("bonus", BonusPoints(50), budget=Budget("minor", 10_000, 1), member_limit=3),
        shop.launch("unit", PointsPerUnit(7), budget=Budget("points", 99, 1)),
    ]
    shop.post("p", mia, line("1", 700, quantity=3), line("2", 300, category="beans"))
    spent = [offer.budget.amount - shop.left(offer) for offer in offers if offer.budget]
    assert all(spent)
    assert shop.uses(mia) == (OfferUse(offers[1].number, "", 1),)
    for number, part in enumerate(parts):
        shop.world.give_back("p", f"r{number}", part)
    assert shop.world.available(mia) == 0
    assert shop.uses(mia) == ()
    assert [shop.left(offer) for offer in offers] == [10_000, 10_000, 99]


def test_a_threshold_that_is_no_longer_met_takes_the_whole_offer_back(shop: Shop) -> None:
    mia = shop.world.member()
    basket = BasketTerms(minimum_minor=800)
    shop.launch("bonus", BonusPoints(50), basket=basket)
    shop.post("p", mia, line(amount_minor=1_000))
    assert _rows(shop.world.give_back("p", "r1", 200)) == {"base": -2, "offer:off_bonus": 0}
    assert _rows(shop.world.give_back("p", "r2", 1)) == {"base": -1, "offer:off_bonus": -50}


def test_a_return_goes_by_the_version_that_gave_the_points(shop: Shop) -> None:
    mia, double = shop.world.member(), shop.launch("double", Multiplier(300))
    shop.post("p", mia, line(amount_minor=1_000))
    shop.change(double, effect=Multiplier(150), status=OfferStatus.ENDED, ended_at=NOW)
    shop.world.give_back("p", "r1", 1_000)
    assert shop.world.available(mia) == 0


def test_a_return_that_came_first_is_applied_with_the_offers_of_its_purchase(shop: Shop) -> None:
    mia = shop.world.member()
    bonus = shop.launch("bonus", BonusPoints(50), budget=Budget("points", 50), member_limit=1)
    shop.world.send_back("p", "r1", 1_000)
    shop.post("p", mia, line(amount_minor=1_000))
    assert (shop.world.available(mia), shop.left(bonus), shop.uses(mia)) == (0, 50, ())


def test_the_till_is_answered_what_would_have_done(shop: Shop) -> None:
    shop.launch("bonus", BonusPoints(50), basket=BasketTerms(minimum_minor=1_420))
    posted = shop.post("p", shop.world.member(), line(amount_minor=1_000)).answer
    [told] = msgspec.to_builtins(purchase_answer(posted))["not_applied"]
    assert told == {
        "offer_id": "off_bonus",
        "version": 1,
        "reason": "minimum",
        "missing": 420,
        "unit": "minor",
        "of": None,
        "text": "bonus: 4.20 EUR more",
    }


# --- what is posted late -------------------------------------------------------------------------


def _bought(shop: Shop, mia: str, label: str, days_ago: float, *, dry_run: bool = False) -> Any:
    """What a purchase that a till posts now, and that was made so many days ago, is answered."""
    bought = purchase(shop.world.purchase_id(label), line(), at=NOW - timedelta(days=days_ago))
    command = PostPurchase(bought, MemberId(mia))
    return post_purchase(shop.world.ports, TILL, command, NOW, dry_run=dry_run).answer


def _step(shop: Shop, offer: Offer, step: Callable[[Offer], Offer]) -> Offer:
    after = step(offer)
    assert shop.world.ports.offers.put(after, NOW) == "written"
    return after


def test_what_counts_is_when_it_was_bought_not_when_it_is_posted(shop: Shop) -> None:
    mia = shop.world.member()
    days = [NOW - timedelta(days=day) for day in range(11)]
    bonus = shop.launch(
        "bonus", BonusPoints(50), budget=Budget("points", 1_000), launched_at=days[9]
    )
    asleep = _step(shop, bonus, lambda offer: paused(offer, days[7]))
    # While it is paused: what was bought before has it, in a quote and for good.
    for dry_run in (True, False):
        assert _bought(shop, mia, "before", 8, dry_run=dry_run).points.earned == 60
    told = _bought(shop, mia, "asleep", 6)
    assert (told.points.earned, [one.text for one in told.not_applied]) == (
        10,
        ["bonus: it was paused then"],
    )
    assert _bought(shop, mia, "asleep", 6) == told, "the record says it, too"
    awake = _step(shop, asleep, lambda offer: launched(offer, "mia", PROGRAM, days[4]))
    # When it goes on: what was bought in the pause has it no more than before.
    assert _bought(shop, mia, "again asleep", 5).points.earned == 10
    assert _bought(shop, mia, "before, too", 8).points.earned == 60
    assert _bought(shop, mia, "awake", 3).points.earned == 60
    _step(shop, _step(shop, awake, lambda o: paused(o, days[2])), lambda o: ended(o, days[1]))
    # When it is over, also out of a pause.
    assert [_bought(shop, mia, f"{n}", n).points.earned for n in (1.5, 0.5, 3.5, 9.5)] == [
        10,
        10,
        60,
        10,
    ]
    assert shop.left(bonus) == 1_000 - 4 * 50
    shop.world.give_back("before", "r", 1_000)
    assert shop.left(bonus) == 1_000 - 3 * 50


def test_what_nobody_has_approved_is_not_given_to_purchases_that_come_late(shop: Shop) -> None:
    mia, day = shop.world.member(), timedelta(days=1)
    bonus = shop.launch("bonus", BonusPoints(50), launched_at=NOW - 9 * day, approved_by="ben")
    asleep = _step(shop, bonus, lambda offer: paused(offer, NOW - 2 * day))
    richer = replace(asleep, effect=BonusPoints(5_000))
    unseen = _step(shop, asleep, lambda offer: replaced(offer, richer, PROGRAM, NOW))
    assert unseen.approved_by is None
    assert _bought(shop, mia, "paused", 3).points.earned == 60
    _step(shop, unseen, lambda offer: ended(offer, NOW))
    assert _bought(shop, mia, "ended", 3).points.earned == 60


def test_a_challenge_counts_what_was_bought_while_it_was_live(shop: Shop) -> None:
    mia, day = shop.world.member(), timedelta(days=1)
    twice = Challenge(ChallengeKind.COUNT, 2)
    offer = shop.launch("twice", BonusPoints(50), challenge=twice)
    _step(shop, offer, lambda offer: paused(offer, NOW - 2 * day))
    assert [_bought(shop, mia, f"{n}", n).points.earned for n in (1, 4, 1.5, 3)] == [10, 10, 10, 60]


# --- limits and budgets --------------------------------------------------------------------------


def test_a_member_gets_a_limited_offer_so_often_and_no_more(shop: Shop) -> None:
    mia = shop.world.member()
    shop.launch("bonus", BonusPoints(50), member_limit=2)
    earned = [shop.post(f"p{n}", mia, line(amount_minor=100)) for n in range(4)]
    assert [one.answer.points.earned for one in earned] == [51, 51, 1, 1]
    assert [one.missed.reason for one in earned[2].answer.not_applied] == [
        NotAppliedReason.MEMBER_LIMIT
    ]
    shop.world.give_back("p0", "r", 100)
    assert shop.post("p5", mia, line(amount_minor=100)).answer.points.earned == 51


def test_a_budget_pays_until_it_is_empty_and_from_several_shards_at_its_end(shop: Shop) -> None:
    bonus = shop.launch("bonus", BonusPoints(60), budget=Budget("points", 200, 4))
    earned = [
        shop.post(f"p{n}", shop.world.member(f"m{n}"), line(amount_minor=100)) for n in range(5)
    ]
    assert [one.answer.points.earned for one in earned] == [61, 61, 61, 1, 1]
    assert [one.missed.reason for one in earned[4].answer.not_applied] == [NotAppliedReason.BUDGET]
    assert shop.left(bonus) == 20
    shop.world.give_back("p0", "r", 100)
    assert (shop.left(bonus), len(shop.shards(bonus))) == (80, 4)
    assert shop.post("p9", shop.world.member(), line(amount_minor=100)).answer.points.earned == 61


def test_an_offer_whose_budget_is_empty_leaves_its_place_to_the_next_best(shop: Shop) -> None:
    group = Stacking(group="coffee")
    shop.launch("best", BonusPoints(60), budget=Budget("points", 59, 1), stacking=group)
    shop.launch("next", BonusPoints(10), stacking=group)
    outcome = shop.post("p", shop.world.member(), line(amount_minor=100))
    assert _rows(outcome) == {"base": 1, "offer:off_next": 10}


def test_a_quote_says_what_the_purchase_will_say_and_takes_nothing(shop: Shop) -> None:
    mia = shop.world.member()
    bonus = shop.launch("bonus", BonusPoints(60), budget=Budget("points", 110, 2), member_limit=9)
    quoted = shop.post("p", mia, line(amount_minor=100), dry_run=True)
    assert (shop.left(bonus), shop.uses(mia)) == (110, ())
    assert quoted.answer == shop.post("p", mia, line(amount_minor=100)).answer
    empty = shop.post("q", mia, line(amount_minor=100), dry_run=True)
    assert [one.missed.reason for one in empty.answer.not_applied] == [NotAppliedReason.BUDGET]


def test_a_lost_reply_pays_once() -> None:
    world, ledger = fake_world()
    shop, mia = Shop(world), world.member()
    bonus = shop.launch("bonus", BonusPoints(60), budget=Budget("points", 110, 1), member_limit=9)
    ledger.lose_replies = 1
    outcome = shop.post("p", mia, line(amount_minor=100))
    assert outcome.replayed
    assert (shop.left(bonus), shop.world.available(mia)) == (50, 61)


def test_lines_that_earn_nothing_count_for_no_offer(shop: Shop) -> None:
    basket = BasketTerms(matches=LineMatch(categories=frozenset({"gift_cards"})))
    shop.launch("gifts", BonusPoints(60), basket=basket)
    outcome = shop.post("p", shop.world.member(), line("1", 100, category="gift_cards"), line("2"))
    assert _rows(outcome) == {"base": 10}
