"""What comes back when the last day of its points is over: excused where they expired unused, owed
where they were spent, and with days of grace where it is the member's."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from chalicelib.domain.account import Account, Lot
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Program,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.usecases.end_redemption import cancel_redemption
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from tests.ledger_world import NOW, PROGRAM, TILL, line
from tests.property.counter import Counter, counter_under

MONTH = Expiry(ExpiryKind.AFTER_EARNING, 1)
IDLE_MONTH = Expiry(ExpiryKind.AFTER_INACTIVITY, 1)
SILVER = Tier("silver", "Silver", 50, gift_points=20)
LADDER = Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (SILVER,))


def _program(expiry: Expiry = MONTH, **changes: Any) -> Program:
    return replace(PROGRAM, expiry=expiry, grace_days=30, **changes)


def _buy(counter: Counter, euros: int, days_ago: int = 0) -> str:
    return counter.buy((line("0", 100 * euros),), days_ago=days_ago)[0]


def _spend(counter: Counter, points: int) -> str:
    """Redeem a reward of so many points; its redemption's id."""
    world = counter.world
    reward = world.reward(f"r{len(counter.ledger.causes)}", points=points, valid_days=400)
    command = RedeemReward(counter.member, reward.reward_id, None, reward.name)
    return redeem_reward(world.ports, TILL, command, counter.now).answer.record.redemption_id


def _points(account: Account) -> tuple[int, int, int]:
    return account.available, account.pending_points, account.debt


def test_points_that_expired_unused_are_not_taken_and_nothing_is_owed_for_them() -> None:
    counter = counter_under(_program())
    name = _buy(counter, 10)
    counter.now += timedelta(days=60)
    assert counter.account().expired == (Lot(date(2026, 4, 30), 10),)
    assert counter.back(name, [(1, 1_000)]) == (0, 10)
    after = counter.account()
    assert (_points(after), after.expired, after.lifetime.earned) == ((0, 0, 0), (), 0)


def test_points_that_were_spent_in_time_are_owed() -> None:
    counter = counter_under(_program())
    name = _buy(counter, 10)
    _spend(counter, 4)
    counter.now += timedelta(days=60)
    assert counter.back(name, [(1, 1_000)]) == (4, 6)
    assert _points(counter.account()) == (0, 0, 4)


def test_what_expired_together_is_excused_once() -> None:
    counter = counter_under(_program())
    first, second = _buy(counter, 10), _buy(counter, 10)
    _spend(counter, 10)
    counter.now += timedelta(days=60)
    assert counter.back(first, [(1, 1_000)]) == (0, 10)
    assert counter.back(second, [(1, 1_000)]) == (10, 0)


def test_what_expired_on_another_day_excuses_nothing() -> None:
    counter = counter_under(_program())
    name = _buy(counter, 10)
    _spend(counter, 10)
    counter.now += timedelta(days=30)
    _buy(counter, 10)
    counter.now += timedelta(days=60)
    assert counter.account().expired == (Lot(date(2026, 5, 31), 10),)
    assert counter.back(name, [(1, 1_000)]) == (10, 0)


def test_points_that_came_after_their_day_are_excused_once_their_grace_is_over() -> None:
    counter = counter_under(_program())
    name = _buy(counter, 10, days_ago=60)
    assert counter.account().lots == (Lot(date(2026, 4, 13), 10),)
    counter.now += timedelta(days=31)
    assert counter.back(name, [(1, 1_000)]) == (0, 10)


def test_points_that_lived_on_by_what_was_done_are_excused_when_they_expired_in_the_end() -> None:
    counter = counter_under(_program(IDLE_MONTH))
    name = _buy(counter, 10)
    counter.now += timedelta(days=20)
    _buy(counter, 5)
    counter.now += timedelta(days=60)
    assert counter.account().expired == (Lot(date(2026, 5, 3), 15),)
    assert counter.back(name, [(1, 1_000)]) == (0, 10)


def test_a_gift_that_expired_unused_is_not_owed_for() -> None:
    counter = counter_under(_program(tiers=LADDER))
    name = _buy(counter, 60)
    assert counter.account().available == 80
    counter.now += timedelta(days=60)
    assert counter.back(name, [(1, 6_000)]) == (0, 80)
    assert counter.account().gifts == ()


def test_a_gift_is_excused_by_its_own_day_whichever_purchase_comes_back() -> None:
    counter = counter_under(_program(tiers=LADDER))
    first = _buy(counter, 30)
    counter.now += timedelta(days=20)
    _buy(counter, 30)
    [gift] = counter.account().gifts
    assert gift.expires_on == date(2026, 5, 31)
    counter.now += timedelta(days=100)
    assert counter.back(first, [(1, 3_000)]) == (0, 30 + 20)


def test_a_gift_that_lived_on_is_excused_when_it_expired_in_the_end() -> None:
    counter = counter_under(_program(IDLE_MONTH, tiers=LADDER))
    name = _buy(counter, 60)
    counter.now += timedelta(days=20)
    _spend(counter, 1)
    counter.now += timedelta(days=60)
    assert counter.account().expired == (Lot(date(2026, 5, 3), 79),)
    assert counter.back(name, [(1, 6_000)]) == (1, 79)


def test_a_gift_that_came_late_has_the_days_of_grace() -> None:
    counter = counter_under(_program(tiers=LADDER))
    name = _buy(counter, 60, days_ago=60)
    [gift] = counter.account().gifts
    assert gift.expires_on == date(2026, 4, 13)
    counter.now += timedelta(days=31)
    assert counter.back(name, [(1, 6_000)]) == (0, 80)


def test_a_gift_that_is_taken_back_can_be_earned_again() -> None:
    counter = counter_under(_program(tiers=LADDER))
    name = _buy(counter, 60)
    assert counter.back(name, [(1, 6_000)]) == (80, 0)
    _buy(counter, 60)
    assert counter.account().available == 80


def test_a_gift_that_still_waits_is_taken_from_what_waits() -> None:
    counter = counter_under(_program(tiers=LADDER, pending=Pending(14)))
    _buy(counter, 1)
    name = _buy(counter, 60)
    assert _points(counter.account()) == (0, 81, 0)
    assert counter.back(name, [(1, 6_000)]) == (80, 0)
    assert _points(counter.account()) == (0, 1, 0)


def test_a_redemption_that_is_cancelled_gives_days_of_grace_where_the_last_day_is_over() -> None:
    counter = counter_under(_program())
    _buy(counter, 10)
    early, late = _spend(counter, 3), _spend(counter, 4)
    cancel_redemption(counter.world.ports, TILL, early, "early", counter.now)
    assert counter.account().lots == (Lot(date(2026, 4, 30), 6),)
    counter.now += timedelta(days=60)
    cancel_redemption(counter.world.ports, TILL, late, "late", counter.now)
    grace = (NOW + timedelta(days=90)).date()
    assert counter.account().lots == (Lot(grace, 4),)


def test_where_points_live_on_a_cancelled_redemption_lives_as_long_as_the_others() -> None:
    counter = counter_under(_program(IDLE_MONTH))
    _buy(counter, 10)
    redeemed = _spend(counter, 4)
    counter.now += timedelta(days=25)
    _buy(counter, 1)
    counter.now += timedelta(days=20)
    cancel_redemption(counter.world.ports, TILL, redeemed, "late", counter.now)
    assert counter.account().lots == (Lot(date(2026, 5, 8), 11),)
