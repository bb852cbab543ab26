"""Transfers: a member sends points to another one, who may have to wait for them.

Points keep their last days on the way, and back again. Knows neither who sends nor who receives.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.domain.account import (
    Account,
    AccountStatus,
    Lot,
    Use,
    check_figures,
    credit,
    spend,
    take_back,
)
from chalicelib.domain.lots import MOST_PENDING, Days, come_back, receive, take_pending
from chalicelib.domain.program import Program, Transfers
from chalicelib.domain.refusals import TransferLimitReached, TransferNotAllowed

SENT = "transfer"
"""Under this name an account counts, as a use of the calendar month, the points that it sent."""

MOST_PENDING_WITH_SENT = MOST_PENDING // 2
"""Beyond it what others send joins the last lot that waits: the room is for what is earned, or a
few points from strangers could make a member's own mature later."""

CALLED_BACK = "transfer_called_back"
"""The reason of the entries that undo a transfer; that of the transfer itself is `SENT`."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as it was made.

    from_member, to_member: who sent and who receives; from_account, to_account: where their points
    were. lots: as the sender had them. sent_on: in the program's zone. matures_on: the first day on
    which the receiver can spend the points. available_after: the sender's.
    """

    transfer_id: str
    from_member: str
    from_account: str
    to_member: str
    to_account: str
    points: int
    lots: tuple[Lot, ...]
    at: datetime
    sent_on: date
    matures_on: date
    available_after: int

    @property
    def cools_off(self) -> bool:
        """Whether it could be called back when it was made."""
        return self.matures_on > self.sent_on


def send(
    account: Account, points: int, program: Program, today: date
) -> tuple[Account, tuple[Lot, ...]]:
    """Take points that are sent, and count them in their calendar month.

    Returns the account after it and the lots they came from. Raises TransferNotAllowed,
    TransferLimitReached, InsufficientPoints.
    """
    rules = rules_of(program)
    if account.status is not AccountStatus.ACTIVE:
        raise TransferNotAllowed(reason="not_verified")
    if points > rules.most_points:
        raise TransferLimitReached(limit=rules.most_points, left=rules.most_points, period=None)
    period = month_of(today)
    sent = sum(use.count for use in account.uses if (use.reward, use.period) == (SENT, period))
    if sent + points > rules.most_points_a_month:
        left = max(0, rules.most_points_a_month - sent)
        raise TransferLimitReached(limit=rules.most_points_a_month, left=left, period="month")
    poorer, lots = spend(account, points)
    others = tuple(use for use in account.uses if use.reward != SENT)
    return replace(poorer, uses=(*others, Use(SENT, period, sent + points))), lots


def rules_of(program: Program) -> Transfers:
    """What the program says of transfers. Raises TransferNotAllowed where there are none."""
    if program.transfers is None:
        raise TransferNotAllowed(reason="off")
    return program.transfers


def month_of(day: date) -> str:
    """The calendar month of a day in the program's zone, as uses name it."""
    return f"{day:%Y-%m}"


def mature_on(rules: Transfers, today: date) -> date:
    """The first day on which the receiver can spend what is sent today."""
    return today + timedelta(days=rules.cooling_off_days)


def arrive(
    account: Account, lots: tuple[Lot, ...], matures_on: date, program: Program, today: date
) -> Account:
    """What the receiver has after a transfer: it waits until a day, or is available at once and
    pays debt first. Raises InvalidContent where the account would hold more than can be told."""
    parts = [(_days(lot, matures_on), lot.points) for lot in lots]
    after = receive(account, program, parts, today, MOST_PENDING_WITH_SENT).account
    check_figures(after, "/points")
    return after


def called_back(account: Account, lots: tuple[Lot, ...], matures_on: date) -> Account:
    """What the receiver has when a transfer is called back: it waits no longer for it.

    Where what waits until that day is bundled with other points, as much is taken of what it has.
    """
    missing = 0
    for lot in lots:
        account, taken = take_pending(account, _days(lot, matures_on), lot.points)
        missing += lot.points - taken
    return take_back(account, missing)[0]


def come_home(
    account: Account, lots: tuple[Lot, ...], sent_in: str, program: Program, today: date
) -> Account:
    """What the sender has when a transfer is called back: the lots with their last days, or the
    days of grace, and as many points to send in the month in which they were sent (`2026-11`)."""
    points = sum(lot.points for lot in lots)
    richer, _ = credit(account, come_back(account, lots, program, today))
    uses = tuple(
        replace(use, count=use.count - points)
        if (use.reward, use.period) == (SENT, sent_in)
        else use
        for use in richer.uses
    )
    return replace(richer, uses=tuple(use for use in uses if use.count > 0))


def _days(lot: Lot, matures_on: date) -> Days:
    """The days of sent points at the receiver: no one's end before they can be spent."""
    return Days(matures_on, lot.expires_on and max(lot.expires_on, matures_on))
