"""The one write of a reward's next version, repeated until it is known what became of it."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import Conflict
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.versions import write_version


def save_reward(ports: Ports, caller: Caller, action: str, reward: Reward, now: datetime) -> None:
    """Record the change, then write the version and move its stock.

    Raises VersionStale when somebody was faster, Conflict when more units were redeemed than the
    stock would be, TryAgain when the store does not answer.
    """
    note(ports, caller, action, now, subject=reward.reward_id)
    written = write_version(
        ports.patience,
        put=lambda: ports.rewards.put(reward, now),
        landed=lambda: ports.rewards.get(reward.reward_id) == reward,
    )
    if written == "too_few_units":
        raise Conflict(reason="stock_below_redeemed")
