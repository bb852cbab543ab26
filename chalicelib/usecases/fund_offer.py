"""The shards of a budget that pay for what one offer gives by itself: a gift, or a price for a
reward. What a purchase gets of several offers at once is in `choose_offers.py`.
"""

from chalicelib.domain.applied_offers import AppliedOffer
from chalicelib.domain.budgets import Parts, from_what_is_left, one_shard
from chalicelib.domain.offers import Offer
from chalicelib.usecases.ports import BudgetChange, Ports


def shards_for(ports: Ports, offer: Offer, cost: int, name: str, *, ask: bool) -> Parts | None:
    """From which shards a cost comes; None where all of them together hold too little.

    name: of what it is given for, which is given it once. ask: what is left of the budget, because
    no write will find it out. Raises StoreUnavailable.
    """
    if offer.budget is None or not cost:
        return ()
    if ask or offer.offer_id in ports.offers.scarce():
        left = ports.offers.shards_left([offer])[offer.offer_id]
        return from_what_is_left(left, name, cost)
    return one_shard(offer.budget.shards, name, cost)


def withdrawn(applied: AppliedOffer) -> tuple[BudgetChange, ...]:
    """What it takes from the offer's budget."""
    return tuple(BudgetChange(applied.offer_id, shard, -part) for shard, part in applied.shards)


def flowing_back(applied: AppliedOffer) -> tuple[BudgetChange, ...]:
    """The same when it is taken back."""
    return tuple(BudgetChange(applied.offer_id, shard, part) for shard, part in applied.shards)
