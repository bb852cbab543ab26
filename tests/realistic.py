"""Purchases of the size that tills post: what things cost depends on it."""

from datetime import timedelta

from chalicelib.domain.earning import Line
from chalicelib.domain.purchases import Purchase
from tests.ledger_world import NOW

_CATEGORIES = ("beans", "filter_papers", "cups")
_BRANDS = ("kronos", "Hausmarke", "northern-roast")


def realistic(purchase_id: str, lines: int) -> Purchase:
    """A purchase of so many different lines, two minutes ago."""
    return Purchase(
        purchase_id=purchase_id,
        occurred_at=NOW - timedelta(minutes=2),
        currency="EUR",
        lines=tuple(map(_line, range(1, lines + 1))),
        channel="store",
        store_id="berlin-mitte-01",
    )


def _line(number: int) -> Line:
    return Line(
        line_id=f"line-{number:06d}",
        sku=f"KR-{number:05d}-250G",
        quantity=1 + number % 3,
        amount_minor=349 + 125 * number,
        category=_CATEGORIES[number % 3],
        brand=_BRANDS[number % 3],
    )
