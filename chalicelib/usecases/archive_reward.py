"""A reward's end: nobody redeems it any more; what was issued stays good."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import RewardNotFound, VersionStale
from chalicelib.domain.rewards import Reward, RewardStatus
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_reward import save_reward
from chalicelib.usecases.settle import Waiting


def archive_reward(ports: Ports, caller: Caller, reward_id: str, now: datetime) -> Reward:
    """Archive a reward, whatever its version; once archived, it is answered as it stands.

    Raises RewardNotFound, TryAgain.
    """
    waiting = Waiting(ports.patience)
    while True:
        before = ports.rewards.get(reward_id)
        if before is None:
            raise RewardNotFound()
        if before.status is RewardStatus.ARCHIVED:
            return before
        after = replace(before, version=before.version + 1, status=RewardStatus.ARCHIVED)
        try:
            save_reward(ports, caller, "reward.archived", after, now)
        except VersionStale:  # somebody changed it meanwhile: archive what it is now
            waiting.once_more()
            continue
        return after
