"""What one event of a purchase says of what its member buys. Pure; knows no account."""

from dataclasses import replace
from datetime import date

from chalicelib.domain.behaviour import Bought
from chalicelib.domain.earning import Line, Remaining
from chalicelib.domain.purchases import ClaimRecord, PurchaseFile, ReturnRecord


def bought(file: PurchaseFile, number: int, day: date) -> Bought:
    """What event `number` of a purchase says: that it came (posted, or claimed with what was left
    of it), or what of it came back.

    day: of the purchase. LookupError where that event is not there, or moves nothing.
    """
    before = _as_of(file, number)
    if number == file.record.number:
        return _came(file, before, day)
    match next((event for event in file.events if event.number == number), None):
        case ClaimRecord():
            return _came(file, before, day)
        case ReturnRecord():
            return _came_back(file, before, _as_of(file, number + 1), day)
    raise LookupError(f"no event {number} of the purchase that moves anything")


def _as_of(file: PurchaseFile, number: int) -> tuple[Remaining, ...]:
    """What was left of each line before an event."""
    earlier = tuple(event for event in file.events if event.number < number)
    return replace(file, events=earlier).remaining()


def _came(file: PurchaseFile, left: tuple[Remaining, ...], day: date) -> Bought:
    lines = file.record.purchase.lines
    kept = [line for line, rest in zip(lines, left, strict=True) if _is_there(line, rest)]
    return Bought(
        on=day,
        purchases=0 if file.is_gone(left) else 1,
        spend_minor=sum(rest.amount_minor for rest in left),
        categories=_categories(kept),
        store=None if file.is_gone(left) else file.record.purchase.store_id,
        skus=tuple(dict.fromkeys(line.sku for line in kept)),
    )


def _came_back(
    file: PurchaseFile, before: tuple[Remaining, ...], after: tuple[Remaining, ...], day: date
) -> Bought:
    lines = file.record.purchase.lines
    kept = [line for line, rest in zip(lines, after, strict=True) if _is_there(line, rest)]
    had = [line for line, rest in zip(lines, before, strict=True) if _is_there(line, rest)]
    gone = file.is_gone(after) and not file.is_gone(before)
    skus = {line.sku for line in kept}
    categories = set(_categories(kept))
    return Bought(
        on=day,
        purchases=-1 if gone else 0,
        spend_minor=sum(b.amount_minor for b in after) - sum(b.amount_minor for b in before),
        categories=tuple(name for name in _categories(had) if name not in categories),
        store=file.record.purchase.store_id if gone else None,
        skus=tuple(dict.fromkeys(line.sku for line in had if line.sku not in skus)),
        came_back=True,
    )


def _is_there(line: Line, left: Remaining) -> bool:
    """Whether anything is left of a line: money, or of one that cost nothing a piece."""
    return bool(left.amount_minor if line.amount_minor else left.quantity)


def _categories(lines: list[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.category for line in lines if line.category is not None))
