"""The packed texts of what was bought and what came back: rows without names, empty ends left off.

The commitment of an entry covers these very texts, so what was stored is never encoded again.
"""

import json
from typing import Any

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.returns import Rows


def pack_purchase(purchase: Purchase) -> str:
    """What was bought, as text."""
    lines = [
        _trimmed(
            [
                line.line_id,
                line.sku,
                line.quantity,
                line.amount_minor,
                line.category,
                line.brand,
                None if line.eligible else 0,
            ]
        )
        for line in purchase.lines
    ]
    tenders = [[tender.kind, tender.amount_minor] for tender in purchase.tenders]
    head = [purchase.purchase_id, printed(purchase.occurred_at), purchase.currency, lines]
    return _text(
        _trimmed([*head, tenders or None, purchase.channel, purchase.store_id, purchase.external])
    )


def unpack_purchase(text: str) -> Purchase:
    """What a packed text says was bought."""
    purchase_id, occurred_at, currency, rows, tenders, channel, store_id, external = _filled(
        json.loads(text), 8
    )
    return Purchase(
        purchase_id=purchase_id,
        occurred_at=parsed(occurred_at),
        currency=currency,
        lines=tuple(_line(row) for row in rows),
        tenders=tuple(Tender(*tender) for tender in tenders or ()),
        channel=channel,
        store_id=store_id,
        external=external,
    )


def pack_return(return_id: str, rows: Rows) -> str:
    """What came back, as text."""
    return _text([return_id, rows])


def unpack_return(text: str) -> tuple[str, Rows]:
    """The return id and what a packed text says came back."""
    return_id, rows = json.loads(text)
    return return_id, tuple((index, quantity, amount) for index, quantity, amount in rows)


def _line(row: list[Any]) -> Line:
    line_id, sku, quantity, amount_minor, category, brand, ineligible = _filled(row, 7)
    return Line(line_id, sku, quantity, amount_minor, category, brand, ineligible is None)


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _trimmed(values: list[Any]) -> list[Any]:
    while values and values[-1] is None:
        values = values[:-1]
    return values


def _filled(values: list[Any], length: int) -> list[Any]:
    return values + [None] * (length - len(values))
