"""What is limited for all: the units of rewards and the budgets of offers. What is out and what is
left are together what there ever was.

Counters move while a pass goes by, and no read of them is of the instant that the pass compares. So
a difference is told at once only where nothing moved and all was read; else when it is there the
next time too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.reconciliations import Reconciliation
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reconcile_found import Found


@dataclass(frozen=True, slots=True)
class _Limited:
    """key: the reward's or the offer's id. total: what there ever was of it. left: of that, now.
    code: of the breach where this does not add up."""

    key: str
    total: int
    left: int
    code: str


def stock_left(ports: Ports) -> dict[str, int]:
    """What is left of each limited reward and of each offer's budget. Raises StoreUnavailable."""
    return {limited.key: limited.left for limited in _limited(ports)}


def check_stock(
    ports: Ports, reconciliation: Reconciliation, found: Found, earlier: Mapping[str, int]
) -> tuple[list[Breach], dict[str, int]]:
    """What is wrong with the units of rewards and the budgets of offers, and by their ids what
    cannot be told yet.

    earlier: what could not be told the last time. Raises StoreUnavailable.
    """
    breaches, unsettled = [], {}
    for limited in _limited(ports):
        lost = _lost(limited, reconciliation.stock.get(limited.key), found)
        if lost is None:
            continue
        units, still = lost
        if still or earlier.get(limited.key) == units:
            what = f"Units out and left differ by {units} from those there ever were."
            breaches.append(Breach(limited.code, what, limited.key))
        else:
            unsettled[limited.key] = units
    return breaches, unsettled


def _lost(limited: _Limited, left_first: int | None, found: Found) -> tuple[int, bool] | None:
    """Units that are neither left nor out, and whether nothing moved meanwhile; None where a
    reading adds up, or the reward or budget is new."""
    out = found.out(limited.key)
    if left_first is None:
        return None
    units = limited.total - left_first - out.settled
    if abs(units) <= out.at_first or limited.total - limited.left == out.settled + out.since:
        return None
    return units, out.moves == 0 and found.unread == 0 and left_first == limited.left


def _limited(ports: Ports) -> list[_Limited]:
    """A reward or an offer that is not limited any more keeps its counters, and is left out."""
    rewards = [reward for reward in ports.rewards.all() if reward.stock is not None]
    units = ports.rewards.remaining_of(rewards) if rewards else {}
    offers = ports.offers.all()
    budgets = ports.offers.budget_left(offers) if offers else {}
    return [
        *(
            _Limited(reward.reward_id, reward.stock or 0, units[reward.reward_id], "stock_wrong")
            for reward in rewards
        ),
        *(
            _Limited(offer.offer_id, offer.budget.amount, budgets[offer.offer_id], "budget_wrong")
            for offer in offers
            if offer.budget is not None and offer.offer_id in budgets
        ),
    ]
