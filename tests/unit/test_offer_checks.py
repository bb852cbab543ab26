"""What is wrong with an offer's document is found at once, each thing where it stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.offer_checks import problems_of
from chalicelib.domain.offer_schedule_checks import over_already
from chalicelib.domain.offers import (
    Activation,
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    LineMatch,
    Multiplier,
    Occasion,
    Offer,
    OfferText,
    PointsPerUnit,
    RewardPrice,
    Schedule,
    Stacking,
)
from chalicelib.domain.program import EarningRate, EarningRule, Pending
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind, RewardStatus
from tests.ledger_world import PROGRAM as WORLDS_PROGRAM

MONDAY = datetime(2026, 11, 2, 23, tzinfo=UTC)
"""Tuesday, 0:00 in Berlin."""
PROGRAM = replace(
    WORLDS_PROGRAM,
    pending=Pending(14),
    rules=(EarningRule("beans", "Beans", EarningRate(1, 100), pending=Pending(30)),),
)
MUG = Reward("rwd_mug", 1, "Mug", RewardKind.FREE_PRODUCT, 500, sku="mug")
FIVE = Challenge(ChallengeKind.COUNT, 5)


def offer(effect: Any = None, **terms: Any) -> Offer:
    texts = terms.pop("texts", {"en": OfferText("Coffee week"), "de": OfferText("Kaffeewoche")})
    name = terms.pop("name", "Coffee week")
    return Offer("off_1", 1, 1, name, effect or BonusPoints(10), texts, **terms)


def found(wrong: Offer, reward: Reward | None = MUG) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in problems_of(wrong, PROGRAM, reward)]


@pytest.mark.parametrize(
    "good",
    [
        offer(),
        offer(Multiplier(101), stacking=Stacking("a-b", 5, True), most_points=5),
        offer(PointsPerUnit(5), basket=BasketTerms(500, LineMatch(frozenset({"sku-1"})), 2)),
        offer(schedule=Schedule(weekdays=frozenset({4}), hours=((1_320, 120), (600, 660)))),
        offer(occasion=Occasion.BIRTHDAY, member_limit=1, member_limit_period=LimitPeriod.YEAR),
        offer(occasion=Occasion.BROUGHT, basket=BasketTerms(minimum_minor=500)),
        offer(occasion=Occasion.BIRTHDAY, activation=Activation.OPT_IN),
        offer(RewardPrice("rwd_mug", 0), occasion=Occasion.BIRTHDAY),
        offer(occasion=Occasion.MOMENT, schedule=Schedule(weekdays=frozenset({0}))),
        offer(RewardPrice("rwd_mug", 0), occasion=Occasion.REDEMPTION),
        offer(RewardPrice("rwd_mug", 500, early=True), occasion=Occasion.REDEMPTION),
        offer(RewardPrice("rwd_mug", 0), challenge=FIVE),
        offer(challenge=Challenge(ChallengeKind.STREAK, 2, period=LimitPeriod.WEEK, repeats=3)),
        offer(challenge=Challenge(ChallengeKind.COLLECT, 2, ("beans", "tea"))),
        offer(budget=Budget("points", 10), pending=Pending(30)),
        offer(budget=Budget("minor", 10), pending=Pending()),
    ],
)
def test_nothing_is_wrong_with_what_makes_sense(good: Offer) -> None:
    assert found(good) == []


@pytest.mark.parametrize(
    ("terms", "wrong"),
    [
        ({"name": " "}, [("/name", "wrong_length")]),
        ({"texts": {"en": OfferText("a\nb")}}, [("/texts/en/name", "not_printable")]),
        ({"texts": {"english": OfferText("a")}}, [("/texts/english", "wrong_format")]),
        (
            {"texts": {"en": OfferText("a", "x" * 1_001)}},
            [("/texts/en/description", "wrong_length")],
        ),
        ({"effect": Multiplier(100)}, [("/effect/percent", "out_of_range")]),
        ({"effect": PointsPerUnit(0)}, [("/effect/points", "out_of_range")]),
        ({"holdout_percent": 51}, [("/holdout_percent", "out_of_range")]),
        ({"member_limit": 0}, [("/member_limit", "out_of_range")]),
        (
            {"member_limit_period": LimitPeriod.DAY},
            [("/member_limit_period", "not_expected")],
        ),
        ({"most_points": 9}, [("/most_points", "too_small")]),
        ({"budget": Budget("points", 9)}, [("/budget/amount", "too_small")]),
        ({"budget": Budget("minor", 9)}, [("/budget/amount", "too_small")]),
        ({"stacking": Stacking("A b")}, [("/stacking/group", "wrong_format")]),
        ({"stacking": Stacking(priority=1_001)}, [("/stacking/priority", "out_of_range")]),
        ({"pending": Pending(7)}, [("/pending", "not_a_setting")]),
        ({"pending": Pending(0, date(2027, 1, 1))}, [("/pending", "not_a_setting")]),
        ({"basket": BasketTerms(-1)}, [("/basket/minimum_minor", "out_of_range")]),
        ({"basket": BasketTerms(quantity=-1)}, [("/basket/quantity", "out_of_range")]),
        ({"basket": BasketTerms(stores=frozenset({" "}))}, [("/basket/stores", "wrong_length")]),
        (
            {"basket": BasketTerms(matches=LineMatch(categories=frozenset({"gift_cards"})))},
            [("/basket/products/categories", "excluded")],
        ),
    ],
)
def test_each_field_is_held_to_its_bounds(
    terms: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    assert found(offer(**terms)) == wrong


@pytest.mark.parametrize(
    ("schedule", "wrong"),
    [
        (Schedule(MONDAY, MONDAY), [("/schedule/ends_at", "before_start")]),
        (
            Schedule(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
            [("/schedule/starts_at", "out_of_range"), ("/schedule/ends_at", "out_of_range")],
        ),
        (Schedule(weekdays=frozenset({7})), [("/schedule/weekdays", "out_of_range")]),
        (Schedule(days_of_month=frozenset({0})), [("/schedule/days_of_month", "out_of_range")]),
        (Schedule(hours=((600, 600),)), [("/schedule/hours/0/to", "empty")]),
        (Schedule(hours=((600, 1_441),)), [("/schedule/hours/0/to", "out_of_range")]),
        (Schedule(hours=((1_320, 120), (60, 180))), [("/schedule/hours/1", "overlaps")]),
    ],
)
def test_a_schedule_has_days_and_hours_that_there_are(
    schedule: Schedule, wrong: list[tuple[str, str]]
) -> None:
    assert found(offer(schedule=schedule)) == wrong


@pytest.mark.parametrize(
    ("days", "terms", "is_ever"),
    [
        (1, {"weekdays": frozenset({1})}, True),
        (1, {"weekdays": frozenset({0})}, False),
        # Tuesday's first hours can be Monday's night.
        (1, {"weekdays": frozenset({0}), "hours": ((1_320, 120),)}, True),
        (1, {"weekdays": frozenset({0}), "hours": ((1_320, 1_440),)}, False),
        (3, {"days_of_month": frozenset({31})}, False),
        (40, {"days_of_month": frozenset({31})}, False),
        (70, {"days_of_month": frozenset({31})}, True),
        (400, {"days_of_month": frozenset({13}), "weekdays": frozenset({4})}, True),
        (60_000, {"days_of_month": frozenset({13}), "weekdays": frozenset({4})}, True),
        (0.25, {"hours": ((360, 420),)}, False),
        (0.25, {"hours": ((359, 420),)}, True),
    ],
)
def test_a_schedule_has_some_instant(days: float, terms: dict[str, Any], is_ever: bool) -> None:
    schedule = Schedule(MONDAY, MONDAY + timedelta(days=days), **terms)
    wrong = [] if is_ever else [("/schedule", "never_open")]
    assert found(offer(schedule=schedule)) == wrong


@pytest.mark.parametrize(
    ("terms", "wrong"),
    [
        ({"effect": RewardPrice("rwd_mug", 0)}, [("/occasion", "wrong_occasion")]),
        ({"occasion": Occasion.REDEMPTION}, [("/effect/kind", "wrong_effect")]),
        (
            {"occasion": Occasion.BIRTHDAY, "effect": Multiplier(200)},
            [("/effect/kind", "wrong_effect")],
        ),
        (
            {"occasion": Occasion.JOINED, "basket": BasketTerms(100)},
            [("/basket", "not_expected")],
        ),
        (
            {"occasion": Occasion.MOMENT, "activation": Activation.OPT_IN},
            [("/activation", "not_expected")],
        ),
        (
            {"occasion": Occasion.BROUGHT, "schedule": Schedule(hours=((0, 60),))},
            [("/schedule/hours", "not_expected")],
        ),
        (
            {"occasion": Occasion.WAS_BROUGHT, "basket": BasketTerms(500, quantity=2)},
            [("/basket", "not_expected")],
        ),
        (
            {"occasion": Occasion.BIRTHDAY, "stacking": Stacking("a")},
            [("/stacking", "not_expected")],
        ),
        (
            {"occasion": Occasion.BIRTHDAY, "challenge": FIVE},
            [("/challenge", "not_expected")],
        ),
    ],
)
def test_an_occasion_has_only_what_it_can_have(
    terms: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    assert found(offer(**terms)) == wrong


@pytest.mark.parametrize(
    ("effect", "reward", "wrong"),
    [
        (RewardPrice("rwd_mug", 500), MUG, ("/effect/points", "not_lower")),
        (RewardPrice("rwd_mug", 501, early=True), MUG, ("/effect/points", "not_lower")),
        (RewardPrice("rwd_cup", 0), MUG, ("/effect/reward_id", "unknown_reward")),
        (RewardPrice("rwd_mug", 0), None, ("/effect/reward_id", "unknown_reward")),
        (
            RewardPrice("rwd_mug", 0),
            replace(MUG, status=RewardStatus.ARCHIVED),
            ("/effect/reward_id", "archived"),
        ),
        (
            RewardPrice("rwd_mug", 0),
            replace(MUG, kind=RewardKind.POINTS_PAYMENT),
            ("/effect/reward_id", "wrong_kind"),
        ),
    ],
)
def test_a_price_is_of_a_reward_that_there_is_and_lower_than_its_own(
    effect: RewardPrice, reward: Reward | None, wrong: tuple[str, str]
) -> None:
    assert found(offer(effect, occasion=Occasion.REDEMPTION), reward) == [wrong]


@pytest.mark.parametrize(
    ("challenge", "wrong"),
    [
        (Challenge(ChallengeKind.COUNT, 0), [("/challenge/goal", "out_of_range")]),
        (Challenge(ChallengeKind.COUNT, 5, ("tea",)), [("/challenge/items", "not_expected")]),
        (Challenge(ChallengeKind.QUANTITY, 5, repeats=0), [("/challenge/repeats", "out_of_range")]),
        (Challenge(ChallengeKind.STREAK, 3), [("/challenge/period", "missing")]),
        (
            Challenge(ChallengeKind.COUNT, 3, period=LimitPeriod.DAY),
            [("/challenge/period", "not_expected")],
        ),
        (
            Challenge(ChallengeKind.STREAK, 27, period=LimitPeriod.DAY),
            [("/challenge/goal", "out_of_range")],
        ),
        (Challenge(ChallengeKind.COLLECT, 1), [("/challenge/items", "wrong_length")]),
        (
            Challenge(ChallengeKind.COLLECT, 3, ("tea", "beans")),
            [("/challenge/goal", "out_of_range")],
        ),
        (Challenge(ChallengeKind.COLLECT, 2, ("tea", "tea")), [("/challenge/items/1", "twice")]),
    ],
)
def test_a_challenge_can_be_done_and_has_only_what_its_kind_needs(
    challenge: Challenge, wrong: list[tuple[str, str]]
) -> None:
    assert found(offer(challenge=challenge)) == wrong


def test_a_challenge_is_limited_by_its_own_repeats() -> None:
    wrong = offer(
        challenge=FIVE, member_limit=1, most_points=10, basket=BasketTerms(first_purchase=True)
    )
    assert found(wrong) == [
        ("/basket/first_purchase", "not_expected"),
        ("/most_points", "not_expected"),
        ("/member_limit", "not_expected"),
    ]


def test_a_budget_in_money_needs_points_that_cost_some() -> None:
    program = replace(PROGRAM, thousand_points_minor=0)
    errors = problems_of(offer(budget=Budget("minor", 100)), program)
    assert [(error.pointer, error.code) for error in errors] == [("/budget/unit", "costs_nothing")]


def test_what_would_be_over_already_is_not_launched() -> None:
    over = Schedule(ends_at=MONDAY)
    assert [error.code for error in over_already(over, MONDAY)] == ["in_the_past"]
    assert over_already(over, MONDAY - timedelta(seconds=1)) == []
    assert over_already(Schedule(), MONDAY) == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = offer(
        Multiplier(1),
        name="",
        holdout_percent=-1,
        budget=Budget("points", 0),
        challenge=Challenge(ChallengeKind.STREAK, 1, ("tea",)),
        schedule=Schedule(MONDAY, MONDAY - timedelta(days=1), hours=((1, 1),)),
    )
    assert {pointer for pointer, _ in found(wrong)} == {
        "/name",
        "/schedule/ends_at",
        "/schedule/hours/0/to",
        "/effect/percent",
        "/effect/kind",
        "/challenge/goal",
        "/challenge/items",
        "/challenge/period",
        "/budget/amount",
        "/holdout_percent",
    }
