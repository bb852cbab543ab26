"""What the answers of the program say, in the words of the plain rules."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.account import Account
from chalicelib.usecases.adjust_points import Adjusted
from chalicelib.usecases.claim_purchase import PurchaseClaimed
from chalicelib.usecases.end_redemption import RedemptionEnded
from chalicelib.usecases.post_purchase import PurchasePosted
from chalicelib.usecases.redeem_reward import RedemptionIssued
from chalicelib.usecases.return_purchase import PurchaseReturned


def months(account: Account) -> dict[str, tuple[int, int, int]]:
    return {
        f"{month.first_day:%Y-%m}": figures
        for month in account.months
        if any(figures := (month.purchases, month.spend_minor, month.qualifying_points))
    }


def earned(answer: PurchasePosted | PurchaseClaimed) -> dict[str, int]:
    points = answer.points
    return {
        "earned": points.earned,
        "debt_paid": points.debt_paid,
        "available_after": points.available_after,
        "debt_after": points.debt_after,
    }


def taken(answer: PurchaseReturned) -> dict[str, int]:
    points = answer.points
    assert points.taken == points.from_available + points.new_debt
    return {
        "taken": points.taken,
        "new_debt": points.new_debt,
        "available_after": points.available_after,
        "debt_after": points.debt_after,
    }


def issued(answer: RedemptionIssued) -> dict[str, int]:
    return {"points": answer.record.points, "available_after": answer.record.available_after}


def ended(answer: RedemptionEnded) -> dict[str, int]:
    end = answer.end
    return {
        "returned": end.returned,
        "debt_paid": end.debt_paid,
        "available_after": end.available_after or 0,
    }


def adjusted(answer: Adjusted) -> dict[str, int]:
    if answer.available_after is None or answer.debt_after is None:
        return {"waiting": 1}
    return {"available_after": answer.available_after, "debt_after": answer.debt_after}


def told(answer: Any) -> Any:
    """What is told of an answer: all but the counter of the stock, which a dry run cannot know."""
    if isinstance(answer, RedemptionIssued):
        return replace(answer, record=replace(answer.record, stock_shard=None))
    return answer
