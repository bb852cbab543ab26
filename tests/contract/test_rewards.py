"""Rewards and their stock: the same promises kept by the store and by the fake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.rewards import (
    LimitPeriod,
    OnExpiry,
    Reward,
    RewardKind,
    RewardStatus,
    shards_for,
)
from chalicelib.storage import keys
from chalicelib.storage.rewards import DynamoRewards, RewardItem
from chalicelib.usecases.ports import Rewards, StoreNewer
from tests.counted import calls_of
from tests.fakes.rewards import FakeRewards

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
COFFEE = Reward(reward_id="rwd_1", version=1, name="A coffee", kind=RewardKind.DONATION, points=80)
EVERYTHING = replace(
    COFFEE,
    kind=RewardKind.POINTS_PAYMENT,
    description="“Größer”",
    value_minor=500,
    currency="EUR",
    percent=10,
    sku="beans",
    stock=120,
    stock_shards=3,
    member_limit=2,
    member_limit_period=LimitPeriod.MONTH,
    tiers=frozenset({"gold", "silver"}),
    starts_at=NOW,
    ends_at=NOW + timedelta(days=90),
    valid_days=14,
    on_expiry=OnExpiry.RETURN,
    status=RewardStatus.ARCHIVED,
)


@pytest.fixture(params=["dynamo", "fake"])
def store(request: pytest.FixtureRequest) -> Rewards:
    if request.param == "fake":
        return FakeRewards()
    request.getfixturevalue("empty_config")
    return DynamoRewards()


def _limited(stock: int | None, version: int = 1, shards: int | None = None) -> Reward:
    counters = shards_for(stock) if shards is None and stock is not None else shards or 0
    return replace(COFFEE, version=version, stock=stock, stock_shards=counters)


@pytest.mark.parametrize("reward", [COFFEE, EVERYTHING], ids=["the least", "everything"])
def test_a_reward_is_read_as_it_was_written(store: Rewards, reward: Reward) -> None:
    assert store.put(reward, NOW) == "written"
    assert store.get("rwd_1") == reward
    assert store.all() == [reward]
    assert store.get("rwd_2") is None


def test_only_the_successor_of_what_stands_is_written(store: Rewards) -> None:
    store.put(COFFEE, NOW)
    assert store.put(COFFEE, NOW) == "stale"
    assert store.put(replace(COFFEE, version=3), NOW) == "stale"
    assert store.put(replace(COFFEE, reward_id="rwd_2", version=2), NOW) == "stale"
    assert store.put(replace(COFFEE, version=2, points=90), NOW) == "written"
    assert store.get("rwd_1") == replace(COFFEE, version=2, points=90)


def test_how_it_was_created_is_kept_whatever_becomes_of_it(store: Rewards) -> None:
    assert store.as_created("rwd_1") is None
    store.put(COFFEE, NOW)
    store.put(replace(COFFEE, version=2, points=90), NOW)
    assert store.as_created("rwd_1") == COFFEE


def test_rewards_are_listed_newest_first_by_their_creation(store: Rewards) -> None:
    for number in (2, 1, 3):
        at = NOW + timedelta(minutes=number)
        store.put(replace(COFFEE, reward_id=f"rwd_{number}"), at)
    store.put(replace(COFFEE, reward_id="rwd_1", version=2), NOW + timedelta(days=1))
    assert [reward.reward_id for reward in store.all()] == ["rwd_3", "rwd_2", "rwd_1"]


@pytest.mark.parametrize("stock", [0, 1, 50, 51, 1_000])
def test_a_limited_reward_starts_with_all_of_its_stock(store: Rewards, stock: int) -> None:
    store.put(_limited(stock), NOW)
    assert store.remaining(_limited(stock)) == stock
    assert store.remaining_of([_limited(stock)]) == {"rwd_1": stock}


def test_an_unlimited_reward_has_no_remaining_units(store: Rewards) -> None:
    store.put(COFFEE, NOW)
    assert store.remaining(COFFEE) is None
    assert store.remaining_of([COFFEE]) == {}


@pytest.mark.parametrize("stock", [10, 60, 5_000])
def test_raising_and_lowering_the_stock_moves_what_is_left(store: Rewards, stock: int) -> None:
    store.put(_limited(40), NOW)
    changed = _limited(stock, version=2)
    assert store.put(changed, NOW) == "written"
    assert store.remaining(changed) == stock


def test_lowering_keeps_the_counters_that_there_are(store: Rewards) -> None:
    store.put(_limited(500), NOW)
    changed = _limited(7, version=2, shards=10)
    assert store.put(changed, NOW) == "written"
    assert store.remaining(changed) == 7


def test_an_unlimited_time_forgets_nothing_of_the_stock_before_it(store: Rewards) -> None:
    store.put(_limited(40), NOW)
    store.put(_limited(None, version=2, shards=1), NOW)
    assert store.put(_limited(30, version=3), NOW) == "written"
    assert store.remaining(_limited(30, version=3)) == 30


def test_an_unlimited_reward_can_be_limited_later(store: Rewards) -> None:
    store.put(COFFEE, NOW)
    changed = _limited(75, version=2)
    assert store.put(changed, NOW) == "written"
    assert store.remaining(changed) == 75


@pytest.mark.usefixtures("empty_config")
def test_a_list_costs_one_query_and_one_read_for_a_hundred_counters(
    connection: Connection,
) -> None:
    store = DynamoRewards()
    for number in range(20):
        store.put(replace(_limited(250), reward_id=f"rwd_{number}"), NOW)
    with calls_of(connection) as calls:
        left = store.remaining_of(store.all())
    assert calls == ["Query", "BatchGetItem"]
    assert left == {f"rwd_{number}": 250 for number in range(20)}


@pytest.mark.usefixtures("empty_config")
def test_a_reward_of_a_newer_release_is_refused_rather_than_half_read() -> None:
    store = DynamoRewards()
    store.put(COFFEE, NOW)
    item = RewardItem.get(keys.REWARD, "rwd_1")
    item.schema += 1
    item.save()
    with pytest.raises(StoreNewer):
        store.get("rwd_1")
    with pytest.raises(StoreNewer):
        store.put(replace(COFFEE, version=2), NOW)
