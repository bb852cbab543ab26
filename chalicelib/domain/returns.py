"""Returns: recomputed with the rules the purchase was priced with, never multiplied."""

from dataclasses import dataclass

from chalicelib.domain.account import Account, count_purchase, take_back
from chalicelib.domain.earning import Remaining, price, spread
from chalicelib.domain.entries import Why
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import PurchaseFile, Taken, month_of
from chalicelib.domain.refusals import FieldError, InvalidContent, ReturnExceedsPurchase


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """What comes back of a line. quantity may be 0 for money alone, never both 0."""

    line_id: str
    quantity: int
    amount_minor: int


Returned = tuple[ReturnedLine, ...] | int
"""Lines, or an amount in minor units that is spread over what remains."""

Rows = tuple[tuple[int, int, int], ...]
"""(index of the purchase's line, quantity, amount_minor)."""


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
    account: Account, program: Program, file: PurchaseFile, rows: Rows
) -> tuple[Account, Taken, tuple[Why, ...]]:
    """What a return takes: the difference between the points of what remained before and after.

    Newest lots first, what is missing becomes debt. Returns the account after it, what was taken,
    and how much of it each rule had given.
    """
    purchase, before = file.record.purchase, file.remaining()
    after = _less(before, rows)
    was = price(program, purchase.lines, purchase.tenders, before)
    left = price(program, purchase.lines, purchase.tenders, after)
    points = was.points - left.points
    poorer, from_available, new_debt = take_back(account, points)
    poorer = count_purchase(
        poorer,
        month_of(purchase.occurred_at, program),
        purchases=-1 if file.is_gone(after) and not file.is_gone(before) else 0,
        spend_minor=-sum(amount_minor for _, _, amount_minor in rows),
        points=-points,
    )
    taken = Taken(
        taken=points,
        from_pending=0,
        from_available=from_available,
        new_debt=new_debt,
        returned_to_member=0,
        available_after=poorer.available,
        pending_after=poorer.pending_points,
        debt_after=poorer.debt,
    )
    return poorer, taken, _difference(was.why, left.why)


def _known_lines(file: PurchaseFile, returned: tuple[ReturnedLine, ...]) -> Rows:
    index_of = {line.line_id: index for index, line in enumerate(file.record.purchase.lines)}
    errors = []
    seen: set[str] = set()
    for place, line in enumerate(returned):
        pointer = f"/lines/{place}/line_id"
        if line.line_id not in index_of:
            errors.append(FieldError(pointer, "unknown_line", "The purchase has no such line."))
        elif line.line_id in seen:
            errors.append(FieldError(pointer, "duplicate", "Each line can stand here once."))
        seen.add(line.line_id)
    if errors:
        raise InvalidContent(errors=errors)
    return tuple((index_of[line.line_id], line.quantity, line.amount_minor) for line in returned)


def _exceeds(file: PurchaseFile, remaining: tuple[Remaining, ...]) -> ReturnExceedsPurchase:
    lines = file.record.purchase.lines
    return ReturnExceedsPurchase(
        remaining=[
            {"line_id": line.line_id, "quantity": left.quantity, "amount_minor": left.amount_minor}
            for line, left in zip(lines, remaining, strict=True)
        ]
    )


def _less(before: tuple[Remaining, ...], rows: Rows) -> tuple[Remaining, ...]:
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
