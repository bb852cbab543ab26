"""Stock on real counters, while many take, give back and change it at once.

What must hold whatever the order: units taken and units left are the stock, and none is oversold.
"""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynamodb.connection import Connection

from chalicelib.domain.rewards import Reward, RewardKind, shard_order, shards_for
from chalicelib.storage.rewards import DynamoRewards, StockItem, give_stock_back, take_stock
from chalicelib.storage.writing import Cancelled, transact
from chalicelib.usecases.ports import StoreUnavailable, Written
from tests.counted import calls_of
from tests.interleaved import before_first

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("empty_config")


def _reward(reward_id: str, stock: int) -> Reward:
    return Reward(
        reward_id=reward_id,
        version=1,
        name="A mug",
        kind=RewardKind.FREE_PRODUCT,
        points=100,
        sku="mug",
        stock=stock,
        stock_shards=shards_for(stock),
    )


def _take(reward_id: str, taker: str) -> int | None:
    """Take a unit as a redemption does; the shard it came from, None when it is sold out."""
    reward = DynamoRewards().get(reward_id)
    assert reward is not None
    for shard in shard_order(reward, taker):
        try:
            transact(updates=[take_stock(reward_id, shard)])
        except Cancelled:
            continue
        return shard
    return None


def _change(reward_id: str, stock: int) -> Written:
    """Change the stock as staff does, after reading the reward."""
    reward = DynamoRewards().get(reward_id)
    assert reward is not None
    shards = max(reward.stock_shards, shards_for(stock))
    changed = replace(reward, version=reward.version + 1, stock=stock, stock_shards=shards)
    return DynamoRewards().put(changed, NOW)


def _left(reward_id: str) -> list[int]:
    reward = DynamoRewards().get(reward_id)
    assert reward is not None
    return [item.remaining for item in StockItem.query(f"STOCK#{reward_id}")]


def test_fifty_who_want_the_last_unit_get_one() -> None:
    DynamoRewards().put(_reward("rwd_last", 1), NOW)
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda n: _take("rwd_last", f"red_{n}"), range(50)))
    assert len([shard for shard in taken if shard is not None]) == 1
    assert _left("rwd_last") == [0]


def test_a_spread_stock_is_sold_to_its_last_unit() -> None:
    DynamoRewards().put(_reward("rwd_spread", 120), NOW)
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda n: _take("rwd_spread", f"red_{n}"), range(140)))
    assert len([shard for shard in taken if shard is not None]) == 120
    assert _left("rwd_spread") == [0, 0, 0]


def test_a_stock_is_not_lowered_below_what_was_taken() -> None:
    store = DynamoRewards()
    store.put(_reward("rwd_low", 10), NOW)
    for number in range(4):
        _take("rwd_low", f"red_{number}")
    assert _change("rwd_low", 3) == "too_few_units"
    assert sum(_left("rwd_low")) == 6
    assert _change("rwd_low", 4) == "written"
    assert _left("rwd_low") == [0]
    assert _take("rwd_low", "red_9") is None


def test_units_taken_while_the_stock_is_lowered_are_not_taken_away_again(
    connection: Connection,
) -> None:
    DynamoRewards().put(_reward("rwd_raced", 10), NOW)

    def sell_eight() -> None:
        for number in range(8):
            assert _take("rwd_raced", f"red_{number}") is not None

    with before_first(connection, "TransactWriteItems", sell_eight):
        assert _change("rwd_raced", 5) == "too_few_units"
    assert _left("rwd_raced") == [2]


def test_a_stock_changed_by_another_meanwhile_is_not_changed_twice(connection: Connection) -> None:
    DynamoRewards().put(_reward("rwd_twice", 10), NOW)
    with before_first(connection, "TransactWriteItems", lambda: _change("rwd_twice", 30)):
        assert _change("rwd_twice", 20) == "stale"
    assert _left("rwd_twice") == [30]


def test_a_unit_given_back_can_be_taken_again_but_no_counter_is_invented() -> None:
    DynamoRewards().put(_reward("rwd_back", 1), NOW)
    shard = _take("rwd_back", "red_1")
    assert shard is not None
    transact(updates=[give_stock_back("rwd_back", shard)])
    assert _take("rwd_back", "red_2") == shard
    with pytest.raises(Cancelled):
        transact(updates=[give_stock_back("rwd_back", 7)])


def test_taking_a_unit_of_an_even_stock_costs_one_call(connection: Connection) -> None:
    reward = _reward("rwd_cost", 500)
    DynamoRewards().put(reward, NOW)
    with calls_of(connection) as calls:
        transact(updates=[take_stock("rwd_cost", shard_order(reward, "red_1")[0])])
    assert calls == ["TransactWriteItems"]


@dataclass(frozen=True)
class Scene:
    """A first stock, the takers, and what staff changes the stock to meanwhile."""

    stock: int
    takers: int
    given_back: int
    changes: Sequence[int]


NUMBERS = itertools.count()
SCENES = st.builds(
    Scene,
    stock=st.integers(0, 130),
    takers=st.integers(0, 40),
    given_back=st.integers(0, 10),
    changes=st.lists(st.integers(0, 130), max_size=4),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each scene has its own reward
)
@given(scene=SCENES)
def test_taken_and_left_are_the_stock_whatever_happens_at_once(scene: Scene) -> None:
    reward_id = f"rwd_scene_{next(NUMBERS)}"
    DynamoRewards().put(_reward(reward_id, scene.stock), NOW)

    def take(taker: int) -> int:
        shard = _take(reward_id, f"red_{taker}")
        if shard is not None and taker < scene.given_back:
            transact(updates=[give_stock_back(reward_id, shard)])
            return 0
        return 0 if shard is None else 1

    def change(stock: int) -> None:
        try:
            _change(reward_id, stock)
        except StoreUnavailable:  # the counters moved too fast: nothing was written
            return

    with ThreadPoolExecutor(8) as pool:
        changing = [pool.submit(change, stock) for stock in scene.changes]
        taken = sum(pool.map(take, range(scene.takers)))
        for future in changing:
            future.result()
    reward = DynamoRewards().get(reward_id)
    assert reward is not None
    left = _left(reward_id)
    assert min(left) >= 0
    assert taken + sum(left) == reward.stock
