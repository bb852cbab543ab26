"""What offers give to one purchase and what is told of those that give nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.account import MOST_OFFER_USES, OfferUse
from chalicelib.domain.applied_offers import AppliedOffer, NotAppliedReason, OfferDecision
from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.live_offers import LiveOffers, in_holdout
from chalicelib.domain.offer_decision import MOST_TOLD, Who, basket_of, decide, fits
from chalicelib.domain.offer_measures import points_of
from chalicelib.domain.offer_stacking import MOST_APPLIED
from chalicelib.domain.offer_times import in_its_time, is_open
from chalicelib.domain.offers import (
    Activation,
    BasketTerms,
    BonusPoints,
    Budget,
    LineMatch,
    Multiplier,
    Offer,
    OfferStatus,
    OfferText,
    Pause,
    PointsPerUnit,
    RewardPrice,
    Schedule,
    Stacking,
)
from chalicelib.domain.program import EarningRate, EarningRule, Exclusions, Program
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.rewards import LimitPeriod

NOW = datetime(2026, 11, 4, 11, 30, tzinfo=UTC)
"""A Wednesday, half past twelve in Berlin."""
LONG_AGO = NOW - timedelta(days=400)

PROGRAM = Program(
    version=1,
    name="Beans and leaves",
    zone="Europe/Berlin",
    currency="EUR",
    base=EarningRate(1, 100),
    rules=(EarningRule("beans", "Beans", EarningRate(1, 100), frozenset({"beans"})),),
    excluded=Exclusions(frozenset({"gift_cards"}), tenders=frozenset({"gift_card"})),
    thousand_points_minor=500,
)
BEANS = LineMatch(categories=frozenset({"beans"}))


def offer(number: int = 1, effect: Any = None, **terms: Any) -> Offer:
    offer_id, status = f"off_{number}", OfferStatus.LAUNCHED
    given: dict[str, Any] = {"status": status, "launched_at": LONG_AGO} | terms
    texts = {"en": OfferText(f"Offer {number}")}
    return Offer(offer_id, number, 3, "staff's", effect or BonusPoints(10), texts, **given)


def bought(*lines: Line, at: datetime = NOW, **given: Any) -> Purchase:
    return Purchase("p-1", at, "EUR", lines or (line("tea", 1_000),), **given)


def line(category: str | None, minor: int, quantity: int = 1, **given: Any) -> Line:
    number = given.pop("line_id", f"{category}-{minor}-{quantity}")
    return Line(number, given.pop("sku", "sku"), quantity, minor, category, **given)


def decided(
    *offers: Offer,
    purchase: Purchase | None = None,
    facts: Mapping[str, Any] | None = None,
    without: frozenset[str] = frozenset(),
    **who: Any,
) -> OfferDecision:
    buyer = Who("mem_1", facts or {}, **who)
    return decide(LiveOffers(1, offers), basket_of(PROGRAM, purchase or bought()), buyer, without)


def points(*offers: Offer, **given: Any) -> list[int]:
    return [one.points for one in decided(*offers, **given).applied]


def reasons(*offers: Offer, **given: Any) -> dict[str, NotAppliedReason]:
    return {one.offer_id: one.reason for one in decided(*offers, **given).not_applied}


# --- effects ----------------------------------------------------------------------------------


def test_a_multiplier_gives_once_more_what_base_rate_and_rules_gave_on_its_lines() -> None:
    double = offer(effect=Multiplier(200), basket=BasketTerms(matches=BEANS))
    purchase = bought(line("beans", 1_250), line("tea", 1_099))
    assert decided(double, purchase=purchase).applied == (
        AppliedOffer("off_1", 1, 3, points=12 + 12, minor=1_250),
    )


def test_a_multiplier_is_rounded_once_as_the_program_says() -> None:
    assert points(offer(effect=Multiplier(150)), purchase=bought(line("tea", 1_100))) == [5]


def test_points_a_unit_count_units_of_matched_lines_that_earn() -> None:
    each = offer(effect=PointsPerUnit(5), basket=BasketTerms(matches=BEANS))
    free, excluded = line("beans", 0, 3), line("beans", 500, 4, eligible=False)
    assert points(each, purchase=bought(line("beans", 800, 2), free, excluded)) == [10]


def test_what_is_paid_with_a_gift_card_counts_for_no_offer() -> None:
    purchase = bought(line("tea", 1_000), tenders=(Tender("gift_card", 1_000),))
    assert reasons(offer(), purchase=purchase) == {"off_1": NotAppliedReason.PRODUCTS}


def test_no_offer_gives_more_points_than_its_most() -> None:
    assert points(offer(effect=PointsPerUnit(5), most_points=7), purchase=bought()) == [5]
    many = bought(line("tea", 1_000, 9))
    assert points(offer(effect=PointsPerUnit(5), most_points=7), purchase=many) == [7]


def test_what_is_left_has_to_be_enough_for_the_whole_offer() -> None:
    two_for_ten = offer(basket=BasketTerms(minimum_minor=1_000, quantity=2))
    lines = (line("tea", 500, 1, line_id="1"), line("tea", 700, 1, line_id="2"))

    def left(*parts: tuple[int, int]) -> int:
        nets, quantities = [net for net, _ in parts], [quantity for _, quantity in parts]
        return points_of(two_for_ten, PROGRAM, lines, nets, quantities)[0]

    assert left((500, 1), (700, 1)) == 10
    assert left((300, 1), (700, 1)) == 10
    assert left((299, 1), (700, 1)) == 0
    assert left((500, 0), (700, 1)) == 0


def test_what_one_offer_counted_is_never_taken_for_what_another_counts() -> None:
    purchase = bought(*(line(f"c{n}", 100 * n, line_id=f"{n}") for n in range(1, 50)))
    basket = basket_of(PROGRAM, purchase)
    for n in range(1, 50):
        # Each offer is gone before the next one comes.
        match = LineMatch(categories=frozenset({f"c{n}"}))
        live = LiveOffers(1, [offer(effect=Multiplier(200), basket=BasketTerms(matches=match))])
        (applied,) = decide(live, basket, Who("mem_1", {})).applied
        assert (applied.points, applied.minor) == (n, 100 * n)
        del live, match


@pytest.mark.parametrize(("unit", "cost"), [("points", 11), ("minor", 6)])
def test_what_it_costs_is_told_in_the_unit_of_its_budget_rounded_up(unit: Any, cost: int) -> None:
    applied = decided(offer(effect=BonusPoints(11), budget=Budget(unit, 100))).applied
    assert [one.cost for one in applied] == [cost]


def test_prices_of_rewards_and_what_is_no_purchase_give_nothing_at_the_till() -> None:
    price = offer(1, RewardPrice("rwd_1", 0))
    assert decided(price, offer(2, occasion="birthday")) == OfferDecision()


# --- why not ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "reason", "missing", "unit"),
    [
        ({"basket": BasketTerms(1_420)}, NotAppliedReason.MINIMUM, 420, "minor"),
        ({"basket": BasketTerms(quantity=3)}, NotAppliedReason.QUANTITY, 2, "units"),
        ({"basket": BasketTerms(matches=BEANS)}, NotAppliedReason.PRODUCTS, None, None),
        ({"basket": BasketTerms(stores=frozenset({"nord"}))}, NotAppliedReason.STORE, None, None),
        ({"basket": BasketTerms(channels=frozenset({"app"}))}, "channel", None, None),
        ({"basket": BasketTerms(first_purchase=True)}, "first_purchase", None, None),
        ({"basket": BasketTerms(with_reward=True)}, "with_reward", None, None),
        ({"activation": Activation.OPT_IN}, "not_activated", None, None),
        ({"schedule": Schedule(hours=((840, 960),))}, "schedule", None, None),
        ({"schedule": Schedule(starts_at=NOW + timedelta(hours=1))}, "schedule", None, None),
        ({"effect": Multiplier(101)}, NotAppliedReason.MINIMUM, None, None),
    ],
)
def test_an_offer_that_gives_nothing_says_why_and_what_is_missing(
    terms: dict[str, Any], reason: str, missing: int | None, unit: str | None
) -> None:
    (told,) = decided(offer(**terms)).not_applied
    assert (told.reason, told.missing, told.unit, told.version) == (reason, missing, unit, 3)


@pytest.mark.parametrize(
    ("terms", "purchase", "facts"),
    [
        ({"basket": BasketTerms(1_000, quantity=1)}, {}, {}),
        ({"basket": BasketTerms(stores=frozenset({"nord"}))}, {"store_id": "nord"}, {}),
        ({"basket": BasketTerms(channels=frozenset({"app"}))}, {"channel": "app"}, {}),
        ({"basket": BasketTerms(first_purchase=True)}, {}, {"first_purchase": True}),
        (
            {"basket": BasketTerms(with_reward=True)},
            {"tenders": (Tender("points", 100, "red_1"),)},
            {},
        ),
        ({"schedule": Schedule(hours=((720, 780),), weekdays=frozenset({2}))}, {}, {}),
    ],
)
def test_an_offer_applies_where_its_terms_are_met(
    terms: dict[str, Any], purchase: dict[str, Any], facts: dict[str, Any]
) -> None:
    assert points(offer(**terms), purchase=bought(**purchase), facts=facts) == [10]
    ready = LiveOffers(1, [offer(**terms)]).all[0]
    assert fits(ready, basket_of(PROGRAM, bought(**purchase)), Who("mem_1", facts))


def test_an_opt_in_offer_applies_to_who_has_activated_it() -> None:
    opt_in = offer(activation=Activation.OPT_IN)
    assert points(opt_in, activated=frozenset({"off_1"})) == [10]


def test_an_offer_whose_budget_is_empty_makes_way_for_the_next_of_its_group() -> None:
    rich = offer(1, BonusPoints(50), stacking=Stacking("a"), budget=Budget("points", 60))
    poor = offer(2, BonusPoints(20), stacking=Stacking("a"))
    assert points(rich, poor) == [50]
    decision = decided(rich, poor, without=frozenset({"off_1"}))
    assert [one.points for one in decision.applied] == [20]
    assert [one.reason for one in decision.not_applied] == [NotAppliedReason.BUDGET]


# --- who is told -------------------------------------------------------------------------------


def test_of_an_audience_nobody_else_learns_anything() -> None:
    austrian = offer(audience=Leaf("country", Op.EQ, "AT"), basket=BasketTerms(99_999))
    assert decided(austrian, facts={"country": "DE"}) == OfferDecision()
    assert decided(austrian) == OfferDecision()
    assert reasons(austrian, facts={"country": "AT"}) == {"off_1": NotAppliedReason.MINIMUM}


def test_who_is_held_out_is_told_nothing() -> None:
    held = next(one for n in range(50) if in_holdout(one := offer(n, holdout_percent=50), "mem_1"))
    unmet = offer(held.number, holdout_percent=50, basket=BasketTerms(99_999))
    assert decided(held) == decided(unmet) == OfferDecision()


def test_the_ten_of_the_highest_priority_are_told() -> None:
    offers = [
        offer(n, basket=BasketTerms(99_999), stacking=Stacking(priority=n)) for n in range(30)
    ]
    beaten = offer(40, stacking=Stacking(priority=35, exclusive=True))
    winner = offer(41, stacking=Stacking(priority=50, exclusive=True))
    told = decided(*offers, beaten, winner).not_applied
    assert [one.offer_id for one in told] == ["off_40", *(f"off_{n}" for n in range(29, 20, -1))]
    assert len(told) == MOST_TOLD
    assert told[0].of == "off_41"


# --- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "period"),
    [
        (None, ""),
        (LimitPeriod.DAY, "2026-11-04"),
        (LimitPeriod.WEEK, "2026-W45"),
        (LimitPeriod.MONTH, "2026-11"),
        (LimitPeriod.YEAR, "2026"),
    ],
)
def test_an_offer_applies_as_often_a_period_as_its_limit_says(
    kind: LimitPeriod | None, period: str
) -> None:
    twice = offer(member_limit=2, member_limit_period=kind)
    (applied,) = decided(twice, uses=(OfferUse(1, period, 1), OfferUse(1, "2025", 9))).applied
    assert applied.period == period
    over = reasons(twice, uses=(OfferUse(1, period, 2),))
    assert over == {"off_1": NotAppliedReason.MEMBER_LIMIT}


def test_the_period_is_that_of_the_day_in_the_programs_zone() -> None:
    late = bought(at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    monthly = offer(member_limit=1, member_limit_period=LimitPeriod.MONTH)
    assert decided(monthly, purchase=late).applied[0].period == "2026-12"


def test_a_limited_offer_does_not_apply_where_its_use_could_not_be_kept() -> None:
    uses = tuple(OfferUse(100 + n, "", 1) for n in range(MOST_OFFER_USES - 1))
    first, second, free = offer(1, member_limit=1), offer(2, member_limit=1), offer(3)
    decision = decided(first, second, free, uses=uses)
    assert [one.offer_id for one in decision.applied] == ["off_1", "off_3"]
    assert [one.reason for one in decision.not_applied] == [NotAppliedReason.MEMBER_LIMIT]
    known = (*uses, OfferUse(2, "", 1))
    assert points(offer(2, member_limit=2), uses=known) == [10]


# --- stacking ----------------------------------------------------------------------------------


def test_offers_of_no_group_add_up() -> None:
    assert points(offer(1, BonusPoints(5)), offer(2, Multiplier(200)), offer(3)) == [10, 10, 5]


def test_the_loser_of_a_group_names_its_winner() -> None:
    small = offer(1, BonusPoints(5), stacking=Stacking("a", priority=9))
    large = offer(2, BonusPoints(9), stacking=Stacking("a"))
    decision = decided(small, large)
    assert [one.offer_id for one in decision.applied] == ["off_2"]
    assert [(one.offer_id, one.of) for one in decision.not_applied] == [("off_1", "off_2")]


def test_equal_offers_of_a_group_go_by_priority_then_the_older_one() -> None:
    same = Stacking("a")
    assert decided(offer(2, stacking=same), offer(1, stacking=same)).applied[0].number == 1
    higher = offer(2, stacking=Stacking("a", priority=1))
    assert decided(higher, offer(1, stacking=same)).applied[0].number == 2


def test_an_exclusive_offer_keeps_all_others_out_or_is_kept_out() -> None:
    alone = offer(1, BonusPoints(1), stacking=Stacking(priority=5, exclusive=True))
    others = [offer(2), offer(3)]
    decision = decided(alone, *others)
    assert [one.offer_id for one in decision.applied] == ["off_1"]
    assert {one.of for one in decision.not_applied} == {"off_1"}
    late = offer(1, BonusPoints(1), stacking=Stacking(priority=-1, exclusive=True))
    decision = decided(late, *others)
    assert [one.offer_id for one in decision.applied] == ["off_2", "off_3"]
    assert [one.of for one in decision.not_applied] == ["off_2"]


def test_not_more_offers_apply_than_one_transaction_takes() -> None:
    decision = decided(*(offer(n) for n in range(MOST_APPLIED + 5)))
    assert len(decision.applied) == MOST_APPLIED
    assert len(decision.not_applied) == 5


# --- time --------------------------------------------------------------------------------------


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    friday_night = Schedule(weekdays=frozenset({4}), hours=((1_320, 120),))
    night = offer(schedule=friday_night)
    for at, applies in [
        (datetime(2026, 11, 6, 21, 30, tzinfo=UTC), True),  # Friday 22:30 in Berlin
        (datetime(2026, 11, 7, 0, 30, tzinfo=UTC), True),  # Saturday 01:30
        (datetime(2026, 11, 7, 1, 0, tzinfo=UTC), False),  # Saturday 02:00
        (datetime(2026, 11, 6, 0, 30, tzinfo=UTC), False),  # Friday 01:30
        (datetime(2026, 11, 7, 22, 0, tzinfo=UTC), False),  # Saturday 23:00
    ]:
        assert bool(points(night, purchase=bought(at=at))) is applies
        local = basket_of(PROGRAM, bought(at=at)).local
        assert is_open(friday_night, local) is applies


def test_a_schedule_goes_by_the_clock_on_the_wall_when_clocks_change() -> None:
    at_nine = offer(schedule=Schedule(hours=((540, 541),)))
    for at in (
        datetime(2026, 10, 24, 7, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 8, 0, tzinfo=UTC),
    ):
        assert points(at_nine, purchase=bought(at=at)) == [10]


def test_a_purchase_is_decided_by_when_it_was_made() -> None:
    ended = offer(status=OfferStatus.ENDED, ended_at=NOW)
    assert points(ended, purchase=bought(at=NOW - timedelta(seconds=1))) == [10]
    assert decided(ended) == OfferDecision()
    new = offer(launched_at=NOW)
    assert points(new) == [10]
    assert decided(new, purchase=bought(at=NOW - timedelta(seconds=1))) == OfferDecision()
    over = offer(schedule=Schedule(ends_at=NOW))
    assert decided(over) == OfferDecision()
    assert not in_its_time(over, NOW)
    assert in_its_time(over, NOW - timedelta(seconds=1))


@pytest.mark.parametrize("status", [OfferStatus.DRAFT, OfferStatus.ARCHIVED])
def test_an_offer_that_is_not_launched_gives_nothing(status: OfferStatus) -> None:
    assert decided(offer(status=status)) == OfferDecision()


HOUR = timedelta(hours=1)
TWO_PAUSES = (Pause(NOW - 3 * HOUR, NOW - 2 * HOUR), Pause(NOW, NOW + HOUR))


@pytest.mark.parametrize(
    ("hours", "gives"),
    [(-30, True), (-4, True), (-3, False), (-2.1, False), (-2, True), (0, False), (1, True)],
)
def test_a_purchase_made_in_a_pause_gets_nothing_whatever_became_of_the_offer(
    hours: float, gives: bool
) -> None:
    purchase = bought(at=NOW + hours * HOUR)
    ends = NOW + 5 * HOUR
    for now in (
        offer(pauses=TWO_PAUSES),
        offer(pauses=TWO_PAUSES, status=OfferStatus.ENDED, ended_at=ends),
        offer(pauses=(*TWO_PAUSES, Pause(ends)), status=OfferStatus.PAUSED),
        offer(pauses=(*TWO_PAUSES, Pause(ends)), status=OfferStatus.AWAITING_APPROVAL),
    ):
        expected = {} if gives else {"off_1": NotAppliedReason.PAUSED}
        assert reasons(now, purchase=purchase) == expected
        assert bool(points(now, purchase=purchase)) is gives
        assert in_its_time(now, purchase.occurred_at) is gives
        ready = LiveOffers(1, [now]).by_id["off_1"]
        assert fits(ready, basket_of(PROGRAM, purchase), Who("mem_1", {})) is gives


def test_where_nobody_wrote_down_since_when_it_is_paused_it_gave_nothing_ever() -> None:
    """As it was left by a release that knows of no pauses."""
    for pauses in ((), TWO_PAUSES):
        asleep = offer(status=OfferStatus.PAUSED, pauses=pauses)
        assert reasons(asleep, purchase=bought(at=NOW - 30 * HOUR)) == {
            "off_1": NotAppliedReason.PAUSED
        }


def test_offers_that_are_paused_are_told_last_and_only_to_those_they_are_for() -> None:
    asleep = [
        offer(n, status=OfferStatus.PAUSED, pauses=(Pause(NOW),), stacking=Stacking(priority=9))
        for n in range(1, 20)
    ]
    awake = [offer(n, basket=BasketTerms(minimum_minor=5_000)) for n in range(20, 25)]
    told = list(reasons(*asleep, *awake))
    assert told == [f"off_{n}" for n in (*range(20, 25), *range(1, MOST_TOLD - 4))]
    for_others = replace(asleep[0], audience=Leaf("country", Op.EQ, "AT"))
    assert reasons(for_others, facts={"country": "DE"}) == {}


def test_many_days_are_looked_at_without_keeping_them_all() -> None:
    live = LiveOffers(1, [offer()])
    for days in range(200):
        at = bought(at=NOW - timedelta(days=days))
        assert decide(live, basket_of(PROGRAM, at), Who("mem_1", {})).applied


# --- holdout -----------------------------------------------------------------------------------


def test_the_holdout_has_its_share_stays_and_differs_from_offer_to_offer() -> None:
    members = [f"mem_{n}" for n in range(10_000)]
    ten, thirty = offer(holdout_percent=10), offer(holdout_percent=30)
    held = {member for member in members if in_holdout(ten, member)}
    assert 900 < len(held) < 1_100
    # Whoever is held out stays so in a later version.
    assert held == {member for member in members if in_holdout(offer(holdout_percent=10), member)}
    assert held < {member for member in members if in_holdout(thirty, member)}
    other = {member for member in members if in_holdout(offer(2, holdout_percent=10), member)}
    assert 50 < len(held & other) < 150
    assert not any(in_holdout(offer(), member) for member in members)
