"""Square's events in our words: payments that are completed, and refunds. Pure; knows no signature.

Its events tell amounts and no goods: a payment is a purchase of one line, with another for the tip,
which earns nothing and is there so that a refund of all of it is never more than was bought. What
goes back goes back for goods first. Card details are looked at only to tell gift cards from others.
"""

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.platform_orders import (
    Json,
    PlatformPurchase,
    PlatformReturn,
    Reading,
    Told,
)
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.returned import ReturnedLine

PAYMENT, TIP = "payment", "tip"
"""The lines of a payment."""

GIFT_CARD = "gift_card"

_PAYMENTS = frozenset({"payment.created", "payment.updated"})
_REFUNDS = frozenset({"refund.created", "refund.updated"})
_COMPLETED = "COMPLETED"


def told_by_square(payload: Json) -> Told:
    """What an event tells; nothing for other types, and for what is not completed yet.

    Raises InvalidContent for what does not look like Square's event of its type.
    """
    event = Reading(payload)
    kind = event.says("type")
    if kind in _PAYMENTS:
        return _purchase(event.inside("data", "object", "payment"))
    if kind in _REFUNDS:
        return _return(event.inside("data", "object", "refund"))
    return ()


def _purchase(payment: Reading) -> Told:
    if payment.says("status") != _COMPLETED:
        return ()
    money = payment.inside("amount_money")
    lines = [Line(PAYMENT, PAYMENT, 1, money.whole("amount"))]
    if payment.has("tip_money") and (tip := payment.inside("tip_money").whole("amount")):
        lines.append(Line(TIP, TIP, 1, tip, eligible=False))
    whole = sum(line.amount_minor for line in lines)
    purchase = Purchase(
        purchase_id=payment.id("id"),
        occurred_at=payment.instant("created_at"),
        currency=money.currency("currency"),
        lines=tuple(lines),
        tenders=(Tender(_paid_by(payment), whole),),
        store_id=payment.word("location_id"),
        external=payment.word("order_id"),
    )
    found = {
        Kind.EXTERNAL_ID: payment.name("customer_id"),
        Kind.EMAIL: payment.name("buyer_email_address"),
    }
    names = {kind: name for kind, name in found.items() if name is not None}
    return (PlatformPurchase(purchase, names),)


def _paid_by(payment: Reading) -> str:
    """`card`, `cash`, `wallet` and so on, as Square calls it; `gift_card` for its own."""
    if payment.has("card_details"):
        card = payment.inside("card_details")
        brand = card.inside("card").says("card_brand") if card.has("card") else None
        if brand == "SQUARE_GIFT_CARD":
            return GIFT_CARD
    return (payment.word("source_type") or "other").lower()


def _return(refund: Reading) -> Told:
    amount_minor = refund.inside("amount_money").whole("amount")
    if refund.says("status") != _COMPLETED or not amount_minor or not refund.has("payment_id"):
        return ()
    goods = ReturnedLine(PAYMENT, 0, amount_minor)
    return (PlatformReturn(refund.id("payment_id"), refund.id("id"), (goods,)),)
