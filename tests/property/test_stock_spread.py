"""Dealing stock out to shards: exact, never below zero, as even as it can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.rewards import Reward, RewardKind, shard_order, shards_for, spread

HELD = st.lists(st.integers(0, 500), min_size=1, max_size=10)


@given(held=HELD, change=st.integers(-5_000, 5_000))
def test_a_change_is_dealt_out_to_the_unit_and_no_shard_goes_below_zero(
    held: list[int], change: int
) -> None:
    if sum(held) + change < 0:
        with pytest.raises(ValueError, match="fewer units"):
            spread(held, change)
        return
    parts = spread(held, change)
    assert sum(parts) == change
    assert all(units + part >= 0 for units, part in zip(held, parts, strict=True))


@given(held=HELD, change=st.integers(0, 5_000))
def test_raising_takes_from_no_shard_and_evens_out_those_it_fills(
    held: list[int], change: int
) -> None:
    parts = spread(held, change)
    assert min(parts) >= 0
    filled = [units + part for units, part in zip(held, parts, strict=True) if part]
    untouched = [units for units, part in zip(held, parts, strict=True) if not part]
    if filled:
        assert max(filled) - min(filled) <= 1
        assert max(filled) <= min([*untouched, max(filled)]) + 1


@given(held=HELD, change=st.integers(-5_000, 0))
def test_lowering_gives_to_no_shard(held: list[int], change: int) -> None:
    if sum(held) + change >= 0:
        assert max(spread(held, change)) <= 0


@given(stock=st.integers(0, 1_000_000))
def test_a_scarce_reward_has_one_shard_and_none_has_more_than_ten(stock: int) -> None:
    assert 1 <= shards_for(stock) <= 10
    assert (shards_for(stock) == 1) == (stock <= 50)


@given(shards=st.integers(0, 10), redemption_id=st.text(min_size=1))
def test_a_redemption_tries_every_shard_once_and_always_in_the_same_order(
    shards: int, redemption_id: str
) -> None:
    reward = Reward("rwd_1", 1, "A mug", RewardKind.DONATION, 1, stock=1, stock_shards=shards)
    order = shard_order(reward, redemption_id)
    assert sorted(order) == list(range(shards))
    assert order == shard_order(reward, redemption_id)


def test_redemptions_start_at_all_shards_alike() -> None:
    reward = Reward("rwd_1", 1, "A mug", RewardKind.DONATION, 1, stock=500, stock_shards=10)
    starts = [shard_order(reward, f"red_{number}")[0] for number in range(2_000)]
    assert all(starts.count(shard) > 140 for shard in range(10))
