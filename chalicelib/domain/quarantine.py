"""Quarantine: an account under review earns, and cannot spend what it earns until somebody looked.

Held points keep the days that they were earned with. The calendar makes nothing of them: they
neither mature nor expire while they are held. Released, they are what they would be by then; those
whose last day is over get the program's days of grace. Knows neither who looks nor why.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from chalicelib.domain.account import Account, PendingLot
from chalicelib.domain.lots import Arrived, Days, receive, with_pending
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Conflict
from chalicelib.domain.reviews import Review, WrittenOff


def receive_earned(
    account: Account, program: Program, parts: Iterable[tuple[Days, int]], today: date
) -> Arrived:
    """Add points that were earned, by their days: held where the account is under review, else as
    `receive` adds them."""
    if account.under_review is None:
        return receive(account, program, parts, today)
    more = [
        PendingLot(days.matures_on, days.expires_on, points) for days, points in parts if points
    ]
    held = replace(account, withheld=with_pending(account.withheld, more))
    points = sum(lot.points for lot in more)
    return Arrived(held, points, 0, points)


def put_under_review(account: Account, review: Review) -> Account:
    """The account from now on under review, with what still waits held; as it is where it was."""
    if account.under_review is not None:
        return account
    waiting = with_pending(account.withheld, account.pending)
    return replace(account, under_review=review, pending=(), withheld=waiting)


def release(account: Account, program: Program, today: date) -> Account:
    """The account after its review, with what was held as it would be by now: it waits, or it is
    available and pays debt first. Raises Conflict where there is no review."""
    parts = [(Days(lot.matures_on, lot.expires_on), lot.points) for lot in account.withheld]
    return receive(_reviewed(account), program, parts, today).account


def forfeit(account: Account, today: date) -> tuple[Account, int]:
    """The account after its review, without what was held, and how much that was. What it gave is
    written off: a return of it takes nothing again. Raises Conflict where there is no review."""
    points, before = account.withheld_points, account.written_off
    reviewed = _reviewed(account)
    if not points:
        return reviewed, 0
    total = points + (before.points if before else 0)
    return replace(reviewed, written_off=WrittenOff(total, today)), points


def excuse_written_off(account: Account, came_on: date, points: int) -> tuple[Account, int]:
    """Let points go that a review has taken, rather than take others for them. came_on: the day on
    which they were given. Returns the account after it and how many points were excused."""
    before = account.written_off
    if before is None or before.on < came_on:
        return account, 0
    part = min(before.points, points)
    left = replace(before, points=before.points - part)
    return replace(account, written_off=left if left.points else None), part


def written_off_together(*parts: WrittenOff | None) -> WrittenOff | None:
    """What was written off in accounts that come together."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return WrittenOff(sum(part.points for part in known), max(part.on for part in known))


def check_not_under_review(*accounts: Account) -> None:
    """Refuse to bring accounts together while somebody looks at one of them. Raises Conflict."""
    if any(account.under_review is not None for account in accounts):
        raise Conflict(reason="under_review")


def _reviewed(account: Account) -> Account:
    if account.under_review is None:
        raise Conflict(reason="not_under_review")
    return replace(account, under_review=None, withheld=())
