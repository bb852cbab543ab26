"""A platform that repeats itself, mixes the order and meets outages: what it told counts once.

Orders and refunds of Shopify are delivered by several threads at once, each as long as it is
answered with an error and some once more, while writes fail and replies are lost. The account is
then what the orders and refunds come to, reckoned by themselves.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, cast

import pytest

from chalicelib.domain.connections import Connection, Provider
from chalicelib.domain.earning import Remaining
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import TryAgain
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.post_purchase import purchase_name
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.receive_platform_event import (
    Came,
    PlatformEvent,
    caller_of,
    receive_platform_event,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import NOW, World, ports_over

SEEDS = range(4)
ORDERS = 15
SECRET = "shpss_0123456789abcdef"
WEB = Connection("conn_web", Provider.SHOPIFY, "web", (Kind.EXTERNAL_ID,), None, NOW)


@dataclass(slots=True)
class Order:
    """An order of the platform: cents and pieces by line, and which pieces went back."""

    number: int
    lines: list[tuple[int, int]]
    back: list[int] = field(default_factory=list)

    @property
    def left(self) -> tuple[Remaining, ...]:
        """What is left of each line."""
        return tuple(
            Remaining(pieces - self.back.count(place), whole - self._gone(place))
            for place, (pieces, whole) in enumerate(self.lines)
        )

    @property
    def points(self) -> int:
        """A point for each euro that is left."""
        return sum(part.amount_minor for part in self.left) // 100

    def events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield (
            "orders/paid",
            {
                "id": self.number,
                "processed_at": NOW.isoformat(),
                "currency": "EUR",
                "financial_status": "paid",
                "customer": {"id": 7},
                "line_items": [
                    {"id": place + 1, "quantity": pieces, "price": f"{whole / 100 / pieces:.6f}"}
                    for place, (pieces, whole) in enumerate(self.lines)
                ],
            },
        )
        for nth, place in enumerate(self.back):
            subtotal = f"{self._piece(place) / 100:.2f}"
            amounts = {"shop_money": {"amount": subtotal, "currency_code": "EUR"}}
            row = {"line_item_id": place + 1, "quantity": 1, "subtotal": float(subtotal)}
            rows = [row | {"subtotal_set": amounts}]
            refund = {"id": self.number * 100 + nth, "order_id": self.number}
            yield "refunds/create", refund | {"refund_line_items": rows}

    def _piece(self, place: int) -> int:
        """What the platform gives back for a piece, rounded upwards."""
        pieces, whole = self.lines[place]
        return -(-whole // pieces)

    def _gone(self, place: int) -> int:
        """Never more than the line had cost."""
        return min(self.lines[place][1], self.back.count(place) * self._piece(place))


class Customers:
    """Who finds members: there is one, the platform's customer 7."""

    def __init__(self, member_id: str) -> None:
        self._member_id = member_id

    def find(self, identifier: Identifier) -> str | None:
        return self._member_id if identifier == Identifier(Kind.EXTERNAL_ID, "7") else None


def some_orders(random: Random) -> list[Order]:
    orders = []
    for number in range(1, ORDERS + 1):
        lines = [(random.randint(1, 3), random.randint(100, 9_999)) for _ in range(2)]
        order = Order(number, lines)
        for place, (pieces, _) in enumerate(lines):
            order.back += [place] * random.randint(0, pieces)
        random.shuffle(order.back)
        orders.append(order)
    return orders


def deliver(ports: Ports, topic: str, event: dict[str, Any], random: Random) -> list[Came]:
    """As the platform does: until it is told that all is well, and then once more, perhaps."""
    raw = json.dumps(event).encode()
    signature = b64encode(hmac.digest(SECRET.encode(), raw, "sha256")).decode()
    sent = PlatformEvent(Provider.SHOPIFY, WEB.connection_id, signature, raw, topic)
    ledger = cast(FakeLedger, ports.ledger)
    came: list[Came] = []
    for _ in range(random.randint(1, 3)):
        told: tuple[Came, ...] = ()
        while not told:
            if random.random() < 0.3:
                ledger.lose_replies += random.choice((0, 1))
                ledger.refuse_writes += random.choice((0, 1, 1, 1_000))
            try:
                told = receive_platform_event(ports, sent, NOW)
            except TryAgain:
                ledger.refuse_writes = 0
        came += told
    return came


@pytest.mark.parametrize("seed", SEEDS)
def test_a_platform_that_repeats_itself_in_any_order_amid_outages_counts_once(seed: int) -> None:
    random = Random(seed)
    ledger = FakeLedger(FakeRewards())
    ports = ports_over(ledger, FakeRewards(), seed=f"events in {seed}")
    member_id = World(f"in{seed}", ports, ledger.open).member()
    ports = replace(ports, people=cast(Any, Customers(member_id)))
    ports.connections.add(WEB, SECRET)
    orders = some_orders(random)
    deliveries = [event for order in orders for event in order.events()] * 2
    random.shuffle(deliveries)
    with ThreadPoolExecutor(4) as crowd:
        done = [
            crowd.submit(deliver, ports, topic, event, Random(f"{seed} {place}"))
            for place, (topic, event) in enumerate(deliveries)
        ]
        came = [outcome for one in done for outcome in one.result()]
    ledger.lose_replies = ledger.refuse_writes = 0
    assert came.count("posted") <= ORDERS
    for order in orders:
        file = ports.ledger.purchase(purchase_name(ports, caller_of(WEB), str(order.number)))
        assert isinstance(file, PurchaseFile)
        assert file.account_id == member_id
        assert file.remaining() == order.left
    assert read_account(ports, member_id, NOW).account.available == sum(o.points for o in orders)
