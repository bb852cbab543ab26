"""A new reward with its stock, once for each idempotency key."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import InvalidContent
from chalicelib.domain.reward_checks import problems_of
from chalicelib.domain.rewards import Reward, RewardStatus, shards_for
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.save_reward import save_reward
from chalicelib.usecases.versions import create_once, differing


def create_reward(
    ports: Ports, caller: Caller, draft: Reward, key: str, now: datetime
) -> Outcome[Reward]:
    """Create a reward from a draft, whose id, version, status and shards are given here.

    A repeated key answers the reward as it was created, whatever became of it. Raises
    InvalidContent with all that is wrong, ConflictingReplay, Conflict without a program, TryAgain.
    """
    reward = replace(
        draft,
        reward_id=ports.namer.id("rwd", caller.source, "create_reward", key),
        version=1,
        status=RewardStatus.ACTIVE,
        stock_shards=0 if draft.stock is None else shards_for(draft.stock),
    )

    def save() -> Reward:
        if errors := problems_of(reward, ports.programs.active().currency):
            raise InvalidContent(errors=errors)
        save_reward(ports, caller, "reward.created", reward, now)
        return reward

    return create_once(
        reward, lambda: ports.rewards.as_created(reward.reward_id), save, differs=_differing
    )


def _differing(first: Reward, second: Reward) -> list[str]:
    """The fields of the request in which two rewards differ."""
    names = differing(first, second, given="stock_shards")
    return sorted({"value" if name in ("value_minor", "currency") else name for name in names})
