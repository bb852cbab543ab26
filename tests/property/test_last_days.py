"""The last day of points, by what members are told and can do, in zones of every kind."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import Lot
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.program import Expiry, ExpiryAlignment, ExpiryKind, Pending, Program
from chalicelib.domain.refusals import InsufficientPoints
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import read_statement
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, PROGRAM, TILL, World, fake_world, line, purchase

LONG_AGO = NOW - timedelta(days=1_000)
MILLISECOND = timedelta(milliseconds=1)
MONTH = Expiry(ExpiryKind.AFTER_EARNING, 1)
ZONES = [
    "Europe/Berlin",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Havana",
    "America/Nuuk",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "UTC",
]


def _world(program: Program) -> tuple[World, FakeLedger, str]:
    """A world under a program; its member joined long before anything."""
    world, ledger = fake_world()
    world.ports.programs.add(replace(program, version=2), LONG_AGO)
    world.ports.programs.activate(2, LONG_AGO)
    return world, ledger, world.member()


def _buy(world: World, member: str, at: datetime) -> None:
    bought = purchase(f"p-{at:%s}", line("0", 1_000), at=at)
    post_purchase(world.ports, TILL, PostPurchase(bought, MemberId(member)), at)


def _redeem(world: World, member: str, points: int, at: datetime) -> int:
    """Spend points on a new reward; what is available after it."""
    reward = world.reward(f"r{at:%s%f}", points=points)
    command = RedeemReward(member, reward.reward_id, None, "key")
    return redeem_reward(world.ports, TILL, command, at).answer.record.available_after


def _end_of(day: date, zone: str) -> datetime:
    """The first instant that is no longer a day's, found by asking the zone's own clock."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for step in (timedelta(hours=1), timedelta(minutes=1)):
        while (at + step).astimezone(ZoneInfo(zone)).date() <= day:
            at += step
    return at + timedelta(minutes=1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 1_500))
def test_points_can_be_spent_to_the_last_millisecond_of_their_day_and_not_in_the_first_after_it(
    zone: str, days_on: int
) -> None:
    bought_at = NOW + timedelta(days=days_on)
    world, _, member = _world(replace(PROGRAM, zone=zone, expiry=MONTH))
    _buy(world, member, bought_at)
    [lot] = read_account(world.ports, member, bought_at).account.lots
    assert lot.expires_on is not None
    over = _end_of(lot.expires_on, zone)
    assert (over - MILLISECOND).astimezone(ZoneInfo(zone)).date() == lot.expires_on
    with pytest.raises(InsufficientPoints):
        _redeem(world, member, lot.points, over)
    assert _redeem(world, member, lot.points, over - MILLISECOND) == 0


@pytest.mark.parametrize("zone", ZONES)
def test_a_read_says_at_every_instant_what_can_be_spent_at_it(zone: str) -> None:
    world, _, member = _world(replace(PROGRAM, zone=zone, expiry=MONTH))
    _buy(world, member, NOW)
    over = _end_of(date(2026, 4, 30), zone)
    for now in (NOW, over + timedelta(days=40)):
        last = read_account(world.ports, member, now, over - MILLISECOND).account
        first = read_account(world.ports, member, now, over).account
        assert (last.available, first.available) == (10, 0)
        assert first.expired == (Lot(date(2026, 4, 30), 10),)


@pytest.mark.parametrize("zone", ZONES)
def test_what_waits_can_be_spent_from_the_first_millisecond_of_its_day(zone: str) -> None:
    world, _, member = _world(replace(PROGRAM, zone=zone, pending=Pending(14)))
    _buy(world, member, NOW)
    day = NOW.astimezone(ZoneInfo(zone)).date() + timedelta(days=14)
    begins = _end_of(day - timedelta(days=1), zone)
    with pytest.raises(InsufficientPoints):
        _redeem(world, member, 10, begins - MILLISECOND)
    assert _redeem(world, member, 10, begins) == 0


@pytest.mark.parametrize(
    ("bought_on", "expiry", "last"),
    [
        ("2027-01-31", MONTH, "2027-02-28"),
        ("2028-01-31", MONTH, "2028-02-29"),
        ("2028-02-29", Expiry(ExpiryKind.AFTER_EARNING, 12), "2029-02-28"),
        ("2028-02-29", Expiry(ExpiryKind.AFTER_INACTIVITY, 12), "2029-02-28"),
        ("2026-08-31", Expiry(ExpiryKind.AFTER_INACTIVITY, 6), "2027-02-28"),
        ("2026-12-31", Expiry(ExpiryKind.AFTER_EARNING, 1), "2027-01-31"),
        (
            "2026-12-31",
            Expiry(ExpiryKind.AFTER_EARNING, 1, ExpiryAlignment.YEAR_END),
            "2027-12-31",
        ),
    ],
)
def test_the_last_day_is_right_at_month_ends_and_in_leap_years(
    bought_on: str, expiry: Expiry, last: str
) -> None:
    world, _, member = _world(replace(PROGRAM, expiry=expiry))
    day = date.fromisoformat(bought_on)
    late_in_the_evening = _end_of(day, PROGRAM.zone) - MILLISECOND
    _buy(world, member, late_in_the_evening)
    [lot] = read_account(world.ports, member, late_in_the_evening).account.lots
    assert lot.expires_on == date.fromisoformat(last)


def test_the_statement_says_first_what_has_expired_and_then_writes_it_down() -> None:
    world, ledger, member = _world(replace(PROGRAM, expiry=MONTH))
    _buy(world, member, NOW)
    later = NOW + timedelta(days=60)
    unwritten, *rows = read_statement(world.ports, member, None, 10, later)
    assert (unwritten.written, unwritten.entry.points) == (False, -10)
    assert sum(row.entry.points for row in [unwritten, *rows]) == 0
    _buy(world, member, later)
    earned, expired, *before = read_statement(world.ports, member, None, 10, later)
    assert (expired.written, expired.entry.kind) == (True, EntryKind.EXPIRE)
    assert (expired.entry.points, earned.entry.points) == (-10, 10)
    assert [row.entry for row in before] == [row.entry for row in rows]
    assert expired.entry.why == unwritten.entry.why
    assert len(ledger.accounts[member]) == 4


def test_a_late_clock_brings_no_points_back_from_yesterday() -> None:
    world, _, member = _world(replace(PROGRAM, expiry=MONTH))
    _buy(world, member, NOW)
    over = _end_of(date(2026, 4, 30), PROGRAM.zone)
    _buy(world, member, over)
    two_hours_before = over - timedelta(hours=2)
    assert read_account(world.ports, member, two_hours_before).account.available == 10
    with pytest.raises(InsufficientPoints):
        _redeem(world, member, 11, two_hours_before)
