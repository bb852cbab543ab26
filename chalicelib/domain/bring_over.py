"""What a row of an import does to an account. Decisions, no I/O.

A balance is points, given like those of an adjustment. A purchase of before moves no points, since
what is left of them comes as a balance: it counts for tiers and lifetime figures, and stands in the
statement.
"""

from dataclasses import replace
from datetime import date, datetime

from chalicelib.domain.account import (
    Account,
    Gift,
    Lot,
    check_figures,
    count_purchase,
    credit,
    take_back,
)
from chalicelib.domain.entries import Why
from chalicelib.domain.import_rows import BalanceRow, HistoryRow
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import expiry_of
from chalicelib.domain.packing import LARGEST_BYTES, pack
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_points import FUTURE_TOLERANCE
from chalicelib.domain.refusals import AccountFull, FieldError, InTheFuture, InvalidContent
from chalicelib.domain.tiers import gifts_due

ROOMY_BYTES = LARGEST_BYTES // 2
"""Of an account to which balances of ever more last days come: well above 100 of them. What they
leave is for what waits, the months and the limits: no till must ever meet a full account."""

IMPORTED = "import"
"""The reason of a balance; with day and points behind it, that of a purchase of before."""


def bring_balance(
    account: Account, row: BalanceRow, program: Program, today: date
) -> tuple[Account, tuple[Why, ...]]:
    """Give the points that a member had, or take what it owed. Their last day counts only where
    points are given. Returns the account after it, and why. Raises InvalidContent, AccountFull."""
    if row.points < 0 and not row.allow_debt:
        raise _wrong("points", "negative_points", "a debt is meant where allow_debt says true.")
    if row.points > 0 and row.expires_on is not None and row.expires_on < today:
        raise _wrong("expires_on", "in_the_past", "these points have expired; leave the row out.")
    if row.points > 0:
        last = row.expires_on or expiry_of(program.expiry, today)
        after, _ = credit(account, (Lot(last, row.points),))
        _check_room(account, after)
    else:
        after, _, _ = take_back(account, -row.points)
    check_figures(after, "/points")
    return after, (Why(IMPORTED, row.points, 0),)


def bring_purchase(
    account: Account, row: HistoryRow, program: Program, now: datetime, today: date
) -> tuple[Account, tuple[Why, ...]]:
    """Count a purchase of before in its month and the lifetime figures.

    The gift of a tier that it reaches counts as given: the other product saw it reached, too.
    Returns the account after it, and why. Raises InTheFuture, InvalidContent.
    """
    if row.occurred_at > now + FUTURE_TOLERANCE:
        raise InTheFuture()
    occurred_on = local_date(row.occurred_at, program.zone)
    counted = count_purchase(
        account,
        occurred_on.replace(day=1),
        purchases=1,
        spend_minor=row.amount_minor,
        points=row.points,
        qualifying_points=row.points,
    )
    given = tuple(
        Gift(tier.tier_id, 0, reached_on=today, matures_on=today, expires_on=None)
        for tier in gifts_due(counted, program.tiers, today)
    )
    after = replace(counted, gifts=counted.gifts + given)
    check_figures(after, "/amount_minor")
    return after, (Why(f"{IMPORTED}:{occurred_on}:{row.points}", 0, row.amount_minor),)


def _check_room(before: Account, after: Account) -> None:
    """Refuse points of one more last day where an account that will earn needs the room. Raises
    AccountFull."""
    if len(after.lots) > len(before.lots) and len(pack(after)) > ROOMY_BYTES:
        raise AccountFull()


def told_purchase(rule: str) -> tuple[date, int] | None:
    """The day and points that the reason of a purchase of before tells; None for other reasons."""
    prefix, _, told = rule.partition(":")
    day, _, points = told.partition(":")
    return (date.fromisoformat(day), int(points)) if prefix == IMPORTED and points else None


def _wrong(field: str, code: str, detail: str) -> InvalidContent:
    return InvalidContent(errors=[FieldError(f"/{field}", code, detail)])
