"""Points that were spent on a purchase: what of them comes back with a return.

Whatever the parts in which a purchase comes back, what is back by then depends on nothing but what
remains of it: all of it back is all of them back, to the point.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.account import Account, Lot, credit, split_lots
from chalicelib.domain.earning import REWARD, Remaining
from chalicelib.domain.entries import Why
from chalicelib.domain.lots import come_back
from chalicelib.domain.purchase_points import Terms
from chalicelib.domain.purchases import Purchase, PurchaseFile
from chalicelib.domain.redemptions import RedemptionRecord


def give_back_spent(
    account: Account,
    terms: Terms,
    file: PurchaseFile,
    after: tuple[Remaining, ...],
    paid_with: tuple[RedemptionRecord, ...],
) -> tuple[Account, tuple[Why, ...]]:
    """Credit what comes back when no more than `after` remains of a purchase; debt is paid first.

    To the lots that the points came from, those spent last first; where their last day is over,
    with the days of grace. Returns the account after it, and the points by reward.
    """
    purchase, before = file.record.purchase, file.remaining()
    points: dict[str, int] = {}
    lots: list[Lot] = []
    for record in paid_with:
        back = _back(record, purchase, before), _back(record, purchase, after)
        lots += _between(record, *back)
        name = REWARD + record.reward.reward_id
        points[name] = points.get(name, 0) + back[1] - back[0]
    account, _ = credit(account, come_back(account, lots, terms.active, terms.today))
    redeemed = account.lifetime.redeemed - sum(points.values())
    account = replace(account, lifetime=replace(account.lifetime, redeemed=redeemed))
    return account, tuple(Why(name, came, 0) for name, came in points.items() if came)


def _back(record: RedemptionRecord, purchase: Purchase, left: Sequence[Remaining]) -> int:
    """The points of a redemption that are back once so much is left: by money, or by pieces of a
    purchase that cost nothing."""
    whole = purchase.amount_minor
    if whole:
        gone = whole - sum(part.amount_minor for part in left)
    else:
        whole = sum(line.quantity for line in purchase.lines)
        gone = whole - sum(part.quantity for part in left)
    return record.points * gone // whole


def _between(record: RedemptionRecord, first: int, last: int) -> tuple[Lot, ...]:
    """The points of a redemption from one to another, by lot, counted from what was spent last."""
    _, rest = split_lots(tuple(reversed(record.lots)), first)
    return split_lots(rest, last - first)[0]
