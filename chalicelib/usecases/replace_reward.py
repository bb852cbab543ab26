"""Another version of a reward. Redemptions that were issued keep the terms of theirs."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import (
    InvalidContent,
    RewardNotAvailable,
    RewardNotFound,
    VersionStale,
)
from chalicelib.domain.reward_checks import problems_of
from chalicelib.domain.rewards import Reward, RewardStatus, shards_for
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_reward import save_reward


def replace_reward(ports: Ports, caller: Caller, draft: Reward, now: datetime) -> Reward:
    """Replace a reward by a draft of the same id, whose `version` is what it was drawn up from.

    `stock` is units in all: what is left becomes `stock` less what was redeemed. Raises
    RewardNotFound, VersionStale, RewardNotAvailable (archived), InvalidContent, Conflict, TryAgain.
    """
    before = ports.rewards.get(draft.reward_id)
    if before is None:
        raise RewardNotFound()
    if before.version != draft.version:
        raise VersionStale()
    if before.status is RewardStatus.ARCHIVED:
        raise RewardNotAvailable(reason="archived")
    if errors := problems_of(draft, ports.programs.active().currency):
        raise InvalidContent(errors=errors)
    wanted = 0 if draft.stock is None else shards_for(draft.stock)
    shards = max(before.stock_shards, wanted)  # never fewer: units may be given back to any of them
    after = replace(draft, version=before.version + 1, stock_shards=shards)
    save_reward(ports, caller, "reward.replaced", after, now)
    return after
