"""Limits a member: counted in their period, given back with the points, forgotten when over."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Lot
from chalicelib.domain.redemptions import USES_KEPT, period_of, redeem
from chalicelib.domain.refusals import MemberLimitReached, RewardNotAvailable
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from tests.ledger_world import NOW, PROGRAM

RICH = Account(lots=(Lot(None, 100_000),))
ZONE = PROGRAM.zone
periods = st.none() | st.sampled_from(LimitPeriod)
instants = st.integers(0, 10 * 366 * 24).map(lambda hours: NOW + timedelta(hours=hours))


def _reward(number: int, period: LimitPeriod | None, limit: int = 1) -> Reward:
    return Reward(
        reward_id=f"rwd_{number:010d}",
        version=1,
        name="A cup",
        kind=RewardKind.FREE_PRODUCT,
        points=1,
        sku="cup",
        member_limit=limit,
        member_limit_period=period,
    )


@given(periods, instants, st.integers(1, 5))
def test_a_limit_holds_within_its_period(
    period: LimitPeriod | None, now: datetime, limit: int
) -> None:
    account, reward = RICH, _reward(1, period, limit)
    for _ in range(limit):
        account, _, _ = redeem(account, reward, 1, now, PROGRAM)
    with pytest.raises(MemberLimitReached):
        redeem(account, reward, 1, now, PROGRAM)


@given(st.sampled_from(LimitPeriod), instants)
def test_a_limit_starts_anew_with_its_next_period(period: LimitPeriod, now: datetime) -> None:
    account, reward = RICH, _reward(1, period)
    account, _, first = redeem(account, reward, 1, now, PROGRAM)
    later = now
    while period_of(period, later, ZONE) == period_of(period, now, ZONE):
        later += timedelta(days=1)
    account, _, second = redeem(account, reward, 1, later, PROGRAM)
    assert first != second
    assert [use.period for use in account.uses] == [period_of(period, later, ZONE)]


@given(st.lists(periods, min_size=1, max_size=12), instants)
def test_what_is_over_is_forgotten_and_what_is_not_is_kept(
    kinds: list[LimitPeriod | None], now: datetime
) -> None:
    account = RICH
    for number, period in enumerate(kinds):
        account, _, _ = redeem(account, _reward(number, period), 1, now, PROGRAM)
    later = now + timedelta(days=1)
    account, _, _ = redeem(account, _reward(99, None), 1, later, PROGRAM)
    kept = {use.reward for use in account.uses}
    for number, period in enumerate(kinds):
        still = period_of(period, now, ZONE) == period_of(period, later, ZONE)
        assert (f"{number:010d}" in kept) == still


def test_a_member_who_uses_many_daily_rewards_over_the_years_is_never_locked_out() -> None:
    account = RICH
    for number in range(3 * USES_KEPT):
        reward = _reward(number, LimitPeriod.DAY)
        account, _, _ = redeem(account, reward, 1, NOW + timedelta(days=number), PROGRAM)
    assert len(account.uses) == 1


def test_more_live_limits_than_an_account_can_hold_are_refused_by_name() -> None:
    account = RICH
    for number in range(USES_KEPT):
        account, _, _ = redeem(account, _reward(number, None), 1, NOW, PROGRAM)
    with pytest.raises(RewardNotAvailable) as refusal:
        redeem(account, _reward(USES_KEPT, None), 1, NOW, PROGRAM)
    assert refusal.value.reason == "account_full"
    unlimited = replace(_reward(USES_KEPT, None), member_limit=None)
    assert redeem(account, unlimited, 1, NOW, PROGRAM)[0].available == account.available - 1
