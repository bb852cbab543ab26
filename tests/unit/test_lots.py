"""Lots by the calendar: what a day makes of an account, and which days points have."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Lot, PendingLot, merged, spend
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import (
    EXPIRED_KEPT,
    MOST_PENDING,
    Arrived,
    Days,
    days_of,
    expiry_of,
    fold,
    in_time,
    kept_alive,
    month_end,
    months_after,
    next_due,
    receive,
    take_pending,
)
from chalicelib.domain.program import Expiry, ExpiryAlignment, ExpiryKind, Pending, Program
from chalicelib.domain.refusals import InsufficientPoints
from tests.ledger_world import PROGRAM
from tests.property.accounts import accounts, accounts_of_few_days, days, points
from tests.property.programs import expiries, pendings

START = date(2026, 3, 1)
SPAN = 30
few = accounts_of_few_days(START, SPAN)
soon = st.integers(-2, SPAN + 2).map(lambda ahead: START + timedelta(days=ahead))
JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def _program(**changes: Any) -> Program:
    return replace(PROGRAM, **changes)


def _expiring(months: int, aligned: ExpiryAlignment = ExpiryAlignment.MONTH_END) -> Program:
    return _program(expiry=Expiry(ExpiryKind.AFTER_EARNING, months, aligned))


def _idling(months: int) -> Program:
    return _program(expiry=Expiry(ExpiryKind.AFTER_INACTIVITY, months))


# --- what a day brings ---------------------------------------------------------------------------


@given(few, soon)
def test_an_account_that_was_folded_to_a_day_is_what_it_is_on_that_day(
    account: Account, day: date
) -> None:
    folded = fold(account, day)
    assert fold(folded.account, day) == (type(folded)(folded.account, ()))


@given(few, soon, soon)
def test_folding_in_two_steps_is_folding_once(account: Account, one: date, other: date) -> None:
    first, second = min(one, other), max(one, other)
    halfway, at_once = fold(account, first), fold(account, second)
    rest = fold(halfway.account, second)
    assert rest.account == at_once.account
    assert merged(halfway.expired + rest.expired) == at_once.expired


@given(few)
def test_folding_day_by_day_is_folding_once(account: Account) -> None:
    last = START + timedelta(days=SPAN + 1)
    daily, expired = account, tuple[Lot, ...]()
    for ahead in range(SPAN + 2):
        step = fold(daily, START + timedelta(days=ahead))
        daily, expired = step.account, expired + step.expired
    assert daily == fold(account, last).account
    assert merged(expired) == fold(account, last).expired


@given(few, soon)
def test_folding_loses_no_point_but_those_that_it_names(account: Account, day: date) -> None:
    folded = fold(account, day)
    lost = sum(lot.points for lot in folded.expired)
    assert _net(folded.account) == _net(account) - lost
    assert sum(lot.points for lot in folded.account.expired) == lost


@given(few, soon)
def test_nothing_is_left_waiting_that_is_due_and_nothing_available_that_is_over(
    account: Account, day: date
) -> None:
    after = fold(account, day).account
    assert all(lot.matures_on > day for lot in after.pending)
    assert all(lot.expires_on is None or lot.expires_on >= day for lot in after.lots)


@given(accounts(), days)
def test_a_day_changes_neither_months_nor_sums_nor_what_was_given(
    account: Account, day: date
) -> None:
    after = fold(account, day).account
    for field in ("status", "months", "lifetime", "uses", "gifts", "held", "active_on"):
        assert getattr(after, field) == getattr(account, field)


def _net(account: Account) -> int:
    return account.available + account.pending_points - account.debt


def test_points_can_be_spent_from_the_day_they_mature_on() -> None:
    account = Account(pending=(PendingLot(MARCH, None, 10),))
    assert fold(account, MARCH - timedelta(days=1)).account == account
    assert fold(account, MARCH).account == Account(lots=(Lot(None, 10),))


def test_points_can_be_spent_on_their_last_day_and_not_after_it() -> None:
    account = Account(lots=(Lot(MARCH, 10),))
    assert fold(account, MARCH).account == account
    over = fold(account, MARCH + timedelta(days=1))
    assert over.account == Account(expired=(Lot(MARCH, 10),))
    assert over.expired == (Lot(MARCH, 10),)


def test_what_matures_pays_debt_first_even_where_it_would_have_expired_since() -> None:
    account = Account(pending=(PendingLot(FEBRUARY, MARCH, 10),), debt=4)
    folded = fold(account, APRIL)
    assert folded.account == Account(expired=(Lot(MARCH, 6),))
    assert folded.expired == (Lot(MARCH, 6),)


def test_debt_is_paid_by_what_matures_first_and_among_those_by_what_expires_first() -> None:
    waiting = (
        PendingLot(FEBRUARY, APRIL, 5),
        PendingLot(FEBRUARY, None, 5),
        PendingLot(MARCH, MARCH, 5),
    )
    after = fold(Account(pending=waiting, debt=7), MARCH).account
    assert after == Account(lots=(Lot(MARCH, 5), Lot(None, 3)))


def test_points_that_mature_and_expire_between_two_operations_have_expired() -> None:
    folded = fold(Account(pending=(PendingLot(FEBRUARY, MARCH, 10),)), APRIL)
    assert folded.expired == (Lot(MARCH, 10),)
    assert folded.account.available == 0


def test_only_so_many_days_of_expiry_are_told_apart_and_the_oldest_become_one() -> None:
    lots = tuple(Lot(START + timedelta(days=n), n + 1) for n in range(EXPIRED_KEPT + 2))
    kept = fold(Account(lots=lots), APRIL).account.expired
    assert kept[0] == Lot(START + timedelta(days=2), 1 + 2 + 3)
    assert kept[1:] == lots[3:]


def test_what_expires_next_is_the_earliest_last_day_of_all_points_waiting_ones_too() -> None:
    assert next_due(Account()) is None
    assert next_due(Account(lots=(Lot(None, 1),), pending=(PendingLot(MARCH, None, 1),))) is None
    waiting = (PendingLot(JANUARY, FEBRUARY, 1),)
    assert next_due(Account(lots=(Lot(MARCH, 1),), pending=waiting)) == FEBRUARY
    assert next_due(Account(lots=(Lot(JANUARY, 1),), pending=waiting)) == JANUARY


# --- the edges of a day --------------------------------------------------------------------------

LAST_INSTANTS = [
    ("Europe/Berlin", "2026-03-31", "2026-03-31T21:59:59.999Z"),
    ("Europe/Berlin", "2026-12-31", "2026-12-31T22:59:59.999Z"),
    ("Europe/Berlin", "2028-02-29", "2028-02-29T22:59:59.999Z"),
    # The clock went forward on this day, and back on the next one.
    ("Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999Z"),
    ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59.999Z"),
    # The next day begins at 01:00.
    ("Atlantic/Azores", "2026-03-28", "2026-03-29T00:59:59.999Z"),
    ("Asia/Beirut", "2026-03-28", "2026-03-28T21:59:59.999Z"),
    ("Africa/Cairo", "2026-04-23", "2026-04-23T21:59:59.999Z"),
    ("America/Havana", "2026-03-07", "2026-03-08T04:59:59.999Z"),
    # At midnight it was 23:00 again, of the same day.
    ("Africa/Cairo", "2026-10-29", "2026-10-29T21:59:59.999Z"),
    ("America/Sao_Paulo", "2018-02-17", "2018-02-18T02:59:59.999Z"),
    # Half hours, three quarters, the first and the last zone, half an hour of daylight saving.
    ("Asia/Kolkata", "2026-03-31", "2026-03-31T18:29:59.999Z"),
    ("Asia/Kathmandu", "2026-03-31", "2026-03-31T18:14:59.999Z"),
    ("Pacific/Kiritimati", "2026-12-31", "2026-12-31T09:59:59.999Z"),
    ("Pacific/Niue", "2026-12-31", "2027-01-01T10:59:59.999Z"),
    ("Australia/Lord_Howe", "2026-04-05", "2026-04-05T13:29:59.999Z"),
    # A zone that left out the 30th of December.
    ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59.999Z"),
    ("UTC", "2026-02-28", "2026-02-28T23:59:59.999Z"),
]


@pytest.mark.parametrize(("zone", "last_day", "last_instant"), LAST_INSTANTS)
def test_a_lot_is_spent_in_the_last_millisecond_of_its_last_day_and_not_in_the_next(
    zone: str, last_day: str, last_instant: str
) -> None:
    at = datetime.fromisoformat(last_instant)
    _spends_until(at, zone, date.fromisoformat(last_day))


ZONES = sorted({zone for zone, _, _ in LAST_INSTANTS} | {"America/Nuuk", "Asia/Gaza"})


@given(st.sampled_from(ZONES), days)
def test_a_lot_is_spent_until_the_very_end_of_its_last_day_in_any_zone(
    zone: str, last_day: date
) -> None:
    _spends_until(_last_millisecond(zone, last_day), zone, last_day)


def _spends_until(at: datetime, zone: str, last_day: date) -> None:
    account = Account(lots=(Lot(last_day, 10),))
    assert spend(fold(account, local_date(at, zone)).account, 10)[0].available == 0
    after_it = at + timedelta(milliseconds=1)
    with pytest.raises(InsufficientPoints):
        spend(fold(account, local_date(after_it, zone)).account, 1)


def _last_millisecond(zone: str, day: date) -> datetime:
    """Found by walking: the last millisecond that the zone's own clock counts to the day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    steps = ({"hours": 1}, {"minutes": 1}, {"seconds": 1}, {"milliseconds": 1})
    for step in (timedelta(**step) for step in steps):
        while (noon + step).astimezone(ZoneInfo(zone)).date() <= day:
            noon += step
    return noon


# --- the days of new points ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-01-15", 0, "2026-01-15"),
        ("2026-01-31", -2, "2025-11-30"),
        ("2026-03-31", -13, "2025-02-28"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(
    day: str, months: int, expected: str
) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(days, st.integers(0, 60))
def test_months_after_never_leaves_the_month_it_is_meant_for(day: date, months: int) -> None:
    after = months_after(day, months)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after == month_end(after) and after.day < day.day)


@given(days, st.integers(0, 59))
def test_a_later_day_or_month_is_never_earlier_after_months(day: date, months: int) -> None:
    assert months_after(day, months) < months_after(day, months + 1)
    assert months_after(day, months) <= months_after(day + timedelta(days=1), months)


@pytest.mark.parametrize(
    ("aligned", "day", "expected"),
    [
        (ExpiryAlignment.MONTH_END, "2026-01-01", "2027-01-31"),
        (ExpiryAlignment.MONTH_END, "2026-01-31", "2027-01-31"),
        (ExpiryAlignment.MONTH_END, "2027-02-28", "2028-02-29"),
        (ExpiryAlignment.MONTH_END, "2028-02-29", "2029-02-28"),
        (ExpiryAlignment.YEAR_END, "2026-01-01", "2027-12-31"),
        (ExpiryAlignment.YEAR_END, "2026-12-31", "2027-12-31"),
    ],
)
def test_points_expire_at_the_end_of_the_month_or_year_that_lies_a_year_after_them(
    aligned: ExpiryAlignment, day: str, expected: str
) -> None:
    found = days_of(_expiring(12, aligned), None, date.fromisoformat(day))
    assert found == Days(date.fromisoformat(day), date.fromisoformat(expected))


def test_the_year_of_a_year_end_is_the_one_that_the_months_reach_into() -> None:
    after_two_months = _expiring(2, ExpiryAlignment.YEAR_END)
    assert days_of(after_two_months, None, date(2026, 10, 31)).expires_on == date(2026, 12, 31)
    assert days_of(after_two_months, None, date(2026, 11, 1)).expires_on == date(2027, 12, 31)


def test_points_that_expire_by_inactivity_do_so_on_the_very_day() -> None:
    assert days_of(_idling(12), None, date(2028, 2, 29)).expires_on == date(2029, 2, 28)


def test_points_of_a__programout_expiry_never_expire() -> None:
    assert days_of(_program(expiry=None), None, MARCH) == Days(MARCH, None)


def test_points_wait_as_long_as_the_program_says_and_not_before_its_date() -> None:
    waiting = _program(pending=Pending(days=14, until=date(2026, 3, 20)))
    assert days_of(waiting, None, date(2026, 3, 1)).matures_on == date(2026, 3, 20)
    assert days_of(waiting, None, date(2026, 3, 6)).matures_on == date(2026, 3, 20)
    assert days_of(waiting, None, date(2026, 3, 7)).matures_on == date(2026, 3, 21)


def test_a_rules_own_waiting_time_goes_before_the_programs_also_where_it_is_none() -> None:
    waiting = _program(pending=Pending(days=14))
    assert days_of(waiting, Pending(days=2), MARCH).matures_on == MARCH + timedelta(days=2)
    assert days_of(waiting, Pending(), MARCH).matures_on == MARCH


@given(pendings, expiries, days)
def test_points_never_expire_before_they_have_matured_nor_mature_before_they_are_earned(
    pending: Pending, expiry: Expiry | None, day: date
) -> None:
    found = days_of(_program(expiry=expiry), pending, day)
    assert found.matures_on >= day
    assert found.expires_on is None or found.expires_on >= found.matures_on
    assert (found.expires_on is None) == (expiry is None)
    plain = expiry_of(expiry, day)
    assert found.expires_on == (plain and max(plain, found.matures_on))


@given(expiries, days)
def test_who_earns_later_keeps_points_at_least_as_long(expiry: Expiry | None, day: date) -> None:
    ends = [expiry_of(expiry, day + timedelta(days=ahead)) for ahead in range(70)]
    assert all(one is None or other is None or one <= other for one, other in pairwise(ends))


# --- points that arrive --------------------------------------------------------------------------


def test_points_that_arrive_wait_or_pay_debt_or_are_available() -> None:
    parts = [(Days(APRIL, None), 7), (Days(MARCH, None), 5), (Days(MARCH, APRIL), 3)]
    arrived = receive(Account(debt=4), _program(), parts, MARCH)
    after = Account(lots=(Lot(None, 4),), pending=(PendingLot(APRIL, None, 7),))
    assert arrived == Arrived(after, pending=7, debt_paid=4)


def test_points_that_arrive_after_their_last_day_get_the_days_of_grace() -> None:
    program = _program(grace_days=30)
    arrived = receive(Account(), program, [(Days(JANUARY, FEBRUARY), 5)], MARCH)
    assert arrived.account.lots == (Lot(MARCH + timedelta(days=30), 5),)


def test_points_that_arrive_on_their_last_day_keep_it() -> None:
    assert in_time(Lot(MARCH, 5), _program(grace_days=30), MARCH) == Lot(MARCH, 5)
    assert in_time(Lot(None, 5), _program(grace_days=30), MARCH) == Lot(None, 5)


def test_waiting_points_of_the_same_days_are_one_lot_and_of_others_are_not() -> None:
    parts = [(Days(APRIL, None), 1), (Days(APRIL, None), 2), (Days(APRIL, APRIL), 4)]
    after = receive(Account(), _program(), parts, MARCH).account
    assert after.pending == (PendingLot(APRIL, APRIL, 4), PendingLot(APRIL, None, 3))


def test_no_points_make_no_lot() -> None:
    parts = [(Days(APRIL, None), 0), (Days(MARCH, None), 0)]
    assert receive(Account(), _program(), parts, MARCH).account == Account()


def test_one_more_day_than_an_account_can_hold_joins_the_latest_that_waits() -> None:
    full = tuple(PendingLot(APRIL + timedelta(days=n), None, 1) for n in range(MOST_PENDING))
    early = [(Days(MARCH + timedelta(days=1), None), 5)]
    after = receive(Account(pending=full), _program(), early, MARCH).account
    assert after.pending == (*full[:-1], PendingLot(full[-1].matures_on, None, 6))
    known = [(Days(APRIL, None), 5)]
    after = receive(Account(pending=full), _program(), known, MARCH).account
    assert after.pending == (PendingLot(APRIL, None, 6), *full[1:])


@given(few, points, soon, soon)
def test_what_arrives_and_is_taken_from_what_waits_leaves_the_account_as_it_was(
    account: Account, some: int, matures_on: date, expires_on: date
) -> None:
    today = START - timedelta(days=3)
    days_given = Days(max(matures_on, today + timedelta(days=1)), expires_on)
    richer = receive(account, _program(), [(days_given, some)], today).account
    poorer, taken = take_pending(richer, days_given, some)
    assert (poorer, taken) == (account, some)


def test_waiting_points_are_taken_from_their_own_last_day_first_then_from_the_others() -> None:
    waiting = (
        PendingLot(MARCH, APRIL, 3),
        PendingLot(MARCH, None, 4),
        PendingLot(APRIL, None, 9),
    )
    own = Days(MARCH, None)
    after, taken = take_pending(Account(pending=waiting), own, 5)
    assert (after.pending, taken) == ((PendingLot(MARCH, APRIL, 2), waiting[2]), 5)
    after, taken = take_pending(Account(pending=waiting), own, 99)
    assert (after.pending, taken) == ((waiting[2],), 7)


# --- points that live on -------------------------------------------------------------------------


def test_activity_moves_every_last_day_that_is_nearer_and_makes_one_lot_of_them() -> None:
    lots = (Lot(APRIL, 3), Lot(date(2026, 5, 1), 4), Lot(date(2030, 1, 1), 5), Lot(None, 6))
    waiting = (PendingLot(APRIL, APRIL, 1), PendingLot(APRIL, date(2026, 6, 1), 2))
    after = kept_alive(Account(lots=lots, pending=waiting), _idling(12), MARCH)
    assert after.lots == (Lot(date(2027, 3, 1), 7), *lots[2:])
    assert after.pending == (PendingLot(APRIL, date(2027, 3, 1), 3),)
    assert after.active_on == MARCH


def test_late_activity_shortens_nothing_and_counts_from_the_latest_day() -> None:
    account = Account(lots=(Lot(APRIL, 3),), active_on=MARCH)
    after = kept_alive(account, _idling(2), JANUARY)
    assert after == Account(lots=(Lot(date(2026, 5, 1), 3),), active_on=MARCH)


@pytest.mark.parametrize("program", [_expiring(12), _program(expiry=None)])
def test_activity_prolongs_nothing_where_points_expire_otherwise(program: Program) -> None:
    account = Account(lots=(Lot(APRIL, 3),))
    after = kept_alive(account, program, MARCH)
    assert (after.lots, after.active_on) == (account.lots, MARCH)


@given(few, soon, st.integers(1, 24))
def test_activity_neither_makes_nor_loses_points(account: Account, day: date, months: int) -> None:
    after = kept_alive(account, _idling(months), day)
    assert (after.available, after.pending_points) == (account.available, account.pending_points)
