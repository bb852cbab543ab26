"""Adjustments: a member of staff gives or takes points, with a reason. Decisions, no I/O."""

from chalicelib.domain.account import Account, Lot, check_figures, credit, spend, take_back


def adjust(account: Account, points: int, *, allow_debt: bool) -> tuple[Account, int]:
    """Give (positive) or take (negative) points.

    Returns the account after it and the debt that was paid. Taking more than is available raises
    InsufficientPoints unless `allow_debt`; then the rest becomes debt. InvalidContent where the
    account would hold more than can be told.
    """
    after, debt_paid = _adjusted(account, points, allow_debt)
    check_figures(after, "/points")
    return after, debt_paid


def _adjusted(account: Account, points: int, allow_debt: bool) -> tuple[Account, int]:
    if points >= 0:
        return credit(account, (Lot(None, points),) if points else ())
    if allow_debt:
        after, _, _ = take_back(account, -points)
        return after, 0
    after, _ = spend(account, -points)
    return after, 0
