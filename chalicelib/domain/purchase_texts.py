"""The packed texts of what was bought and what came back: rows without names, empty ends left off.

The commitment of an entry covers these very texts, so what was stored is never encoded again.
"""

import json
from typing import Any

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.returned import Returned, ReturnedLine
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
    tenders = [
        _trimmed([tender.kind, tender.amount_minor, tender.redemption_id])
        for tender in purchase.tenders
    ]
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


def pack_waiting(return_id: str, returned: Returned) -> str:
    """What is to come back of a purchase that is not there yet, as text."""
    if isinstance(returned, int):
        return _text([return_id, returned])
    return _text([return_id, [[row.line_id, row.quantity, row.amount_minor] for row in returned]])


def unpack_waiting(text: str) -> tuple[str, Returned]:
    """The return id and what a packed text says is to come back."""
    return_id, returned = json.loads(text)
    if isinstance(returned, int):
        return return_id, returned
    return return_id, tuple(ReturnedLine(*row) for row in returned)


def pack_refused(return_id: str, code: str) -> str:
    """A return that did not fit its purchase, and why, as text."""
    return _text([return_id, code])


def unpack_refused(text: str) -> tuple[str, str]:
    """The return id and the code that a packed text says."""
    return_id, code = json.loads(text)
    return return_id, code


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
