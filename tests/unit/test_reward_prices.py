"""Single sentences about what a reward costs a member whom an offer favours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.account import Account, OfferUse, Progress
from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offers import (
    Budget,
    Challenge,
    ChallengeKind,
    Occasion,
    Offer,
    OfferStatus,
    Pause,
    RewardPrice,
)
from chalicelib.domain.reward_prices import (
    Redeemer,
    RewardOffer,
    best_price,
    with_price,
    without_price,
)
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from chalicelib.domain.traits import Traits
from tests.ledger_world import PROGRAM

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CUP = Reward("rwd_cup", 1, "A cup", RewardKind.FREE_PRODUCT, 500, sku="cup")


def offer(number: int = 3, points: int = 300, **given: Any) -> Offer:
    """The cup for 300 points; as it is said otherwise."""
    return Offer(
        **{
            "offer_id": f"off_{number}",
            "number": number,
            "version": 1,
            "name": "A cup for less",
            "effect": RewardPrice("rwd_cup", points),
            "texts": {},
            "status": OfferStatus.LAUNCHED,
            "occasion": Occasion.REDEMPTION,
            "launched_at": NOW - timedelta(days=10),
            **given,
        }
    )


def who(account: Account | None = None, **facts: Any) -> Redeemer:
    return Redeemer("mem_1", account or Account(), Traits(), PROGRAM, NOW, lambda: facts)


def price(
    *offers: Offer, reward: Reward = CUP, to: Redeemer | None = None, without: Any = ()
) -> RewardOffer | None:
    return best_price(LiveOffers(1, offers), reward, to or who(), without)


def paid(*offers: Offer, **given: Any) -> int | None:
    found = price(*offers, **given)
    return found.points if found is not None else None


def test_the_best_of_several_prices_is_asked_and_none_that_is_worse_than_the_rewards_own() -> None:
    assert paid(offer(1, 400), offer(2, 300), offer(3, 350)) == 300
    assert paid(offer(1, 500)) is None
    assert paid() is None


def test_no_price_is_made_in_a_pause_and_an_award_waits_until_it_is_over() -> None:
    pause = Pause(NOW - timedelta(days=1))
    for award in (None, Challenge(ChallengeKind.COUNT, 5)):
        account = Account(progress=(Progress(3, (("n", 5),), 1),))
        occasion = Occasion.PURCHASE if award else Occasion.REDEMPTION
        asleep = offer(
            challenge=award, occasion=occasion, status=OfferStatus.PAUSED, pauses=(pause,)
        )
        assert paid(asleep, to=who(account)) is None
        awake = replace(asleep, status=OfferStatus.LAUNCHED, pauses=(replace(pause, ended_at=NOW),))
        assert paid(awake, to=who(account)) == 300


def test_a_price_is_for_its_reward_its_members_and_its_time_alone() -> None:
    assert paid(offer(), reward=replace(CUP, reward_id="rwd_other")) is None
    gold = offer(audience=Leaf("tier", Op.EQ, "gold"))
    assert paid(gold, to=who(tier="gold")) == 300
    assert paid(gold, to=who(tier="silver")) is None
    assert paid(offer(ended_at=NOW)) is None


def test_what_is_paid_with_any_number_of_points_has_no_other_price() -> None:
    cash = replace(CUP, kind=RewardKind.POINTS_PAYMENT, value_minor=100)
    assert paid(offer(), reward=cash) is None


def test_a_reward_can_be_had_before_its_time_and_by_every_tier_at_its_own_price() -> None:
    coming = replace(CUP, starts_at=NOW + timedelta(days=3), tiers=frozenset({"gold"}))
    early = offer(effect=RewardPrice("rwd_cup", 500, early=True))
    found = price(early, reward=coming)
    assert found is not None
    assert (found.points, found.reward.starts_at, found.reward.tiers) == (500, None, None)
    assert found.applied.points == 0
    assert price(early) is None  # the doors are open


def test_a_limit_counts_prices_and_gives_them_back() -> None:
    limited = offer(member_limit=1, member_limit_period=LimitPeriod.MONTH)
    live, account = LiveOffers(1, [limited]), Account()
    found = price(limited)
    assert found is not None
    used = with_price(account, found, live, who(account))
    assert used.offer_uses == (OfferUse(3, "2026-11", 1),)
    assert paid(limited, to=who(used)) is None
    assert without_price(used, found.applied, award=False) == account


def test_an_award_is_redeemed_once_also_when_its_offer_is_over_and_comes_back() -> None:
    challenge = Challenge(ChallengeKind.COUNT, 5)
    free = offer(points=0, occasion=Occasion.PURCHASE, challenge=challenge, ended_at=NOW)
    assert paid(free) is None
    account = Account(progress=(Progress(3, (("n", 7),), awarded=1),))
    found = price(free, to=who(account))
    assert found is not None
    assert (found.points, found.award) == (0, True)
    used = with_price(account, found, LiveOffers(1, [free]), who(account))
    assert paid(free, to=who(used)) is None
    assert without_price(used, found.applied, award=True) == account


def test_an_award_is_kept_while_the_same_price_can_be_had_without_it() -> None:
    account = Account(progress=(Progress(1, (), awarded=1),))
    birthday = offer(1, occasion=Occasion.BIRTHDAY)
    found = price(birthday, offer(2), to=who(account))
    assert found is not None
    assert not found.award


def test_what_is_saved_costs_the_budget_and_an_empty_one_leaves_the_next_price() -> None:
    budgeted = offer(1, 100, budget=Budget("minor", 1_000))
    found = price(budgeted)
    assert found is not None
    assert (found.applied.points, found.applied.cost) == (400, 400)
    assert paid(budgeted, offer(2), without={"off_1"}) == 300
