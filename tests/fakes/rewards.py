"""Rewards and their stock in memory."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.rewards import Reward, spread
from chalicelib.usecases.ports import Written


class FakeRewards:
    """The `Rewards` port without a store. A fake ledger moves `left`: units by id and shard."""

    def __init__(self) -> None:
        self._created: dict[str, tuple[datetime, Reward]] = {}
        self._newest: dict[str, Reward] = {}
        self._units: dict[str, int] = {}
        self.left: dict[str, list[int]] = {}

    def get(self, reward_id: str) -> Reward | None:
        return self._newest.get(reward_id)

    def all(self) -> list[Reward]:
        created = sorted(
            ((at, reward.reward_id) for at, reward in self._created.values()), reverse=True
        )
        return [self._newest[reward_id] for _, reward_id in created]

    def as_created(self, reward_id: str) -> Reward | None:
        return self._created[reward_id][1] if reward_id in self._created else None

    def put(self, reward: Reward, at: datetime) -> Written:
        reward_id = reward.reward_id
        before = self._newest.get(reward_id)
        if (before.version if before else 0) != reward.version - 1:
            return "stale"
        left = self.left.get(reward_id, [])
        units = self._units.get(reward_id, 0)
        change = 0 if reward.stock is None else reward.stock - units
        if sum(left) + change < 0:
            return "too_few_units"
        held = [*left, *([0] * (reward.stock_shards - len(left)))]
        parts = spread(held, change) if held else []
        self.left[reward_id] = [units + part for units, part in zip(held, parts, strict=True)]
        self._units[reward_id] = units + change
        self._newest[reward_id] = reward
        self._created.setdefault(reward_id, (at, reward))
        return "written"

    def remaining(self, reward: Reward) -> int | None:
        return None if reward.stock is None else sum(self.left[reward.reward_id])

    def remaining_of(self, rewards: Sequence[Reward]) -> dict[str, int]:
        return {r.reward_id: sum(self.left[r.reward_id]) for r in rewards if r.stock is not None}
