"""Returns: recomputed with the rules the purchase was priced with, never multiplied."""

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.account import Account, Gift, count_purchase, take_back
from chalicelib.domain.earning import (
    EXCUSED,
    EXCUSED_BY_REVIEW,
    GIFT,
    Remaining,
    days_of_row,
    price,
    spread,
)
from chalicelib.domain.entries import Why
from chalicelib.domain.granted_offers import NOTHING_BACK, TakenBack, without_uses
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import Days, LastDays, excuse, lives_on, take_pending
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_points import Terms, tier_of
from chalicelib.domain.purchases import PurchaseFile, Taken
from chalicelib.domain.quarantine import excuse_written_off
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.domain.refusals import FieldError, InvalidContent, ReturnExceedsPurchase
from chalicelib.domain.returned import Returned, ReturnedLine, repeated_lines
from chalicelib.domain.spent_points import give_back_spent
from chalicelib.domain.tiers import gifts_lost

Rows = tuple[tuple[int, int, int], ...]
"""(index of the purchase's line, quantity, amount_minor)."""

UNKNOWN_LINE = "unknown_line"


def returned_rows(file: PurchaseFile, returned: Returned) -> Rows:
    """What comes back, by line of the purchase.

    An amount alone is spread over what remains of the lines in proportion, largest remainder
    first. Raises ReturnExceedsPurchase, or InvalidContent for lines that the purchase has not.
    """
    remaining = file.remaining()
    if isinstance(returned, int):
        amounts = [part.amount_minor for part in remaining]
        if returned > sum(amounts):
            raise _exceeds(file, remaining)
        parts = spread(returned, amounts)
        return tuple((index, 0, part) for index, part in enumerate(parts) if part)
    rows = _known_lines(file, returned)
    for index, quantity, amount_minor in rows:
        left = remaining[index]
        if quantity > left.quantity or amount_minor > left.amount_minor:
            raise _exceeds(file, remaining)
    return rows


NOTHING_TAKEN = Taken(0, 0, 0, 0, 0, 0, 0, 0)
"""What the return of a purchase takes that belongs to nobody."""


def take(
    account: Account,
    terms: Terms,
    file: PurchaseFile,
    rows: Rows,
    paid_with: tuple[RedemptionRecord, ...] = (),
    of_offers: TakenBack = NOTHING_BACK,
) -> tuple[Account, Taken, tuple[Why, ...]]:
    """What a return takes: the difference between the points of what remained before and after.
    of_offers: the part of it that offers had given.

    First the points come back that had been spent on what is returned (paid_with: the redemptions
    that paid for the purchase). Then what it gave goes: from the lots that wait, where it was them
    that the purchase gave; nothing for what has expired unused; else newest lots first, and what is
    missing becomes debt. Gifts go with the tier that the return takes away. Returns the account
    after it, what was taken, and how much of it each rule had given.
    """
    purchase, before = file.record.purchase, file.remaining()
    after, tier = less(before, rows), tier_of(terms.rules, file.earned)
    account, came_back = give_back_spent(account, terms, file, after, paid_with)
    was = price(terms.rules, purchase.lines, purchase.tenders, before, tier)
    left = price(terms.rules, purchase.lines, purchase.tenders, after, tier)
    gone = -1 if file.is_gone(after) and not file.is_gone(before) else 0
    counted = count_purchase(
        account,
        terms.day_of(purchase).replace(day=1),
        purchases=gone,
        spend_minor=-sum(amount_minor for _, _, amount_minor in rows),
        points=left.points - was.points + sum(row.points for row, _ in of_offers.rows),
        qualifying_points=left.qualifying_points - was.qualifying_points,
    )
    why = _difference(was.why, left.why)
    poorer, lost = _without_gifts(account, without_uses(counted, of_offers.uses), terms)
    day = terms.day_of(purchase)
    parts = [
        *(_part_of_row(terms, file, row, days_of_row(terms.rules, row, day)) for row in why),
        *(_part_of_row(terms, file, row, days) for row, days in of_offers.rows),
        *(_part_of_gift(terms.active, gift) for gift in lost),
    ]
    poorer, taken, excused, forfeited = _taken(poorer, terms.today, parts)
    reasons = [*why, *(row for row, _ in of_offers.rows)]
    reasons += (Why(GIFT + gift.tier_id, -gift.points, 0) for gift in lost)
    if excused:
        reasons.append(Why(EXCUSED, excused, 0))
    if forfeited:
        reasons.append(Why(EXCUSED_BY_REVIEW, forfeited, 0))
    returned = sum(row.points for row in came_back)
    return poorer, replace(taken, returned_to_member=returned), (*reasons, *came_back)


@dataclass(frozen=True, slots=True)
class _Part:
    """Points to take. days: those they were given with. expired: when they can have expired.
    waited: whether they can have waited for a review. came_on: the day on which they were given."""

    points: int
    days: Days
    expired: LastDays
    waited: bool
    came_on: date


def _part_of_row(terms: Terms, file: PurchaseFile, row: Why, days: Days) -> _Part:
    came_on = local_date(file.credited_at, terms.rules.zone)
    waited = file.earned.pending > 0
    return _Part(-row.points, days, _lot_days(terms, file, days), waited, came_on)


def _part_of_gift(active: Program, gift: Gift) -> _Part:
    days = Days(gift.matures_on, gift.expires_on)
    last = None if lives_on(active) else gift.expires_on
    return _Part(gift.points, days, LastDays(gift.expires_on, last), True, gift.reached_on)


def _taken(account: Account, today: date, parts: list[_Part]) -> tuple[Account, Taken, int, int]:
    """Take points by the days they were given with. The account after it, what was taken, and how
    many were not because they had expired, or because a review had taken them."""
    from_pending = excused = forfeited = rest = 0
    for part in parts:
        waited = lost = 0
        if part.days.matures_on > today or part.waited:
            account, waited = take_pending(account, part.days, part.points)
        if part.waited:
            left = part.points - waited
            account, lost = excuse_written_off(account, part.came_on, left)
        account, over = excuse(account, part.expired, part.points - waited - lost)
        from_pending, excused = from_pending + waited, excused + over
        forfeited += lost
        rest += part.points - waited - lost - over
    account, from_available, new_debt = take_back(account, rest)
    taken = Taken(
        taken=from_pending + rest,
        from_pending=from_pending,
        from_available=from_available,
        new_debt=new_debt,
        returned_to_member=0,
        available_after=account.available,
        pending_after=account.pending_points,
        debt_after=account.debt,
    )
    return account, taken, excused, forfeited


def _lot_days(terms: Terms, file: PurchaseFile, days: Days) -> LastDays:
    """On which days the points of a purchase can have expired: on their own last day, or on any
    later one where they lived on (by activity, or by the grace for points that came too late)."""
    last = days.expires_on
    if last is None:
        return LastDays(None, None)
    came_on = local_date(file.credited_at, terms.rules.zone)
    if lives_on(terms.rules) or last < came_on:
        return LastDays(max(last, came_on), None)
    return LastDays(last, last)


def _without_gifts(
    before: Account, after: Account, terms: Terms
) -> tuple[Account, tuple[Gift, ...]]:
    """The account without the gifts that what was taken back had brought."""
    lost = gifts_lost(before, after, terms.active.tiers, terms.today)
    points = sum(gift.points for gift in lost)
    lifetime = replace(after.lifetime, earned=after.lifetime.earned - points)
    kept = tuple(gift for gift in after.gifts if gift not in lost)
    return replace(after, gifts=kept, lifetime=lifetime), lost


def _known_lines(file: PurchaseFile, returned: tuple[ReturnedLine, ...]) -> Rows:
    index_of = {line.line_id: index for index, line in enumerate(file.record.purchase.lines)}
    errors = {error.pointer: error for error in repeated_lines(returned)}
    for place, line in enumerate(returned):
        if line.line_id not in index_of:
            pointer, detail = f"/lines/{place}/line_id", "The purchase has no such line."
            errors[pointer] = FieldError(pointer, UNKNOWN_LINE, detail)
    if errors:
        raise InvalidContent(errors=list(errors.values()))
    return tuple((index_of[line.line_id], line.quantity, line.amount_minor) for line in returned)


def _exceeds(file: PurchaseFile, remaining: tuple[Remaining, ...]) -> ReturnExceedsPurchase:
    lines = file.record.purchase.lines
    return ReturnExceedsPurchase(
        remaining=[
            {"line_id": line.line_id, "quantity": left.quantity, "amount_minor": left.amount_minor}
            for line, left in zip(lines, remaining, strict=True)
        ]
    )


def less(before: tuple[Remaining, ...], rows: Rows) -> tuple[Remaining, ...]:
    """What remains of each line when some of it comes back."""
    left = list(before)
    for index, quantity, amount_minor in rows:
        part = left[index]
        left[index] = Remaining(part.quantity - quantity, part.amount_minor - amount_minor)
    return tuple(left)


def _difference(was: tuple[Why, ...], left: tuple[Why, ...]) -> tuple[Why, ...]:
    remains = {row.rule: row for row in left}
    rows = []
    for row in was:
        rest = remains.get(row.rule, Why(row.rule, 0, 0))
        if row.minor != rest.minor:
            rows.append(Why(row.rule, rest.points - row.points, rest.minor - row.minor))
    return tuple(rows)
