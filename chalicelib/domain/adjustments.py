"""Adjustments: a member of staff gives or takes points, with a reason. Decisions, no I/O."""

from datetime import date

from chalicelib.domain.account import Account, Lot, check_figures, credit, spend, take_back
from chalicelib.domain.lots import expiry_of
from chalicelib.domain.program import Program


def adjust(
    account: Account, points: int, program: Program, today: date, *, allow_debt: bool
) -> tuple[Account, int]:
    """Give (positive) or take (negative) points; those given last as long as if earned today.

    Returns the account after it and the debt that was paid. Taking more than is available raises
    InsufficientPoints unless `allow_debt`; then the rest becomes debt. InvalidContent where the
    account would hold more than can be told.
    """
    lot = Lot(expiry_of(program.expiry, today), points)
    after, debt_paid = _adjusted(account, lot, allow_debt)
    check_figures(after, "/points")
    return after, debt_paid


def _adjusted(account: Account, lot: Lot, allow_debt: bool) -> tuple[Account, int]:
    if lot.points >= 0:
        return credit(account, (lot,))
    if allow_debt:
        after, _, _ = take_back(account, -lot.points)
        return after, 0
    after, _ = spend(account, -lot.points)
    return after, 0
