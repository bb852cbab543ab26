"""A new reward with its stock, once for each idempotency key."""

from dataclasses import fields, replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import ConflictingReplay, InvalidContent, VersionStale
from chalicelib.domain.reward_checks import problems_of
from chalicelib.domain.rewards import Reward, RewardStatus, shards_for
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.save_reward import save_reward


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
    earlier = _earlier(ports, reward)
    if earlier is not None:
        return earlier
    if errors := problems_of(reward, ports.programs.active().currency):
        raise InvalidContent(errors=errors)
    try:
        save_reward(ports, caller, "reward.created", reward, now)
    except VersionStale:
        # The same key at the same moment with other content, or changed since: as created it is.
        earlier = _earlier(ports, reward)
        if earlier is None:
            raise
        return earlier
    return Outcome(reward)


def _earlier(ports: Ports, reward: Reward) -> Outcome[Reward] | None:
    first = ports.rewards.as_created(reward.reward_id)
    if first is None:
        return None
    if differs := _differing(first, reward):
        raise ConflictingReplay(differing=differs)
    return Outcome(first, replayed=True)


def _differing(first: Reward, second: Reward) -> list[str]:
    """The fields of the request in which two rewards differ."""
    names = (field.name for field in fields(Reward) if field.name != "stock_shards")
    differing = {name for name in names if getattr(first, name) != getattr(second, name)}
    return sorted({"value" if name in ("value_minor", "currency") else name for name in differing})
