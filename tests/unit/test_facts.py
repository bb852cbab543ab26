"""The facts of a member: what each is, and what is known without its consent."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.account import Account, AccountStatus, Lifetime, Lot, Month, PendingLot
from chalicelib.domain.behaviour import Behaviour, Bought, favourite, with_bought
from chalicelib.domain.facts import FACTS, FactKind, Facts, FactValue, facts_declared, facts_of
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.rfm import Rfm, class_of, recency_class_of, wrong_rfm
from chalicelib.domain.traits import Traits
from tests.ledger_world import PROGRAM

TODAY = date(2026, 3, 14)
LADDER = Tiers(
    TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (Tier("gold", "Gold", 100, gift_points=0),)
)
CLUB = replace(PROGRAM, tiers=LADDER, attributes=("drink", "size"))
MIA = Traits(
    country="DE",
    birth_month=3,
    interests=("tea",),
    profiling=True,
    language="de",
    joined_on=date(2024, 3, 20),
    attributes=(("drink", "tea"),),
    lists=("seg_1",),
)
RICH = Account(
    lots=(Lot(TODAY + timedelta(days=30), 40), Lot(TODAY + timedelta(days=31), 5), Lot(None, 1)),
    pending=(PendingLot(TODAY + timedelta(days=3), None, 7),),
    months=(Month(TODAY.replace(day=1), 2, 5_000, 120),),
    lifetime=Lifetime(earned=300, purchases=9, spend_minor=30_000),
)


def days_ago(*days: int, spend_minor: int = 1_000) -> Behaviour:
    """What is known of somebody who bought for so much on days so long ago."""
    behaviour = Behaviour()
    for day in sorted(days, reverse=True):
        on = TODAY - timedelta(days=day)
        behaviour = with_bought(behaviour, Bought(on, 1, spend_minor, ("tea",), "mitte"), on)
    return behaviour


def facts(
    traits: Traits = MIA, behaviour: Behaviour | None = None, account: Account = RICH
) -> Facts:
    return facts_of(account, traits, behaviour, CLUB, TODAY)


def test_every_fact_that_is_declared_is_told_in_its_own_kind_and_no_other() -> None:
    declared = facts_declared(CLUB)
    said = facts(behaviour=days_ago(1, 8, 15))
    assert set(said) == set(declared)
    kinds: dict[FactKind, type[object]] = {
        FactKind.INTEGER: int,
        FactKind.BOOLEAN: bool,
        FactKind.TEXT: str,
        FactKind.TEXTS: frozenset,
    }
    for name, value in said.items():
        fact = declared[name]
        assert value is None or type(value) is kinds[fact.kind], name
        assert value is None or fact.values is None or value in fact.values, name
    assert [name for name, value in said.items() if value is None] == ["attribute.size"]


def test_what_is_known_of_an_account_and_a_profile() -> None:
    said = facts()
    expected: dict[str, FactValue] = {
        "country": "DE",
        "language": "de",
        "birth_month": 3,
        "is_birthday_month": True,
        "interests": frozenset({"tea"}),
        "lists": frozenset({"seg_1"}),
        "days_since_joining": 724,
        "years_since_joining": 1,
        "is_anniversary_month": True,
        "status": "active",
        "tier": "gold",
        "available_points": 46,
        "pending_points": 7,
        "points_expiring_30_days": 40,
        "lifetime_points": 300,
        "lifetime_purchases": 9,
        "lifetime_spend_minor": 30_000,
        "first_purchase": False,
        "attribute.drink": "tea",
    }
    assert {name: said[name] for name in expected} == expected
    assert facts(account=Account(status=AccountStatus.FROZEN))["status"] == "frozen"
    assert facts(account=Account())["tier"] == "none"
    assert facts(account=Account())["first_purchase"] is True


def test_without_its_consent_nothing_is_known_that_needs_it() -> None:
    said = facts(replace(MIA, profiling=False), days_ago(1, 2, 3))
    for name, fact in facts_declared(CLUB).items():
        assert not fact.profiling or said[name] is None, name
    assert said["country"] == "DE"


def test_in_an_account_that_several_share_nobodys_purchases_are_anybodys() -> None:
    shared = replace(RICH, household=("mem_other",), sharers=1)
    said = facts(behaviour=days_ago(1, 2, 3), account=shared)
    assert said["purchases_last_30_days"] is None
    assert said["birth_month"] == 3


def test_what_is_known_of_what_a_member_buys() -> None:
    said = facts(behaviour=days_ago(0, 29, 30, 89, 90, 200))
    assert [said[f"purchases_last_{days}_days"] for days in (30, 90, 365)] == [2, 4, 6]
    assert [said[f"spend_last_{days}_days_minor"] for days in (30, 90, 365)] == [
        2_000,
        4_000,
        6_000,
    ]
    assert said["days_since_last_purchase"] == 0
    assert (said["favourite_category"], said["favourite_store"]) == ("tea", "mitte")
    assert said["average_basket_minor"] == 1_000
    assert (said["recency_class"], said["frequency_class"], said["monetary_class"]) == (5, 3, 2)


def test_of_who_never_bought_what_there_is_none_of_is_not_known() -> None:
    said = facts(behaviour=Behaviour(seq=1))
    assert said["purchases_last_365_days"] == 0
    for name in ("days_since_last_purchase", "average_basket_minor", "recency_class", "churn_risk"):
        assert said[name] is None, name


@pytest.mark.parametrize(
    ("days", "risk"),
    [
        ((5, 15), None),
        ((14, 24, 34), "low"),
        ((15, 25, 35), "medium"),
        ((29, 39, 49), "medium"),
        ((30, 40, 50), "high"),
    ],
)
def test_who_stays_away_for_longer_than_it_is_used_to_is_at_risk(
    days: tuple[int, ...], risk: str | None
) -> None:
    assert facts(behaviour=days_ago(*days))["churn_risk"] == risk


def test_classes_go_by_the_steps_of_the_program() -> None:
    steps = Rfm()
    assert [recency_class_of(steps.recency_days, days) for days in (14, 15, 31, 91, 181)] == [
        5,
        4,
        3,
        2,
        1,
    ]
    assert [class_of(steps.purchases, number) for number in (1, 2, 4, 8, 16)] == [1, 2, 3, 4, 5]
    assert list(wrong_rfm(steps)) == []
    wrong = Rfm(purchases=(1, 2, 2, 3), spend_minor=(0, 1, 2, 3))
    assert [error.pointer for error in wrong_rfm(wrong)] == ["/rfm/purchases", "/rfm/spend_minor"]


def test_a_new_favourite_can_rise_and_one_that_comes_back_falls() -> None:
    behaviour = Behaviour()
    for number in range(12):
        behaviour = with_bought(behaviour, Bought(TODAY, 1, 100, (f"old-{number}",)), TODAY)
    for _ in range(2):
        behaviour = with_bought(behaviour, Bought(TODAY, 1, 100, ("new",)), TODAY)
    assert favourite(behaviour.categories) == "new"
    assert len(behaviour.categories) == 10
    for _ in range(2):
        back = Bought(TODAY, -1, -100, ("new",), came_back=True)
        behaviour = with_bought(behaviour, back, TODAY)
    assert favourite(behaviour.categories) == "old-11"


def test_every_fact_is_called_something_in_both_languages() -> None:
    for fact in FACTS.values():
        assert set(fact.says) == {"en", "de"}, fact.name
        assert all(fact.says.values()), fact.name
