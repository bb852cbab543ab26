"""Bonuses: points that a member is given for something that is no purchase. Decisions, no I/O."""

from datetime import date

from chalicelib.domain.account import Account, check_figures
from chalicelib.domain.lots import Days, expiry_of
from chalicelib.domain.program import Program
from chalicelib.domain.quarantine import receive_earned


def give(account: Account, points: int, program: Program, today: date) -> Account:
    """The account with so many more points, which pay its debt first and last as long as if they
    were earned today; under review they are held. Raises InvalidContent where it would hold more
    than can be told."""
    days = Days(today, expiry_of(program.expiry, today))
    after = receive_earned(account, program, [(days, points)], today).account
    check_figures(after, "")
    return after
