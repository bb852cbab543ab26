"""The arithmetic of points: nothing appears, nothing vanishes, debt and points never coexist."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import (
    MONTHS_KEPT,
    Account,
    Lot,
    count_purchase,
    credit,
    spend,
    spending_order,
    take_back,
)
from chalicelib.domain.packing import pack, unpack
from chalicelib.domain.refusals import InsufficientPoints
from tests.property.accounts import accounts, days, lots, months_before, points


def _net(account: Account) -> int:
    return account.available + account.pending_points - account.debt


def _is_in_order(account: Account) -> bool:
    expiries = [lot.expires_on for lot in account.lots]
    return list(account.lots) == sorted(account.lots, key=spending_order) and len(expiries) == len(
        set(expiries)
    )


@given(accounts(), lots())
def test_a_credit_pays_debt_first_and_the_rest_becomes_available(
    account: Account, given_lots: tuple[Lot, ...]
) -> None:
    after, paid = credit(account, given_lots)
    amount = sum(lot.points for lot in given_lots)
    assert paid == min(account.debt, amount)
    assert after.debt == account.debt - paid
    assert after.available == account.available + amount - paid
    assert _is_in_order(after)


@given(accounts(), lots())
def test_what_pays_debt_are_the_points_that_would_be_spent_first(
    account: Account, given_lots: tuple[Lot, ...]
) -> None:
    after, paid = credit(account, given_lots)
    if account.debt:
        kept = spend(Account(lots=given_lots), paid)[0] if given_lots else Account()
        assert after.lots == kept.lots


@given(accounts(), st.integers(0, 300_000))
def test_spending_takes_exactly_what_was_asked_or_nothing(account: Account, asked: int) -> None:
    if asked > account.available:
        with pytest.raises(InsufficientPoints) as refusal:
            spend(account, asked)
        assert refusal.value.missing == asked - account.available
        return
    after, taken = spend(account, asked)
    assert sum(lot.points for lot in taken) == asked
    assert _net(after) == _net(account) - asked
    if taken and after.lots:
        assert spending_order(taken[-1]) <= spending_order(after.lots[0])


@given(accounts(), st.data())
def test_what_was_spent_and_comes_back_leaves_the_account_as_it_was(
    account: Account, data: st.DataObject
) -> None:
    asked = data.draw(st.integers(0, account.available))
    after, taken = spend(account, asked)
    assert credit(after, taken)[0] == account


@given(accounts(), st.integers(0, 300_000))
def test_taking_back_always_takes_all_of_it_newest_first_and_the_rest_is_debt(
    account: Account, asked: int
) -> None:
    after, from_available, new_debt = take_back(account, asked)
    assert from_available + new_debt == asked
    assert _net(after) == _net(account) - asked
    assert new_debt == 0 or after.available == 0
    assert after.lots[:-1] == account.lots[: len(after.lots[:-1])]


@given(accounts(), points)
def test_giving_and_taking_back_the_same_changes_no_sum(account: Account, amount: int) -> None:
    richer, _ = credit(account, (Lot(None, amount),))
    assert _net(take_back(richer, amount)[0]) == _net(account)


_counted = st.lists(
    st.tuples(days.map(lambda day: day.replace(day=1)), st.integers(0, 500), st.integers(0, 50)),
    min_size=1,
    max_size=25,
)


@given(_counted, st.data())
def test_months_are_never_negative_however_late_something_comes_back(
    counted: list[tuple[date, int, int]], data: st.DataObject
) -> None:
    account, open_purchases = Account(), list[tuple[date, int, int]]()
    for month, spend_minor, gained in counted:
        account = _stored(_count(account, month, 1, spend_minor, gained))
        open_purchases.append((month, spend_minor, gained))
        if data.draw(st.booleans()):
            back = open_purchases.pop(data.draw(st.integers(0, len(open_purchases) - 1)))
            account = _stored(_count(account, back[0], -1, -back[1], -back[2]))
        for figures in account.months:
            assert min(figures.purchases, figures.spend_minor, figures.qualifying_points) >= 0
    newest = max(month for month, _, _ in counted)
    oldest = months_before(newest, MONTHS_KEPT - 1)
    expected = _sums(row for row in open_purchases if row[0] >= oldest)
    held = {m.first_day: (m.purchases, m.spend_minor, m.qualifying_points) for m in account.months}
    assert {day: row for day, row in held.items() if any(row)} == expected


def _count(account: Account, month: date, purchases: int, spend_minor: int, gained: int) -> Account:
    return count_purchase(
        account,
        month,
        purchases=purchases,
        spend_minor=spend_minor,
        points=2 * gained,
        qualifying_points=gained,
    )


def _stored(account: Account) -> Account:
    """As the next operation finds it."""
    return unpack(pack(account))


def _sums(rows: Iterable[tuple[date, int, int]]) -> dict[date, tuple[int, int, int]]:
    sums: dict[date, tuple[int, int, int]] = {}
    for month, spend_minor, gained in rows:
        before = sums.get(month, (0, 0, 0))
        sums[month] = (before[0] + 1, before[1] + spend_minor, before[2] + gained)
    return sums
