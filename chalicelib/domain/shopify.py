"""Shopify's events in our words: orders that are paid, and refunds. Pure; knows no signature.

Prices are those of the shop's own currency, after discounts, and without the taxes that are added
on top of them; shipping is not bought here and earns nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from chalicelib.domain.earning import Line, Tender, spread
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.platform_orders import (
    Json,
    PlatformPurchase,
    PlatformReturn,
    Reading,
    Told,
    minor,
)
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.returned import ReturnedLine

ORDER_PAID, REFUND_CREATED = "orders/paid", "refunds/create"
GIFT_CARD = "gift_card"
"""The category of lines that sell gift cards, and the tender that pays with one."""

_PAID = frozenset({"paid", "partially_refunded", "refunded"})


def told_by_shopify(topic: str, payload: Json) -> Told:
    """What an event tells; nothing for other topics, test orders, and orders that are not paid.

    Raises InvalidContent for what does not look like Shopify's event of this topic.
    """
    event = Reading(payload)
    if topic == ORDER_PAID:
        return _purchase(event)
    return tuple(_returns(event)) if topic == REFUND_CREATED else ()


def _purchase(order: Reading) -> Told:
    # The topic is not signed, the order is: what is not paid earns nothing, whoever sends it.
    if order.says("test") is True or order.says("financial_status") not in _PAID:
        return ()
    currency = order.currency("currency")
    lines = tuple(
        _line(row, currency) for row in order.rows("line_items") if row.whole("quantity") > 0
    )
    if not lines:
        return ()
    purchase = Purchase(
        purchase_id=order.id("id"),
        occurred_at=order.instant("processed_at", "created_at"),
        currency=currency,
        lines=lines,
        tenders=_tenders(order, sum(line.amount_minor for line in lines)),
        channel=order.word("source_name"),
        store_id=order.word("location_id"),
        external=order.word("name"),
    )
    return (PlatformPurchase(purchase, dict(_names(order))),)


def _line(row: Reading, currency: str) -> Line:
    discounts = sum(
        (part.decimal("amount") for part in row.rows("discount_allocations")), Decimal()
    )
    whole = row.decimal("price") * row.whole("quantity") - discounts
    return Line(
        line_id=row.id("id"),
        sku=row.word("sku") or f"variant-{row.word('variant_id') or 'none'}",
        quantity=row.whole("quantity"),
        amount_minor=max(0, minor(whole, currency)),
        category=GIFT_CARD if row.says("gift_card") is True else None,
        brand=row.word("vendor"),
        eligible=not row.holds("tip_payment_gateway"),  # of a tip it is there, be it null
    )


def _tenders(order: Reading, amount_minor: int) -> tuple[Tender, ...]:
    """How it was paid, where it was paid in one way; of several, no event says how much each."""
    gateways = order.says("payment_gateway_names")
    if not isinstance(gateways, list) or len(gateways) != 1:
        return ()
    kind = Reading({"gateway": gateways[0]}).word("gateway")
    return (Tender(kind, amount_minor),) if kind is not None else ()


def _names(order: Reading) -> Iterator[tuple[Kind, str]]:
    customer = order.inside("customer") if order.has("customer") else Reading({})
    found = {
        Kind.EXTERNAL_ID: customer.name("id"),
        Kind.EMAIL: customer.name("email") or order.name("email"),
        Kind.PHONE: customer.name("phone") or order.name("phone"),
    }
    yield from ((kind, name) for kind, name in found.items() if name is not None)


def _returns(refund: Reading) -> Iterator[PlatformReturn]:
    """The lines that come back, and apart from them money that goes back for no line. Of the lines'
    money, what the shop keeps (a fee, say, or all of it) does not go back."""
    purchase_id, return_id = refund.id("order_id"), refund.id("id")
    currency = _currency_of(refund)
    if currency is None:  # no money went back, and nothing says what its amounts are in
        return
    more_minor = _beside_lines(refund, currency)
    kept_minor = 0 if _is_pending(refund) else max(0, -more_minor)
    lines = _less(list(_lines_back(refund, currency)), kept_minor)
    if lines:
        yield PlatformReturn(purchase_id, return_id, lines)
    if more_minor > 0:
        yield PlatformReturn(purchase_id, f"{return_id}-adjustment", more_minor)


def _currency_of(refund: Reading) -> str | None:
    """The shop's currency, in which the amounts are that count."""
    rows = [*refund.rows("refund_line_items"), *refund.rows("order_adjustments")]
    for row in rows:
        for name in ("subtotal_set", "amount_set"):
            if row.has(name):
                return row.inside(name, "shop_money").currency("currency_code")
    for row in refund.rows("transactions"):
        return row.currency("currency")
    return None


def _lines_back(refund: Reading, currency: str) -> Iterator[ReturnedLine]:
    """Each line once: what comes back of one for different reasons stands in several rows."""
    back: dict[str, tuple[int, int]] = {}
    for row in refund.rows("refund_line_items"):
        line_id = row.id("line_item_id")
        quantity, amount_minor = back.get(line_id, (0, 0))
        more = max(0, minor(row.decimal("subtotal"), currency))
        back[line_id] = quantity + row.whole("quantity"), amount_minor + more
    for line_id, (quantity, amount_minor) in back.items():
        if quantity or amount_minor:
            yield ReturnedLine(line_id, quantity, amount_minor)


def _less(lines: Sequence[ReturnedLine], kept_minor: int) -> tuple[ReturnedLine, ...]:
    """The lines without what the shop keeps of their money, shared among them."""
    amounts = [line.amount_minor for line in lines]
    kept = spread(min(kept_minor, sum(amounts)), amounts)
    return tuple(
        replace(line, amount_minor=line.amount_minor - part)
        for line, part in zip(lines, kept, strict=True)
        if line.quantity or line.amount_minor > part
    )


def _is_pending(refund: Reading) -> bool:
    """Whether money is still on its way: until it is there, it stands among the adjustments as if
    the shop kept it."""
    return any(row.says("status") == "pending" for row in refund.rows("transactions"))


def _beside_lines(refund: Reading, currency: str) -> int:
    """Minor units that went back beyond its lines, negative where it was less than they came to;
    what goes back for shipping had earned nothing.

    Shopify writes what goes to the customer as negative.
    """
    rows = [
        row for row in refund.rows("order_adjustments") if row.says("kind") != "shipping_refund"
    ]
    return -minor(sum((row.decimal("amount") for row in rows), Decimal()), currency)
