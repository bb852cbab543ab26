"""The reward catalogue and its stock counters in the table `config`.

Each counter holds the units that are left in its shard; `units` of a reward's item is how many were
ever put into them, so `units - what is left` is what was redeemed. Knows no HTTP and no members.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.rewards import Reward, spread
from chalicelib.storage import keys
from chalicelib.storage.documents import decoded, encoded
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.versions import CreatedItem, VersionedItem, is_next, newest_first, puts_of
from chalicelib.storage.writing import Cancelled, Put, Update, transact
from chalicelib.usecases.ports import StoreUnavailable, Written

_PLANS = 8
"""How often counters that move under a plan are read again before the caller is told to retry."""


class RewardItem(VersionedItem, discriminator="reward"):
    """The newest version of a reward. units: put into its counters until now."""

    units = IntAttribute()

    def reward(self) -> Reward:
        return decoded(Reward, self.document, self.schema)


class CreatedRewardItem(CreatedItem, discriminator="reward_created"):
    """Version 1 of a reward: what a repeated creation is answered with."""


class StockItem(ConfigItem, discriminator="stock"):
    """One shard's counter: the units left in it, never below zero."""

    remaining = IntAttribute()


def take_stock(reward_id: str, shard: int) -> Update:
    """Take one unit from a shard; its condition fails when the shard is empty."""
    counter = _counter(reward_id, shard)
    return Update(counter, [StockItem.remaining.add(-1)], StockItem.remaining >= 1)


def give_stock_back(reward_id: str, shard: int) -> Update:
    """Put one unit back into the shard it came from."""
    counter = _counter(reward_id, shard)
    return Update(counter, [StockItem.remaining.add(1)], StockItem.remaining.exists())


class DynamoRewards:
    """The `Rewards` port over the bound tables."""

    def get(self, reward_id: str) -> Reward | None:
        item = get(RewardItem, keys.REWARD, reward_id)
        return item.reward() if item else None

    def all(self) -> list[Reward]:
        return [item.reward() for item in newest_first(RewardItem, keys.REWARD)]

    def as_created(self, reward_id: str) -> Reward | None:
        item = get(CreatedRewardItem, keys.reward_created(reward_id), keys.ONLY)
        return decoded(Reward, item.document, item.schema) if item else None

    def put(self, reward: Reward, at: datetime) -> Written:
        for _ in range(_PLANS):
            before = get(RewardItem, keys.REWARD, reward.reward_id)
            if not is_next(reward.version, before):
                return "stale"
            puts, updates = _item_puts(reward, before, at), list[Update]()
            change = _change_of_units(reward, before)
            if change or reward.stock_shards > _shards(before):
                left = self._left_in_shards(reward.reward_id)
                if sum(left) + change < 0:
                    return "too_few_units"
                updates = _counter_writes(reward, left, change, puts)
            try:
                transact(puts=puts, updates=updates)
            except Cancelled:
                continue
            return "written"
        raise StoreUnavailable("the stock counters moved faster than they could be planned")

    def remaining(self, reward: Reward) -> int | None:
        if reward.stock is None:
            return None
        return sum(self._left_in_shards(reward.reward_id))

    def remaining_of(self, rewards: Sequence[Reward]) -> dict[str, int]:
        limited = [reward for reward in rewards if reward.stock is not None]
        wanted = [
            (keys.stock(reward.reward_id), keys.stock_shard(shard))
            for reward in limited
            for shard in range(reward.stock_shards)
        ]
        left = {keys.stock(reward.reward_id): 0 for reward in limited}
        with store_errors():
            for item in StockItem.batch_get(wanted):
                left[item.pk] += item.remaining
        return {reward.reward_id: left[keys.stock(reward.reward_id)] for reward in limited}

    def _left_in_shards(self, reward_id: str) -> list[int]:
        return [item.remaining for item in all_of(StockItem, keys.stock(reward_id))]


def _counter(reward_id: str, shard: int) -> StockItem:
    return StockItem(keys.stock(reward_id), keys.stock_shard(shard))


def _shards(before: RewardItem | None) -> int:
    return before.reward().stock_shards if before else 0


def _change_of_units(reward: Reward, before: RewardItem | None) -> int:
    """An unlimited reward keeps its counters, so that cancelled redemptions still find them."""
    return 0 if reward.stock is None else reward.stock - (before.units if before else 0)


def _item_puts(reward: Reward, before: RewardItem | None, at: datetime) -> list[Put]:
    item = RewardItem(keys.REWARD, reward.reward_id)
    item.version, item.document = reward.version, encoded(reward)
    item.units = (before.units if before else 0) + _change_of_units(reward, before)
    created = CreatedRewardItem(keys.reward_created(reward.reward_id), keys.ONLY)
    return puts_of(item, created, before, at)


def _counter_writes(
    reward: Reward, left: Sequence[int], change: int, puts: list[Put]
) -> list[Update]:
    """Deal the change out: new shards are appended to `puts`, the others' moves are returned."""
    new_shards = range(len(left), reward.stock_shards)
    parts = spread([*left, *(0 for _ in new_shards)], change)
    for shard in new_shards:
        counter = _counter(reward.reward_id, shard)
        counter.remaining = parts[shard]
        puts.append(Put(counter))
    return [
        Update(
            _counter(reward.reward_id, shard),
            [StockItem.remaining.add(part)],
            StockItem.remaining >= -part,
        )
        for shard, part in enumerate(parts[: len(left)])
        if part
    ]
