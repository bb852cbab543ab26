"""What is said about points, in words."""

from dataclasses import replace

import pytest

from chalicelib.domain.entries import Why
from chalicelib.domain.explanations import explained
from tests.ledger_world import PROGRAM


def texts(*why: Why, currency: str = "EUR") -> list[str]:
    return [row.text for row in explained(replace(PROGRAM, currency=currency), why)]


def test_each_rule_says_its_rate_and_the_money_it_counted() -> None:
    assert texts(Why("base", 12, 1_250), Why("kronos", 3, 250)) == [
        "1 point for every 1.00 EUR on 12.50 EUR",
        "Kronos cups: 3 points for every 2.50 EUR more on 2.50 EUR",
    ]


def test_what_a_return_takes_counts_negative_money() -> None:
    assert texts(Why("base", -1, -105)) == ["1 point for every 1.00 EUR on -1.05 EUR"]


@pytest.mark.parametrize(
    ("currency", "text"),
    [("JPY", "100 JPY on 1250 JPY"), ("KWD", "0.100 KWD on 1.250 KWD")],
)
def test_money_is_written_with_its_own_currencys_digits(currency: str, text: str) -> None:
    assert texts(Why("base", 12, 1_250), currency=currency) == [f"1 point for every {text}"]


def test_a_rule_that_a_program_no_longer_has_is_named_by_its_id() -> None:
    assert texts(Why("retired", 5, 100)) == ["retired"]
