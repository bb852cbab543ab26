"""The units of limited rewards: those out and those left are those there ever were.

Counters move while a pass goes by, and no read of them is of the instant that the pass compares. So
a difference is told at once only where nothing moved and all was read; else when it is there the
next time too.
"""

from collections.abc import Mapping

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.reconciliations import Reconciliation
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reconcile_found import Found


def stock_left(ports: Ports) -> dict[str, int]:
    """The units left of each limited reward. Raises StoreUnavailable."""
    return ports.rewards.remaining_of(_limited(ports))


def check_stock(
    ports: Ports, reconciliation: Reconciliation, found: Found, earlier: Mapping[str, int]
) -> tuple[list[Breach], dict[str, int]]:
    """What is wrong with the units of rewards, and by reward what cannot be told yet.

    earlier: what could not be told the last time. Raises StoreUnavailable.
    """
    left, breaches, unsettled = stock_left(ports), [], {}
    for reward in _limited(ports):
        reward_id = reward.reward_id
        lost = _lost(reward, reconciliation.stock.get(reward_id), left[reward_id], found)
        if lost is None:
            continue
        units, still = lost
        if still or earlier.get(reward_id) == units:
            what = f"Units out and left differ by {units} from those there ever were."
            breaches.append(Breach("stock_wrong", what, reward_id))
        else:
            unsettled[reward_id] = units
    return breaches, unsettled


def _lost(
    reward: Reward, left_first: int | None, left_last: int, found: Found
) -> tuple[int, bool] | None:
    """Units that are neither left nor out, and whether nothing moved meanwhile; None where a
    reading adds up, or the reward is new."""
    out = found.out(reward.reward_id)
    if left_first is None or reward.stock is None:
        return None
    units = reward.stock - left_first - out.settled
    if abs(units) <= out.at_first or reward.stock - left_last == out.settled + out.since:
        return None
    return units, out.moves == 0 and found.unread == 0 and left_first == left_last


def _limited(ports: Ports) -> list[Reward]:
    return [reward for reward in ports.rewards.all() if reward.stock is not None]
