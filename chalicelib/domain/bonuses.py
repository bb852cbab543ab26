"""Bonuses: points that a member is given for something that is no purchase. Decisions, no I/O."""

from datetime import date

from chalicelib.domain.account import Account, Lot, check_figures, credit
from chalicelib.domain.lots import expiry_of
from chalicelib.domain.program import Program


def give(account: Account, points: int, program: Program, today: date) -> Account:
    """The account with so many more points, which pay its debt first and last as long as if they
    were earned today. Raises InvalidContent where it would hold more than can be told."""
    after, _ = credit(account, (Lot(expiry_of(program.expiry, today), points),))
    check_figures(after, "")
    return after
