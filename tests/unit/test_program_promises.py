"""What a program may promise: each bound at its edge, both sides."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.program import (
    EarningRate,
    EarningRule,
    Expiry,
    ExpiryAlignment,
    ExpiryKind,
    Pending,
    Program,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
    Transfers,
)
from chalicelib.domain.program_checks import problems_of
from tests.ledger_world import PROGRAM

AFTER_EARNING, AFTER_INACTIVITY = ExpiryKind.AFTER_EARNING, ExpiryKind.AFTER_INACTIVITY
YEAR_END = ExpiryAlignment.YEAR_END
XMAS = date(2026, 12, 24)


def _problems(**changed: Any) -> dict[str, str]:
    errors = problems_of(replace(PROGRAM, **changed))
    return {error.pointer: error.code for error in errors}


def _waiting(pending: Pending, *of_rules: Pending | None) -> Program:
    rules = tuple(
        EarningRule(f"rule-{number}", "A rule", EarningRate(1, 100), pending=own)
        for number, own in enumerate(of_rules)
    )
    return replace(PROGRAM, pending=pending, rules=rules)


def _ladder(*levels: Tier, grace_days: int = 0) -> Tiers:
    return Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, levels, grace_days)


@pytest.mark.parametrize(
    "edge",
    [
        {"pending": Pending(60)},
        {"pending": Pending(0, XMAS)},
        {"pending": Pending(0, date.min)},
        {"pending": Pending(0, date.max)},
        {"expiry": Expiry(AFTER_EARNING, 1)},
        {"expiry": Expiry(AFTER_EARNING, 36)},
        {"expiry": Expiry(AFTER_EARNING, 120, YEAR_END)},
        {"expiry": Expiry(AFTER_INACTIVITY, 36)},
        {"grace_days": 1},
        {"grace_days": 60},
        {"tiers": _ladder(Tier("a", "A", 1, 100, 0), Tier("b", "B", 2, 1_000, 1_000_000))},
        {"tiers": _ladder(Tier("a", "A", 1), grace_days=62)},
        {"tiers": _ladder(*(Tier(f"t{n}", "T", n) for n in range(1, 7)))},
        {"transfers": Transfers(1, 1, 0)},
        {"transfers": Transfers(1_000_000, 1_000_000, 30)},
        {"household_members": 10},
        {"thousand_points_minor": 0},
    ],
)
def test_a_promise_at_the_edge_of_what_is_allowed_is_taken(edge: dict[str, Any]) -> None:
    assert _problems(**edge) == {}


@pytest.mark.parametrize(
    ("beyond", "problems"),
    [
        ({"pending": Pending(-1)}, {"/pending/days": "out_of_range"}),
        ({"expiry": Expiry(AFTER_EARNING, 0)}, {"/expiry/months": "out_of_range"}),
        ({"expiry": Expiry(AFTER_EARNING, 37)}, {"/expiry/months": "out_of_range"}),
        ({"expiry": Expiry(AFTER_EARNING, 121, YEAR_END)}, {"/expiry/months": "out_of_range"}),
        ({"expiry": Expiry(AFTER_INACTIVITY, 37)}, {"/expiry/months": "out_of_range"}),
        (
            {"expiry": Expiry(AFTER_INACTIVITY, 12, YEAR_END)},
            {"/expiry/aligned": "not_expected"},
        ),
        ({"grace_days": 0}, {"/grace_days": "out_of_range"}),
        ({"grace_days": 61}, {"/grace_days": "out_of_range"}),
        ({"tiers": _ladder()}, {"/tiers/levels": "wrong_length"}),
        (
            {"tiers": _ladder(*(Tier(f"t{n}", "T", n) for n in range(1, 8)))},
            {"/tiers/levels": "wrong_length"},
        ),
        (
            {"tiers": _ladder(Tier("a", "A", 5), Tier("b", "B", 5), Tier("c", "C", 4))},
            {
                "/tiers/levels/1/threshold": "not_rising",
                "/tiers/levels/2/threshold": "not_rising",
            },
        ),
        (
            {"tiers": _ladder(Tier("a", "A", 0), Tier("a", "A", 1), Tier("A!", "A", 2))},
            {
                "/tiers/levels/0/threshold": "out_of_range",
                "/tiers/levels/1/tier_id": "taken",
                "/tiers/levels/2/tier_id": "wrong_format",
            },
        ),
        (
            {"tiers": _ladder(Tier("a", "A\n", 1, 99, -1), Tier("b", "", 2, 1_001, 1_000_001))},
            {
                "/tiers/levels/0/name": "not_printable",
                "/tiers/levels/0/earn_percent": "out_of_range",
                "/tiers/levels/0/gift_points": "out_of_range",
                "/tiers/levels/1/name": "wrong_length",
                "/tiers/levels/1/earn_percent": "out_of_range",
                "/tiers/levels/1/gift_points": "out_of_range",
            },
        ),
        (
            {"tiers": _ladder(Tier("a", "A", 1), grace_days=63)},
            {"/tiers/grace_days": "out_of_range"},
        ),
        ({"transfers": Transfers(2, 1, 0)}, {"/transfers/most_points": "above_the_month"}),
        (
            {"transfers": Transfers(0, 0, 31)},
            {
                "/transfers/most_points": "out_of_range",
                "/transfers/most_points_a_month": "out_of_range",
                "/transfers/cooling_off_days": "out_of_range",
            },
        ),
        ({"household_members": 0}, {"/household_members": "out_of_range"}),
        ({"household_members": 11}, {"/household_members": "out_of_range"}),
        ({"thousand_points_minor": -1}, {"/thousand_points_minor": "out_of_range"}),
    ],
)
def test_a_promise_beyond_it_is_refused_by_its_own_field(
    beyond: dict[str, Any], problems: dict[str, str]
) -> None:
    assert _problems(**beyond) == problems


def test_the_waiting_days_of_settings_that_differ_are_added_up() -> None:
    a_month, a_fortnight, none = Pending(30), Pending(14), Pending(0)
    assert problems_of(_waiting(a_month, a_month, a_month, None, Pending(30))) == []
    assert problems_of(_waiting(a_month, a_fortnight, Pending(16), none)) == []
    too_many = problems_of(_waiting(a_month, a_fortnight, Pending(17)))
    assert [(error.pointer, error.code) for error in too_many] == [("/pending", "too_many_days")]


def test_each_until_is_a_day_of_its_own() -> None:
    days = [Pending(0, XMAS.replace(day=day)) for day in (1, 2, 3, 4)]
    assert problems_of(_waiting(Pending(56), *days)) == []
    assert [error.code for error in problems_of(_waiting(Pending(57), *days))] == ["too_many_days"]


def test_a_rule_that_waits_too_long_is_named() -> None:
    pointers = [error.pointer for error in problems_of(_waiting(Pending(0), Pending(61)))]
    assert pointers == ["/rules/0/pending/days"]
