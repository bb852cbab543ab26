"""A reward's end: nobody redeems it any more; what was issued stays good."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import RewardNotFound
from chalicelib.domain.rewards import Reward, RewardStatus
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_reward import save_reward
from chalicelib.usecases.versions import step_on


def archive_reward(ports: Ports, caller: Caller, reward_id: str, now: datetime) -> Reward:
    """Archive a reward, whatever its version; once archived, it is answered as it stands.

    Raises RewardNotFound, TryAgain.
    """

    def known() -> Reward:
        before = ports.rewards.get(reward_id)
        if before is None:
            raise RewardNotFound()
        return before

    return step_on(
        ports.patience,
        known,
        _archived,
        save=lambda after: save_reward(ports, caller, "reward.archived", after, now),
    )


def _archived(reward: Reward) -> Reward:
    if reward.status is RewardStatus.ARCHIVED:
        return reward
    return replace(reward, version=reward.version + 1, status=RewardStatus.ARCHIVED)
