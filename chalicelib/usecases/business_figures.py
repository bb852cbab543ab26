"""What the ledger tells of the business: sums of what was written, for the metrics.

Sums alone: no member, no purchase, nothing that somebody called something. Must not know where the
figures go.
"""

from collections import Counter
from collections.abc import Iterable

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.purchases import PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.usecases.ports import Cause

_LOST = {
    EntryKind.REDEEM: "points_redeemed",
    EntryKind.RETURN: "points_taken_back",
    EntryKind.EXPIRE: "points_expired",
    EntryKind.ERASE: "points_erased",
}
"""What takes points: how many, as a positive figure."""

_GAINED = {
    EntryKind.EARN: "points_earned",
    EntryKind.BONUS: "points_given",
    EntryKind.CANCEL: "points_given_back",
    EntryKind.ADJUST: "points_adjusted",
}


def business_figures(records: Iterable[Entry | Cause]) -> dict[str, int]:
    """The sums of some records of the ledger, by metric; what is nothing is left out."""
    sums: Counter[str] = Counter()
    for record in records:
        match record:
            case Entry(kind=EntryKind.OPEN):
                sums["members_joined"] += 1
            case Entry(kind=kind, points=points) if kind in _LOST:
                sums[_LOST[kind]] -= points
            case Entry(kind=kind, points=points) if kind in _GAINED:
                sums[_GAINED[kind]] += points
            case PurchaseRecord():
                sums["purchases"] += 1
                sums["purchases_minor"] += record.purchase.amount_minor
            case ReturnRecord():
                sums["returns"] += 1
            case RedemptionRecord():
                sums["redemptions"] += 1
    return {name: amount for name, amount in sums.items() if amount}
