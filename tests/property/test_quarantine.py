"""Points that are held for a review: nothing is lost or doubled, whatever comes of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, AccountStatus, Lot, PendingLot
from chalicelib.domain.entries import EntryKind, Why, next_entry, opening_entry
from chalicelib.domain.liability import Liability
from chalicelib.domain.lots import Days, fold, kept_alive, next_due, receive, take_pending
from chalicelib.domain.merging import move_in
from chalicelib.domain.notices import expiring
from chalicelib.domain.program import Expiry, ExpiryKind
from chalicelib.domain.quarantine import (
    excuse_written_off,
    forfeit,
    put_under_review,
    receive_earned,
    release,
)
from chalicelib.domain.refusals import Conflict
from chalicelib.domain.reviews import Review, Suspicion, WrittenOff
from tests.ledger_world import NOW, PROGRAM
from tests.property.accounts import accounts_of_few_days

START = date(2026, 3, 14)
REVIEW = Review(START, Suspicion.REFUNDS, 7)
ahead = st.integers(0, 90).map(lambda days: START + timedelta(days=days))
parts = st.lists(
    st.tuples(
        st.builds(
            lambda first, more: Days(first, first + timedelta(days=more)), ahead, st.integers(0, 90)
        ),
        st.integers(1, 500),
    ),
    max_size=8,
)


def worth(account: Account) -> int:
    """What an account is worth in points."""
    return account.available + account.pending_points - account.debt


@given(accounts_of_few_days(START, 90), parts, ahead)
def test_what_is_released_is_worth_what_was_held_and_spends_nothing_before(
    account: Account, earned: list[tuple[Days, int]], today: date
) -> None:
    before = fold(account, START).account
    reviewed = put_under_review(before, REVIEW)
    assert worth(reviewed) == worth(before)
    arrived = receive_earned(reviewed, PROGRAM, earned, START)
    points = sum(part for _, part in earned)
    assert (arrived.held, arrived.pending, arrived.debt_paid) == (points, points, 0)
    held = arrived.account
    assert (held.available, held.debt) == (before.available, before.debt)
    later = fold(held, today)
    assert later.account.withheld == held.withheld
    released = release(later.account, PROGRAM, today)
    assert (released.under_review, released.withheld) == (None, ())
    assert worth(released) == worth(later.account)


@given(accounts_of_few_days(START, 90), parts, ahead)
def test_released_points_are_what_they_would_be_without_the_review(
    account: Account, earned: list[tuple[Days, int]], today: date
) -> None:
    # Nothing of it expires in between: that is told apart below.
    living = [(Days(days.matures_on, None), points) for days, points in earned]
    before = replace(account, pending=())
    before = replace(fold(before, today).account, expired=())
    held = receive_earned(put_under_review(before, REVIEW), PROGRAM, living, START).account
    released = release(held, PROGRAM, today)
    assert released == fold(receive(before, PROGRAM, living, START).account, today).account


@given(accounts_of_few_days(START, 90), parts, ahead)
def test_what_is_forfeited_is_what_was_held_and_nothing_else(
    account: Account, earned: list[tuple[Days, int]], today: date
) -> None:
    reviewed = put_under_review(fold(account, START).account, REVIEW)
    held = receive_earned(reviewed, PROGRAM, earned, START).account
    poorer, points = forfeit(held, today)
    assert points == held.withheld_points
    assert worth(held) - worth(poorer) == points
    assert (poorer.lots, poorer.debt) == (held.lots, held.debt)
    assert poorer.written_off == (WrittenOff(points, today) if points else None)


@given(accounts_of_few_days(START, 90), parts)
def test_held_points_are_taken_back_by_their_own_days(
    account: Account, earned: list[tuple[Days, int]]
) -> None:
    bare = put_under_review(replace(account, pending=()), REVIEW)
    held = receive_earned(bare, PROGRAM, earned, START).account
    for days, points in earned:
        held, taken = take_pending(held, days, points)
        assert taken == points
    assert held == bare


def test_the_calendar_makes_nothing_of_held_points_and_late_ones_get_the_days_of_grace() -> None:
    over = START + timedelta(days=10)
    held = Account(under_review=REVIEW, withheld=(PendingLot(START, over, 30),))
    later = over + timedelta(days=200)
    assert fold(held, later).account == held
    grace = later + timedelta(days=PROGRAM.grace_days)
    assert release(held, PROGRAM, later).lots == (Lot(grace, 30),)


def test_released_points_pay_debt_first() -> None:
    held = Account(debt=20, under_review=REVIEW, withheld=(PendingLot(START, None, 30),))
    released = release(held, PROGRAM, START)
    assert (released.debt, released.lots) == (0, (Lot(None, 10),))


def test_where_points_live_on_by_activity_held_ones_do_too() -> None:
    program = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, 2))
    held = Account(under_review=REVIEW, withheld=(PendingLot(START, START, 30),))
    alive = kept_alive(held, program, START).withheld
    assert alive == (PendingLot(START, date(2026, 5, 14), 30),)


def test_an_account_under_review_neither_moves_nor_takes_another_in() -> None:
    reviewed = put_under_review(Account(), REVIEW)
    for source, target in ((reviewed, Account()), (Account(), reviewed)):
        with pytest.raises(Conflict) as refusal:
            move_in(source, target, "mem_2", PROGRAM, START)
        assert refusal.value.reason == "under_review"


def test_a_second_review_does_not_begin_while_one_is_open_and_none_ends_twice() -> None:
    reviewed = put_under_review(Account(), REVIEW)
    assert put_under_review(reviewed, Review(START, Suspicion.STAFF, 9)) == reviewed
    for end in (lambda: release(Account(), PROGRAM, START), lambda: forfeit(Account(), START)):
        with pytest.raises(Conflict):
            end()


def test_what_a_review_took_is_excused_once_and_only_where_it_came_before() -> None:
    account = Account(written_off=WrittenOff(50, START))
    assert excuse_written_off(account, START + timedelta(days=1), 20) == (account, 0)
    account, excused = excuse_written_off(account, START, 30)
    assert (excused, account.written_off) == (30, WrittenOff(20, START))
    assert excuse_written_off(account, START, 30) == (Account(), 20)


def test_held_points_are_owed_and_are_not_foreseen_to_expire() -> None:
    last = date(2026, 6, 30)
    opened = opening_entry("mem_1", AccountStatus.ACTIVE, NOW)
    held = Account(
        lots=(Lot(None, 5),), under_review=REVIEW, withheld=(PendingLot(START, last, 30),)
    )
    why = (Why("base", 35, 3_500),)
    entry = next_entry(opened, held, kind=EntryKind.EARN, cause="c", now=NOW, why=why)
    later, liability = NOW + timedelta(days=400), Liability()
    liability.add_account([opened, entry], PROGRAM, later)
    assert (liability.held.available, liability.held.pending) == (5, 30)
    assert liability.by_expiry == {"never": 5, "2026-06": 30}
    assert sum(liability.by_earned.values()) == 35
    assert (liability.expired, liability.difference) == (0, 0)
    assert (next_due(held), expiring(held, later.date()), entry.due_on) == (None, (), None)
    released = release(held, PROGRAM, START)
    assert next_due(released) == last
    assert expiring(released, later.date()) == (Lot(last, 30),)
