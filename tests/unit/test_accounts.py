"""Single sentences about what an account keeps of itself."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.account import (
    LARGEST_FIGURE,
    MONTHS_KEPT,
    Account,
    Lifetime,
    Lot,
    Month,
    PendingLot,
    check_figures,
    count_purchase,
    credit,
    merged,
    spend,
    split_lots,
    take_back,
)
from chalicelib.domain.refusals import InsufficientPoints, InvalidContent

APRIL, MAY, JUNE = date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)


def _counted(account: Account, month: date, figure: int = 1) -> Account:
    return count_purchase(
        account,
        month,
        purchases=figure,
        spend_minor=100 * figure,
        points=3 * figure,
        qualifying_points=2 * figure,
    )


# --- lots ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "promise"),
    [
        ({"debt": -1}, "debt is never negative"),
        ({"debt": 1, "lots": (Lot(None, 1),)}, "points and debt coexist"),
        ({"lots": (Lot(None, 0),)}, "an empty lot"),
        ({"lots": (Lot(APRIL, 5), Lot(None, -1))}, "an empty lot"),
        ({"pending": (PendingLot(APRIL, None, 0),)}, "an empty lot"),
    ],
)
def test_an_account_that_breaks_its_promises_cannot_be_made(given: dict, promise: str) -> None:  # type: ignore[type-arg]  # any field
    with pytest.raises(AssertionError, match=f"^{promise}$"):
        Account(**given)


def test_debt_and_one_point_can_be_all_there_is() -> None:
    assert Account(debt=1).available == 0
    assert Account(lots=(Lot(None, 1),), pending=(PendingLot(APRIL, None, 1),)).pending_points == 1


def test_debt_is_paid_by_the_lots_that_would_be_spent_first_in_whatever_order_they_come() -> None:
    after, paid = credit(Account(debt=7), (Lot(None, 5), Lot(JUNE, 5), Lot(APRIL, 5)))
    assert (after.lots, after.debt, paid) == ((Lot(JUNE, 3), Lot(None, 5)), 0, 7)


def test_who_cannot_pay_is_told_what_it_takes_what_is_there_and_what_is_missing() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        spend(Account(lots=(Lot(APRIL, 3), Lot(None, 4))), 10)
    assert refusal.value.extras() == {"required": 10, "available": 7, "missing": 3}


def test_spending_all_there_is_leaves_nothing_and_tells_the_lots() -> None:
    lots = (Lot(APRIL, 3), Lot(None, 4))
    assert spend(Account(lots=lots), 7) == (Account(), lots)


def test_taking_back_tells_what_was_there_and_what_is_owed() -> None:
    account = Account(lots=(Lot(APRIL, 3), Lot(None, 4)))
    assert take_back(account, 5) == (Account(lots=(Lot(APRIL, 2),)), 5, 0)
    assert take_back(account, 9) == (Account(debt=2), 7, 2)
    assert take_back(Account(debt=2), 1) == (Account(debt=3), 0, 1)


def test_lots_are_cut_where_it_is_asked_and_no_empty_one_is_left() -> None:
    lots = (Lot(APRIL, 3), Lot(MAY, 2), Lot(None, 4))
    assert split_lots(lots, 0) == ((), lots)
    assert split_lots(lots, 3) == (lots[:1], lots[1:])
    assert split_lots(lots, 4) == ((Lot(APRIL, 3), Lot(MAY, 1)), (Lot(MAY, 1), Lot(None, 4)))
    assert split_lots(lots, 10) == (lots, ())


def test_lots_of_one_day_become_one() -> None:
    lots = (Lot(None, 1), Lot(MAY, 2), Lot(APRIL, 3), Lot(MAY, 4), Lot(None, 5))
    assert merged(lots) == (Lot(APRIL, 3), Lot(MAY, 6), Lot(None, 6))


# --- months and sums -----------------------------------------------------------------------------


def test_a_purchase_counts_in_its_month_and_in_all_sums() -> None:
    once = _counted(Account(), date(2026, 3, 1))
    twice = _counted(once, date(2026, 3, 1), 4)
    assert once.months == (Month(date(2026, 3, 1), 1, 100, 2),)
    assert twice.months == (Month(date(2026, 3, 1), 5, 500, 10),)
    assert twice.lifetime == Lifetime(15, 0, 5, 500, 10)


def test_a_late_purchase_counts_in_the_month_it_was_made_in() -> None:
    account = _counted(_counted(Account(), date(2026, 3, 1)), date(2025, 12, 1), 2)
    account = _counted(account, date(2026, 1, 1), 3)
    assert [(m.first_day, m.purchases) for m in account.months] == [
        (date(2026, 3, 1), 1),
        (date(2026, 1, 1), 3),
        (date(2025, 12, 1), 2),
    ]


def test_as_many_months_are_kept_as_a_tier_can_rest_on() -> None:
    newest, oldest, too_old = date(2026, 3, 1), date(2024, 1, 1), date(2023, 12, 1)
    account = _counted(_counted(Account(), too_old), oldest)
    after = _counted(account, newest)
    assert MONTHS_KEPT == 27
    assert [month.first_day for month in after.months] == [newest, oldest]
    assert after.lifetime.purchases == 3


def test_other_sums_than_those_of_purchases_stay() -> None:
    before = Account(lifetime=Lifetime(redeemed=40))
    assert _counted(before, date(2026, 3, 1)).lifetime.redeemed == 40


@pytest.mark.parametrize(
    "account",
    [
        Account(lots=(Lot(None, LARGEST_FIGURE), Lot(APRIL, 1))),
        Account(debt=LARGEST_FIGURE + 1),
        Account(lifetime=Lifetime(earned=LARGEST_FIGURE + 1)),
        Account(lifetime=Lifetime(spend_minor=LARGEST_FIGURE + 1)),
    ],
)
def test_a_figure_that_could_not_be_told_is_refused(account: Account) -> None:
    with pytest.raises(InvalidContent) as refusal:
        check_figures(account, "/here")
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [
        ("/here", "out_of_range")
    ]


def test_the_largest_figures_can_be_told() -> None:
    lifetime = Lifetime(earned=LARGEST_FIGURE, spend_minor=LARGEST_FIGURE)
    check_figures(Account(lots=(Lot(None, LARGEST_FIGURE),), lifetime=lifetime), "/here")
    check_figures(replace(Account(lifetime=lifetime), debt=LARGEST_FIGURE), "/here")
