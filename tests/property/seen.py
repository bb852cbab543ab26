"""What the program says, in the words of the plain rules."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.purchases import Taken
from chalicelib.domain.transfers import Transfer
from chalicelib.usecases.adjust_points import Adjusted
from chalicelib.usecases.cancel_transfer import TransferCancelled
from chalicelib.usecases.claim_purchase import PurchaseClaimed
from chalicelib.usecases.decide_review import ReviewDecided
from chalicelib.usecases.end_redemption import RedemptionEnded
from chalicelib.usecases.join_household import Joined
from chalicelib.usecases.merge_accounts import Merged
from chalicelib.usecases.post_purchase import PurchasePosted
from chalicelib.usecases.read_account import TierView
from chalicelib.usecases.redeem_reward import RedemptionIssued
from chalicelib.usecases.return_purchase import PurchaseReturned, ReturnKept
from tests.property.plain_days import FOREVER
from tests.property.plain_member import Member, month_of
from tests.property.plain_tiers import Stand
from tests.property.plain_transfers import SENT

Figures = dict[str, Any]


def account(held: Account) -> Figures:
    """All that an account holds, in the shape of `member`."""
    life = held.lifetime
    return {
        "active": held.status is AccountStatus.ACTIVE,
        "available": _by_day(held.lots),
        "pending": {
            (lot.matures_on, lot.expires_on or FOREVER): lot.points for lot in held.pending
        },
        "held": {(lot.matures_on, lot.expires_on or FOREVER): lot.points for lot in held.withheld},
        "looked_at": held.under_review is not None,
        "debt": held.debt,
        "expired": _by_day(held.expired),
        "lifetime": (life.earned, life.redeemed, life.purchases, life.spend_minor),
        "qualifying": life.qualifying_points,
        "months": {
            month_of(month.first_day): figures
            for month in held.months
            if any(figures := (month.purchases, month.spend_minor, month.qualifying_points))
        },
        "gifts": [(gift.tier_id, gift.points, gift.reached_on) for gift in held.gifts],
    }


def member(held: Member) -> Figures:
    """All that a member has by the plain rules."""
    return {
        "active": held.active,
        "available": dict(held.points),
        "pending": dict(held.waiting),
        "held": dict(held.held),
        "looked_at": held.looked_at,
        "debt": held.debt,
        "expired": dict(held.expired),
        "lifetime": (held.earned, held.redeemed, held.purchases, held.spend_minor),
        "qualifying": held.qualifying,
        "months": held.last_months(),
        "gifts": [(gift.tier_id, gift.points, gift.reached_on) for gift in held.gifts],
    }


def sent_in(held: Account, month: str) -> int:
    """The points that a member sent in a month; of months gone by nobody asks."""
    return sum(use.count for use in held.uses if (use.reward, use.period) == (SENT, month))


def tier(view: TierView | None) -> Stand:
    """Where the program says that a member stands."""
    if view is None:
        return Stand()
    found = view.standing
    until = FOREVER if found.tier_id is not None and found.until is None else found.until
    return Stand(
        tier=found.tier_id,
        since=found.since,
        until=until,
        next=found.next_id,
        missing=found.missing,
        to_keep=found.to_keep,
        keep_by=found.keep_by,
    )


def _by_day(lots: tuple[Lot, ...]) -> dict[Any, int]:
    return {lot.expires_on or FOREVER: lot.points for lot in lots}


# --- answers -------------------------------------------------------------------------------------


def earned(answer: PurchasePosted | PurchaseClaimed) -> Figures:
    points = answer.points
    return {
        "tier": tier(answer.tier),
        "earned": points.earned,
        "pending": points.pending,
        "debt_paid": points.debt_paid,
        "available_after": points.available_after,
        "pending_after": points.pending_after,
        "debt_after": points.debt_after,
    }


def posted(answer: PurchasePosted) -> Figures:
    became = {row.return_id: row.refused or _points(row.taken) for row in answer.returns_applied}
    return {**earned(answer), "returns": became}


def _points(taken: Taken | None) -> int:
    return taken.taken if taken is not None else 0


def taken(answer: PurchaseReturned | ReturnKept) -> Figures:
    if isinstance(answer, ReturnKept):
        return {"kept": True}
    points = answer.points
    assert points.taken == points.from_pending + points.from_available + points.new_debt
    return {
        "taken": points.taken,
        "from_pending": points.from_pending,
        "from_available": points.from_available,
        "new_debt": points.new_debt,
        "returned_to_member": points.returned_to_member,
        "available_after": points.available_after,
        "pending_after": points.pending_after,
        "debt_after": points.debt_after,
    }


def issued(answer: RedemptionIssued) -> Figures:
    return {"points": answer.record.points, "available_after": answer.record.available_after}


def ended(answer: RedemptionEnded) -> Figures:
    end = answer.end
    return {
        "returned": end.returned,
        "debt_paid": end.debt_paid,
        "available_after": end.available_after or 0,
    }


def adjusted(answer: Adjusted) -> Figures:
    if answer.available_after is None:
        return {"waiting": 1}
    return {
        "available_after": answer.available_after,
        "pending_after": answer.pending_after,
        "debt_after": answer.debt_after,
    }


def judged(answer: ReviewDecided) -> Figures:
    figures = {"status": answer.status, "points": answer.points}
    return figures if answer.available_after is None else figures | _after(answer)


def sent(answer: Transfer | TransferCancelled) -> Figures:
    return {"points": answer.points, "available_after": answer.available_after}


def merged(answer: Merged) -> Figures:
    return {"points": answer.points, **_after(answer)}


def joined(answer: Joined) -> Figures:
    moved = answer.moved_available + answer.moved_pending - answer.moved_debt
    return {"points": moved, "members": answer.members, **_after(answer)}


def _after(answer: Merged | Joined | ReviewDecided) -> Figures:
    return {
        "available_after": answer.available_after,
        "pending_after": answer.pending_after,
        "debt_after": answer.debt_after,
    }


def told(answer: Any) -> Any:
    """What is told of an answer: all but the counter of the stock, which a dry run cannot know."""
    if isinstance(answer, RedemptionIssued):
        return replace(answer, record=replace(answer.record, stock_shard=None))
    return answer
