"""What comes in from platforms gives the points that a till would give, and what is odd about it
neither fails nor is lost. Over the ledger in memory; what the events say is in
`test_platform_orders.py`."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

import pytest

from chalicelib.domain.connections import Connection, Provider, path_of
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.program import Exclusions
from chalicelib.domain.purchases import Purchase, PurchaseFile
from chalicelib.domain.refusals import Conflict, SignatureRefused, TryAgain
from chalicelib.domain.returned import ReturnedLine
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase, purchase_name
from chalicelib.usecases.receive_platform_event import (
    Came,
    PlatformEvent,
    caller_of,
    receive_platform_event,
)
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.fakes.connections import FakeRefusedQueue
from tests.fakes.ledger import FakeLedger
from tests.fakes.programs import FakePrograms
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import NOW, PROGRAM, TILL, World, ports_over

SECRET = "shpss_0123456789abcdef"
WEB = Connection("conn_web", Provider.SHOPIFY, "web", (Kind.EXTERNAL_ID, Kind.PHONE), None, NOW)
SQUARE = replace(WEB, connection_id="conn_square", provider=Provider.SQUARE, source="counter")
PAID, REFUNDED = "orders/paid", "refunds/create"
BEANS = replace(
    PROGRAM, excluded=Exclusions(frozenset({"gift_card"}), tenders=frozenset({"gift_card"}))
)
"""Gift cards earn nothing, bought or paid with; the brand `kronos` earns more."""


class People:
    """Who finds members, by what platforms say: customer 7, and a phone number."""

    def __init__(self, member_id: str) -> None:
        self.known = {
            Identifier(Kind.EXTERNAL_ID, "7"): member_id,
            Identifier(Kind.PHONE, "+4915123456789"): member_id,
        }

    def find(self, identifier: Identifier) -> str | None:
        return self.known.get(identifier)


class Platform:
    """A shop's account of a platform, what it sends, and a till beside it."""

    def __init__(self, name: str = "in") -> None:
        ledger, rewards = FakeLedger(FakeRewards()), FakeRewards()
        ports = ports_over(ledger, rewards, seed=name)
        world = World(name, ports, ledger.open)
        self.member_id, self.other_id = world.member(), world.member("noa")
        self.refused = FakeRefusedQueue()
        self.ports = replace(
            ports,
            people=cast(Any, People(self.member_id)),
            programs=FakePrograms(BEANS),
            refused=self.refused,
        )
        self.world = replace(world, ports=self.ports)
        for connection in (WEB, SQUARE):
            ports.connections.add(connection, SECRET)

    def shopify(self, topic: str, event: Any, now: datetime = NOW) -> tuple[Came, ...]:
        raw = json.dumps(event).encode()
        sent = PlatformEvent(WEB.provider, WEB.connection_id, signed(raw), raw, topic, "event-1")
        return receive_platform_event(self.ports, sent, now)

    def square(self, kind: str, **of_kind: Any) -> tuple[Came, ...]:
        what = kind.partition(".")[0]
        event = {"type": kind, "event_id": "event-2", "data": {"object": {what: of_kind}}}
        raw = json.dumps(event).encode()
        address = f"{self.ports.public_url}{path_of(SQUARE)}".encode()
        sent = PlatformEvent(SQUARE.provider, SQUARE.connection_id, signed(address + raw), raw)
        return receive_platform_event(self.ports, sent, NOW)

    def at_the_till(self, purchase: Purchase, *returns: tuple[ReturnedLine, ...]) -> int:
        """What the other member has by the same purchase and returns at a till."""
        post_purchase(self.ports, TILL, PostPurchase(purchase, MemberId(self.other_id)), NOW)
        for number, lines in enumerate(returns):
            command = ReturnPurchase(purchase.purchase_id, f"r{number}", lines)
            return_purchase(self.ports, TILL, command, NOW)
        return self.world.available(self.other_id)

    @property
    def points(self) -> int:
        return self.world.available(self.member_id)

    def file(self, purchase_id: str, connection: Connection = WEB) -> PurchaseFile:
        name = purchase_name(self.ports, caller_of(connection), purchase_id)
        file = self.ports.ledger.purchase(name)
        assert isinstance(file, PurchaseFile)
        return file

    @property
    def codes(self) -> list[Any]:
        return [cast(Any, told["problem"])["code"] for told in self.refused.told]


def signed(raw: bytes) -> str:
    return b64encode(hmac.digest(SECRET.encode(), raw, "sha256")).decode()


def order(**fields: Any) -> dict[str, Any]:
    """An order of one cup for 10 EUR, by customer 7."""
    return {
        "id": 1,
        "processed_at": NOW.isoformat(),
        "currency": "EUR",
        "financial_status": "paid",
        "customer": {"id": 7},
        "line_items": [{"id": 1, "quantity": 1, "price": "10.00", "sku": "cup"}],
    } | fields


def refund(refund_id: int, *rows: tuple[int, int, str]) -> dict[str, Any]:
    """A refund of order 1. rows: line, quantity, subtotal."""
    euro = {"shop_money": {"amount": "0", "currency_code": "EUR"}}
    names = ("line_item_id", "quantity", "subtotal")
    lines = [dict(zip(names, row, strict=True)) | {"subtotal_set": euro} for row in rows]
    return {"id": refund_id, "order_id": 1, "refund_line_items": lines}


@pytest.fixture
def platform() -> Platform:
    return Platform()


def text(minor: int) -> str:
    return f"{minor / 100:.2f}"


@pytest.mark.parametrize("seed", range(20))
def test_an_order_and_its_refunds_give_the_points_that_a_till_would_give(seed: int) -> None:
    random, platform = Random(seed), Platform(f"like{seed}")
    lines, rows, back = [], [], []
    for number in range(1, random.randint(2, 6)):
        quantity, price = random.randint(1, 4), random.randint(0, 9_999)
        parts = [random.randint(0, quantity * price // 3) for _ in range(random.randint(0, 2))]
        kind = random.choice(("cup", "kronos", "gift_card", "tip"))
        rows.append(
            {"id": number, "quantity": quantity, "price": text(price), "sku": f"sku-{number}"}
            | {"discount_allocations": [{"amount": text(part)} for part in parts]}
            | {"vendor": "kronos" if kind == "kronos" else None, "gift_card": kind == "gift_card"}
            | ({"tip_payment_gateway": "card"} if kind == "tip" else {})
        )
        amount_minor = quantity * price - sum(parts)
        line = Line(str(number), f"sku-{number}", quantity, amount_minor, eligible=kind != "tip")
        line = replace(line, brand="kronos" if kind == "kronos" else None)
        lines.append(replace(line, category="gift_card" if kind == "gift_card" else None))
        if random.random() < 0.7:
            pieces = random.randint(1, quantity)
            back.append(ReturnedLine(str(number), pieces, amount_minor * pieces // quantity))
    gateway = random.choice(("card", "gift_card"))
    event = order(line_items=rows, payment_gateway_names=[gateway])
    refunds = [
        (REFUNDED, refund(n, (int(row.line_id), row.quantity, text(row.amount_minor))))
        for n, row in enumerate(back, start=100)
    ]
    events = [(PAID, event), *refunds]
    random.shuffle(events)
    for topic, what in events + events:
        assert "refused" not in platform.shopify(topic, what)
    tenders = (Tender(gateway, sum(line.amount_minor for line in lines)),)
    bought = Purchase("1", NOW, "EUR", tuple(lines), tenders)
    assert platform.points == platform.at_the_till(bought, *((row,) for row in back))


@pytest.mark.parametrize("refund_first", [False, True])
def test_money_back_of_square_is_for_the_goods_and_only_then_for_the_tip(
    platform: Platform, refund_first: bool
) -> None:
    euro = {"currency": "EUR"}
    paid = {
        "id": "pay-1",
        "status": "COMPLETED",
        "created_at": NOW.isoformat(),
        "amount_money": {"amount": 1_850, **euro},
        "tip_money": {"amount": 150, **euro},
        "customer_id": "7",
    }
    back = {"payment_id": "pay-1", "status": "COMPLETED"}
    goods = {"id": "back-1", "amount_money": {"amount": 1_000, **euro}, **back}
    rest = {"id": "back-2", "amount_money": {"amount": 1_000, **euro}, **back}
    if refund_first:
        assert platform.square("refund.updated", **goods) == ("waiting",)
    assert platform.square("payment.updated", **paid) == ("posted",)
    platform.square("refund.updated", **goods)
    assert platform.points == 8  # of 8.50 EUR
    assert platform.square("refund.updated", **rest) == ("returned",)
    assert platform.square("refund.created", **rest) == ("already",)
    left = [part.amount_minor for part in platform.file("pay-1", SQUARE).remaining()]
    assert (left, platform.points, platform.codes) == ([0, 0], 0, [])
    assert platform.square("payment.updated", **paid, version=9) == ("already",)


def test_a_line_that_was_added_after_an_order_was_paid_keeps_no_other_from_going_back(
    platform: Platform,
) -> None:
    assert platform.shopify(PAID, order()) == ("posted",)
    added = order(line_items=[*order()["line_items"], {"id": 2, "quantity": 1, "price": "7.00"}])
    assert platform.shopify(PAID, added) == ("already",)
    assert platform.shopify(REFUNDED, refund(8, (2, 1, "7.00"))) == ("refused",)
    both = refund(9, (1, 1, "10.00"), (2, 1, "7.00"))
    assert platform.shopify(REFUNDED, both) == ("returned",)
    assert platform.shopify(REFUNDED, both) == ("already",)
    assert (platform.points, platform.codes) == (0, ["invalid_content"])


def test_an_order_from_a_clock_ahead_of_ours_counts_as_of_when_it_came(platform: Platform) -> None:
    ahead = order(processed_at=(NOW + timedelta(days=2)).isoformat())
    assert platform.shopify(PAID, ahead) == ("posted",)
    assert platform.shopify(PAID, ahead) == ("already",)
    assert (platform.points, platform.file("1").record.purchase.occurred_at) == (10, NOW)


def test_a_refund_that_waited_and_does_not_fit_is_taken_however_often_that_broke_off(
    platform: Platform,
) -> None:
    ahead = order(processed_at=(NOW + timedelta(days=2)).isoformat())
    assert platform.shopify(REFUNDED, refund(8, (2, 1, "7.00"))) == ("waiting",)
    assert platform.shopify(REFUNDED, refund(9, (1, 2, "4.00"))) == ("waiting",)
    platform.refused.is_closed = True  # whom it is to tell of the line that nobody knows
    with pytest.raises(StoreUnavailable):
        platform.shopify(PAID, ahead)
    platform.refused.is_closed = False
    for minutes in (1, 2):
        again = platform.shopify(PAID, ahead, NOW + timedelta(minutes=minutes))
        assert (again, platform.points) == (("already",), 6)
    assert set(platform.codes) == {"invalid_content"}


@pytest.mark.parametrize(
    "said",
    [
        {"customer": {"id": 8, "phone": "+49 151 23456789"}},
        {"customer": {"id": 8, "email": None}, "phone": "+4915123456789"},
        {"customer": None, "phone": "+49-151-23456789"},
    ],
)
def test_a_customer_is_known_by_a_phone_alone(platform: Platform, said: dict[str, Any]) -> None:
    assert platform.shopify(PAID, order(**said)) == ("posted",)
    assert platform.points == 10


def test_an_order_of_five_hundred_lines_is_a_purchase_like_any_other(platform: Platform) -> None:
    row = {"quantity": 1, "price": "1.00", "sku": "cup", "title": "x" * 3_000}
    assert platform.shopify(PAID, order(line_items=[row | {"id": n} for n in range(1, 501)])) == (
        "posted",
    )
    assert platform.points == 500


def test_what_cannot_be_read_is_told_with_what_leads_back_to_it(platform: Platform) -> None:
    assert platform.shopify(PAID, order(currency="?")) == ("refused",)
    assert platform.square("payment.updated", id="pay-1", status="COMPLETED") == ("refused",)
    told = [(one["name"], one["purchase_id"], one["came_by"]) for one in platform.refused.told]
    assert told == [("event-1", "1", "conn_web"), ("event-2", None, "conn_square")]


def test_what_may_pass_is_an_error_so_that_it_comes_again_and_then_counts(
    platform: Platform,
) -> None:
    programs, ledger = platform.ports.programs, cast(FakeLedger, platform.ports.ledger)
    platform.ports = replace(platform.ports, programs=FakePrograms())
    with pytest.raises(Conflict):  # before staff have stored a program
        platform.shopify(PAID, order())
    platform.ports = replace(platform.ports, programs=programs)
    ledger.refuse_writes = 1_000
    with pytest.raises(TryAgain):
        platform.shopify(PAID, order())
    ledger.refuse_writes = 0
    assert platform.shopify(PAID, order()) == ("posted",)
    assert (platform.points, platform.codes) == (10, [])


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/cancelled", "", "x"])
def test_topics_that_nobody_asked_for_are_answered_and_change_nothing(
    platform: Platform, topic: str
) -> None:
    assert platform.shopify(topic, order()) == ("ignored",)
    assert platform.points == 0


def test_a_signature_holds_for_its_own_bytes_and_connection_and_no_secret_signs_nothing(
    platform: Platform,
) -> None:
    raw = json.dumps(order()).encode()
    good = PlatformEvent(WEB.provider, WEB.connection_id, signed(raw), raw, PAID)
    empty = b64encode(hmac.digest(b"", raw, "sha256")).decode()
    platform.ports.connections.add(replace(WEB, connection_id="conn_none"), None)
    for bad in (
        replace(good, raw=json.dumps(json.loads(raw), separators=(",", ":")).encode()),
        replace(good, signature=signed(raw).rstrip("=")),
        replace(good, connection_id=SQUARE.connection_id),
        replace(good, connection_id=SQUARE.connection_id, provider=SQUARE.provider),
        replace(good, connection_id="conn_none", signature=empty),
        replace(good, signature=""),
    ):
        with pytest.raises(SignatureRefused):
            receive_platform_event(platform.ports, bad, NOW)
    assert receive_platform_event(platform.ports, good, NOW) == ("posted",)
