"""The one write of a reward's next version, repeated until it is known what became of it."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import Conflict, VersionStale
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.settle import Waiting


def save_reward(ports: Ports, caller: Caller, action: str, reward: Reward, now: datetime) -> None:
    """Record the change, then write the version and move its stock.

    Raises VersionStale when somebody was faster, Conflict when more units were redeemed than the
    stock would be, TryAgain when the store does not answer.
    """
    note(ports, caller, action, now, subject=reward.reward_id)
    waiting = Waiting(ports.patience)
    may_have_landed = False
    while True:
        try:
            written = ports.rewards.put(reward, now)
            if written == "stale" and may_have_landed:
                written = "written" if ports.rewards.get(reward.reward_id) == reward else "stale"
            break
        except StoreUnavailable:
            may_have_landed = True
            waiting.once_more()
    if written == "stale":
        raise VersionStale()
    if written == "too_few_units":
        raise Conflict(reason="stock_below_redeemed")
