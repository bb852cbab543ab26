"""Single sentences about points that staff give and take."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.account import LARGEST_FIGURE, Account, Lot
from chalicelib.domain.adjustments import adjust
from chalicelib.domain.program import Expiry, ExpiryKind
from chalicelib.domain.refusals import InsufficientPoints, InvalidContent
from tests.ledger_world import PROGRAM

TODAY = date(2026, 3, 14)
APRIL, JUNE = date(2026, 4, 30), date(2026, 6, 30)
SOON, LATE = Lot(APRIL, 30), Lot(JUNE, 50)
RICH = Account(lots=(SOON, LATE))


def test_points_that_are_given_last_as_long_as_if_they_were_earned_today() -> None:
    program = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_EARNING, 1))
    after, debt_paid = adjust(Account(), 7, program, TODAY, allow_debt=False)
    assert (after.lots, debt_paid) == ((Lot(APRIL, 7),), 0)


def test_points_that_are_given_pay_debt_first() -> None:
    after, debt_paid = adjust(Account(debt=5), 7, PROGRAM, TODAY, allow_debt=False)
    assert (after.lots, after.debt, debt_paid) == ((Lot(None, 2),), 0, 5)


def test_points_that_are_taken_are_those_that_would_be_spent_first() -> None:
    after, debt_paid = adjust(RICH, -40, PROGRAM, TODAY, allow_debt=False)
    assert (after.lots, after.debt, debt_paid) == ((Lot(JUNE, 40),), 0, 0)


def test_more_than_there_is_is_not_taken_unless_debt_is_allowed() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        adjust(RICH, -81, PROGRAM, TODAY, allow_debt=False)
    assert refusal.value.extras() == {"required": 81, "available": 80, "missing": 1}
    after, debt_paid = adjust(RICH, -81, PROGRAM, TODAY, allow_debt=True)
    assert (after.lots, after.debt, debt_paid) == ((), 1, 0)


def test_where_debt_is_allowed_the_newest_go_first() -> None:
    assert adjust(RICH, -60, PROGRAM, TODAY, allow_debt=True)[0].lots == (Lot(APRIL, 20),)


@pytest.mark.parametrize("allow_debt", [True, False])
def test_no_points_change_nothing(allow_debt: bool) -> None:
    assert adjust(RICH, 0, PROGRAM, TODAY, allow_debt=allow_debt) == (RICH, 0)


def test_what_could_not_be_told_is_refused_by_the_field_that_asks_for_it() -> None:
    full = Account(lots=(Lot(None, LARGEST_FIGURE),))
    with pytest.raises(InvalidContent) as refusal:
        adjust(full, 1, PROGRAM, TODAY, allow_debt=False)
    [error] = refusal.value.errors
    assert (error.pointer, error.code) == ("/points", "out_of_range")
    assert error.detail == "The account would hold more than 2^53 - 1; write less."
