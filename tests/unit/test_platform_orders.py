"""What Shopify's and Square's events are read as: the samples under `events/`, and what is odd."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.earning import Line, Remaining, Tender
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.platform_orders import (
    PlatformPurchase,
    PlatformReturn,
    Told,
    fitted,
)
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.refusals import InvalidContent
from chalicelib.domain.returned import ReturnedLine
from chalicelib.domain.shopify import ORDER_PAID, REFUND_CREATED, told_by_shopify
from chalicelib.domain.square import told_by_square

EVENTS = Path(__file__).parents[2] / "events"
ORDER, REFUND = "820982911946154508", "890088186047892319"
EURO = {"shop_money": {"amount": "0.00", "currency_code": "EUR"}}


def sample(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


def order(**changes: Any) -> Any:
    return sample("shopify_order_paid.json") | changes


def refund(**changes: Any) -> Any:
    return sample("shopify_refund_created.json") | changes


def square(name: str, **changes: Any) -> Told:
    event = sample(f"square_{name}.json")
    of_kind: Any = event["data"]["object"]
    of_kind[event["data"]["type"]] |= changes
    return told_by_square(event)


def only(told: Told) -> Any:
    (found,) = told
    return found


def test_an_order_of_shopify_is_a_purchase_at_what_was_paid_for_its_goods() -> None:
    told = only(told_by_shopify(ORDER_PAID, order()))
    assert told.purchase == Purchase(
        purchase_id=ORDER,
        occurred_at=datetime(2026, 11, 20, 8, 58, 30, tzinfo=UTC),
        currency="EUR",
        lines=(
            Line("866550311766439020", "BEANS-250", 2, 3_150, brand="Roastery"),
            Line("141249953214522974", "variant-808950811", 1, 1_000),
        ),
        tenders=(Tender("shopify_payments", 4_150),),
        channel="web",
        store_id="487838322",
        external="#9999",
    )
    assert told.names == {
        Kind.EXTERNAL_ID: "115310627314723954",
        Kind.EMAIL: "Jon@example.com",
    }


def test_no_card_number_of_a_payload_is_taken_over_wherever_it_stands() -> None:
    number = "4111 1111 1111 1111"
    spoiled = order(name=number, source_name=number, location_id=4111111111111111)
    spoiled["line_items"][0] |= {"sku": number, "vendor": number}
    told = only(told_by_shopify(ORDER_PAID, spoiled))
    assert told.purchase.lines[0].sku == "variant-808950810"
    for digits in ("4111", "5555"):
        assert digits not in repr(told)


@pytest.mark.parametrize(
    "change",
    [
        {"test": True},
        {"financial_status": "pending"},
        {"financial_status": None},
        {"line_items": []},
    ],
)
def test_orders_of_shopify_that_earn_nothing_tell_nothing(change: dict[str, Any]) -> None:
    assert told_by_shopify(ORDER_PAID, order(**change)) == ()


def test_other_topics_tell_nothing_and_a_refund_is_no_order() -> None:
    assert told_by_shopify("orders/create", order()) == ()
    assert told_by_shopify(ORDER_PAID, refund()) == ()
    with pytest.raises(InvalidContent):
        told_by_shopify(REFUND_CREATED, order())


def test_a_way_to_pay_is_told_where_it_is_the_only_one() -> None:
    gift_card = only(told_by_shopify(ORDER_PAID, order(payment_gateway_names=["gift_card"])))
    assert gift_card.purchase.tenders == (Tender("gift_card", 4_150),)
    both = order(payment_gateway_names=["gift_card", "shopify_payments"])
    assert only(told_by_shopify(ORDER_PAID, both)).purchase.tenders == ()


@pytest.mark.parametrize(
    ("currency", "price", "amount_minor"),
    [("EUR", "19.00", 3_150), ("JPY", "1900", 3_794), ("KWD", "5.005", 3_510), ("EUR", "1", 0)],
)
def test_amounts_are_in_the_minor_units_of_their_currency(
    currency: str, price: str, amount_minor: int
) -> None:
    changed = order(currency=currency)
    changed["line_items"][0]["price"] = price  # twice, less 6.50
    line = only(told_by_shopify(ORDER_PAID, changed)).purchase.lines[0]
    assert line.amount_minor == amount_minor


def test_a_refund_of_shopify_takes_its_lines_back_and_not_the_shipping() -> None:
    lines = (ReturnedLine("866550311766439020", 1, 1_575),)
    assert told_by_shopify(REFUND_CREATED, refund()) == (PlatformReturn(ORDER, REFUND, lines),)


def test_rows_of_one_line_are_one_and_money_for_no_line_goes_back_apart() -> None:
    changed = refund()
    changed["refund_line_items"] *= 2
    changed["order_adjustments"][0]["kind"] = "refund_discrepancy"
    assert told_by_shopify(REFUND_CREATED, changed) == (
        PlatformReturn(ORDER, REFUND, (ReturnedLine("866550311766439020", 2, 3_150),)),
        PlatformReturn(ORDER, f"{REFUND}-adjustment", 490),
    )
    nothing = refund(refund_line_items=[], order_adjustments=[], transactions=[])
    assert told_by_shopify(REFUND_CREATED, nothing) == ()


@pytest.mark.parametrize(
    ("kept", "pending", "amount_minor"),
    [("15.75", False, 0), ("5.00", False, 1_075), ("16.78", False, 0), ("15.75", True, 1_575)],
)
def test_what_the_shop_keeps_of_goods_that_come_back_stays_bought(
    kept: str, pending: bool, amount_minor: int
) -> None:
    # A fee for restocking, or goods that come back while no money does; and money on its way.
    status = "pending" if pending else "success"
    changed = refund(transactions=[{"kind": "refund", "status": status, "currency": "EUR"}])
    changed["order_adjustments"].append({"kind": "refund_discrepancy", "amount": kept})
    lines = (ReturnedLine("866550311766439020", 1, amount_minor),)
    assert told_by_shopify(REFUND_CREATED, changed) == (PlatformReturn(ORDER, REFUND, lines),)


@pytest.mark.parametrize("gateway", ["shopify_payments", None])
def test_a_tip_of_shopify_is_a_line_that_earns_nothing(gateway: str | None) -> None:
    changed = order()
    changed["line_items"][1]["tip_payment_gateway"] = gateway
    lines = only(told_by_shopify(ORDER_PAID, changed)).purchase.lines
    assert [line.eligible for line in lines] == [True, False]


def test_an_order_that_costs_nothing_is_a_purchase_all_the_same() -> None:
    free = order(line_items=[{"id": 7, "quantity": 3, "price": "0.00"}])
    told = only(told_by_shopify(ORDER_PAID, free)).purchase
    assert told.lines == (Line("7", "variant-none", 3, 0),)
    rows = [{"line_item_id": 7, "quantity": 3, "subtotal": 0, "subtotal_set": EURO}]
    back = refund(refund_line_items=rows, order_adjustments=[])
    assert only(told_by_shopify(REFUND_CREATED, back)).returned == (ReturnedLine("7", 3, 0),)


def test_amounts_are_those_of_the_shop_and_not_of_the_customers_currency() -> None:
    there = {"amount": "21.30", "currency_code": "USD"}
    bought = order(presentment_currency="USD")
    bought["line_items"][0]["price_set"] = {"presentment_money": there}
    purchase = only(told_by_shopify(ORDER_PAID, bought)).purchase
    assert (purchase.currency, purchase.amount_minor) == ("EUR", 4_150)
    back = refund(transactions=[{"kind": "refund", "amount": "21.30", "currency": "USD"}])
    back["refund_line_items"][0]["subtotal_set"]["presentment_money"] = there
    (line,) = only(told_by_shopify(REFUND_CREATED, back)).returned
    assert line.amount_minor == 1_575


def test_a_payment_of_square_is_a_purchase_whose_tip_earns_nothing() -> None:
    told = only(square("payment_updated"))
    assert isinstance(told, PlatformPurchase)
    assert told.purchase == Purchase(
        purchase_id="hYy9pRFVxpDsO1FB05SunFWUe9JZY",
        occurred_at=datetime(2026, 11, 20, 21, 16, 51, 86_000, tzinfo=UTC),
        currency="EUR",
        lines=(
            Line("payment", "payment", 1, 1_850),
            Line("tip", "tip", 1, 150, eligible=False),
        ),
        tenders=(Tender("card", 2_000),),
        store_id="S8GWD5R9QB376",
        external="03O3USaPaAaFnI6kkwB1JxGgBsUZY",
    )
    assert told.names[Kind.EMAIL] == "jon@example.com"
    assert "540988" not in repr(told)
    assert "9029" not in repr(told)


def test_a_gift_card_of_square_is_told_from_other_cards() -> None:
    card = {"card": {"card_brand": "SQUARE_GIFT_CARD"}}
    (tender,) = only(square("payment_updated", card_details=card)).purchase.tenders
    assert tender.kind == "gift_card"
    (tender,) = only(
        square("payment_updated", card_details=None, source_type="CASH")
    ).purchase.tenders
    assert tender.kind == "cash"


def test_a_refund_of_square_takes_money_back_and_of_the_goods_first() -> None:
    told = only(square("refund_updated"))
    goods = (ReturnedLine("payment", 0, 2_000),)
    assert (told.purchase_id, told.returned) == ("hYy9pRFVxpDsO1FB05SunFWUe9JZY", goods)
    lines = only(square("payment_updated")).purchase.lines
    left = (Remaining(1, 1_850), Remaining(1, 150))
    all_of_it = (ReturnedLine("payment", 0, 1_850), ReturnedLine("tip", 0, 150))
    assert fitted(goods, lines, left) == all_of_it
    assert fitted(goods, lines, (Remaining(1, 50), Remaining(1, 0))) == (
        ReturnedLine("payment", 0, 50),
    )


def test_a_return_is_cut_to_what_its_purchase_has_left() -> None:
    lines = (Line("1", "cup", 2, 900), Line("2", "mug", 1, 500))
    left = (Remaining(1, 450), Remaining(1, 500))
    added_later = (ReturnedLine("3", 1, 700), ReturnedLine("2", 1, 501), ReturnedLine("1", 2, 100))
    assert fitted(added_later, lines, left) == (
        ReturnedLine("1", 1, 100),
        ReturnedLine("2", 1, 500),
    )
    assert fitted((ReturnedLine("payment", 0, 600),), lines, left) == (
        ReturnedLine("1", 0, 450),
        ReturnedLine("2", 0, 150),
    )
    assert fitted(951, lines, left) == 950
    nothing = (Remaining(0, 0), Remaining(0, 0))
    assert fitted(added_later, lines, nothing) == ()
    assert fitted(951, lines, nothing) == 0


@pytest.mark.parametrize("status", ["APPROVED", "PENDING", "CANCELED", "FAILED", None])
def test_what_square_has_not_completed_tells_nothing(status: str | None) -> None:
    assert square("payment_updated", status=status) == ()
    assert square("refund_updated", status=status) == ()


def test_other_events_of_square_tell_nothing() -> None:
    assert told_by_square({"type": "order.updated", "data": {}}) == ()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": None}, "/id"),
        ({"id": True}, "/id"),
        ({"currency": "XXX"}, "/currency"),
        ({"processed_at": "yesterday"}, "/processed_at"),
        ({"processed_at": "2026-11-20T09:58:30"}, "/processed_at"),
        ({"line_items": {}}, "/line_items"),
        ({"line_items": [7]}, "/line_items/0"),
        ({"line_items": [{"quantity": 1, "price": "NaN"}]}, "/line_items/0/price"),
        ({"line_items": [{"quantity": 1, "price": "1e99"}]}, "/line_items/0/price"),
        ({"line_items": [{"quantity": "1"}]}, "/line_items/0/quantity"),
        ({"customer": "Jon"}, "/customer"),
    ],
)
def test_a_payload_that_is_not_the_platforms_is_refused_by_place_and_never_quoted(
    change: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidContent) as refused:
        told_by_shopify(ORDER_PAID, order(**change))
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_blanks_of_any_kind_are_one_and_brands_are_what_a_rule_names() -> None:
    changed = order()
    changed["line_items"][0] |= {"vendor": "M\u00fcller\u00a0& Sons\u2003", "sku": "\tBEANS-250\n"}
    line = only(told_by_shopify(ORDER_PAID, changed)).purchase.lines[0]
    assert (line.brand, line.sku) == ("Müller & Sons", "BEANS-250")


def test_halves_of_characters_and_controls_are_left_out() -> None:
    told = only(told_by_shopify(ORDER_PAID, order(name="#\ud800", source_name="a\x00b")))
    assert (told.purchase.external, told.purchase.channel) == (None, None)
