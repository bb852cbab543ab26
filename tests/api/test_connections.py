"""Connections over HTTP, and what comes in by them: signed by the platform, counted once."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.storage import keys
from chalicelib.storage.connections import ConnectionItem
from chalicelib.storage.reading import get
from chalicelib.workers import erase
from tests.api.client import Reply
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.api.leaving import Context, Leaver, message
from tests.api.shop import Shop
from tests.fakes.connections import FakeRefusedQueue

EVENTS = Path(__file__).parents[2] / "events"
SECRET, OTHER = "shpss_0123456789abcdef", "shpss_fedcba9876543210"
BASE = "https://api.stampbook.test"
PAID, REFUNDED = "orders/paid", "refunds/create"


def order(**changes: Any) -> Any:
    """The sample order of 41.50 EUR, under an id of its own."""
    return _sample("shopify_order_paid.json") | {"id": int(token_hex(6), 16)} | changes


def refund(of: Any, **changes: Any) -> Any:
    """The sample refund of 15.75 EUR of an order."""
    own = {"id": int(token_hex(6), 16), "order_id": of["id"]}
    return _sample("shopify_refund_created.json") | own | changes


def payment(**changes: Any) -> Any:
    """The sample payment of 18.50 EUR and a tip."""
    event = _sample("square_payment_updated.json")
    event["data"]["object"]["payment"] |= {"id": token_hex(10), **changes}
    return event


def _sample(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


def signed(secret: str, raw: bytes) -> str:
    return b64encode(hmac.digest(secret.encode(), raw, "sha256")).decode()


class Platforms:
    """A shop that platforms are connected to, and what they send."""

    def __init__(self, shop: Shop, club: Club) -> None:
        self.shop = shop
        self.club = club
        self.admin = shop.staff("admin")
        self.refused = FakeRefusedQueue()
        ports = replace(shop.services.ports, refused=self.refused)
        wiring.install(replace(shop.services, ports=ports))
        shop.promise(purposes=CLUB.purposes, attributes=CLUB.attributes)

    def connect(self, provider: str, **fields: Any) -> Any:
        body = {"provider": provider, "source": f"web-{token_hex(4)}", "secret": SECRET, **fields}
        reply = self.shop.client.post("/v1/connections", body, bearer=self.admin)
        assert reply.status == 201, reply.body
        return reply.json()

    def shopify(self, connection: Any, topic: str, event: Any, secret: str = SECRET) -> Reply:
        raw = json.dumps(event).encode()
        return self.send(connection, topic, raw, signed(secret, raw))

    def square(self, connection: Any, event: Any) -> Reply:
        raw = json.dumps(event).encode()
        headers = {
            "X-Square-Hmacsha256-Signature": signed(SECRET, connection["address"].encode() + raw)
        }
        path = connection["address"].removeprefix(BASE)
        return self.shop.client.call("POST", path, body=raw, headers=headers)

    def send(self, connection: Any, topic: str, raw: bytes, signature: str) -> Reply:
        headers = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Topic": topic}
        path = connection["address"].removeprefix(BASE)
        return self.shop.client.call("POST", path, body=raw, headers=headers)

    def earned(self, member_id: str) -> int:
        return int(self.shop.account(member_id)["available"])


def outcomes(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return reply.json()["outcomes"]


@pytest.fixture
def platforms(shop: Shop, club: Club) -> Platforms:
    return Platforms(shop, club)


def test_an_order_and_its_refund_count_once_in_whatever_order_and_however_often_they_come(
    platforms: Platforms,
) -> None:
    shopify = platforms.connect("shopify")
    customer = int(token_hex(6), 16)
    member_id = platforms.club.member(external_id=str(customer))["member_id"]
    bought = order(customer={"id": customer, "email": "Jon@example.com"})
    first, late = refund(bought), refund(bought)
    assert outcomes(platforms.shopify(shopify, REFUNDED, first)) == ["waiting"]
    for came in ("posted", "already", "already"):
        assert outcomes(platforms.shopify(shopify, PAID, bought)) == [came]
    assert platforms.earned(member_id) == 41 - 16  # 25.75 EUR are left of 41.50
    for came in ("returned", "already"):
        assert outcomes(platforms.shopify(shopify, REFUNDED, late)) == [came]
        assert outcomes(platforms.shopify(shopify, REFUNDED, first)) == ["already"]
    assert platforms.earned(member_id) == 10  # both bags went back: a mug is left
    assert platforms.refused.told == []


def test_a_refund_takes_what_is_left_where_the_platform_has_rounded_upwards(
    platforms: Platforms,
) -> None:
    shopify, bought = platforms.connect("shopify"), order()
    assert outcomes(platforms.shopify(shopify, PAID, bought)) == ["posted"]
    most = refund(bought)
    most["refund_line_items"][0] |= {"quantity": 2, "subtotal": 31.51}
    for came in ("returned", "already"):
        assert outcomes(platforms.shopify(shopify, REFUNDED, most)) == [came]
    assert outcomes(platforms.shopify(shopify, REFUNDED, refund(bought))) == ["refused"]
    (told,) = platforms.refused.told
    assert told["problem"]["code"] == "return_exceeds_purchase"  # type: ignore[index]  # a document
    assert told["purchase_id"] == str(bought["id"])


def test_the_bytes_that_were_signed_arrive_however_the_gateway_passes_them_on(
    platforms: Platforms,
) -> None:
    shopify = platforms.connect("shopify")
    bought = order(note="Grüße 🫘", customer=None)
    raw = json.dumps(bought, ensure_ascii=False, indent=2).encode()
    headers = {"X-Shopify-Hmac-Sha256": signed(SECRET, raw), "X-Shopify-Topic": PAID}
    path = shopify["address"].removeprefix(BASE)
    # What API Gateway takes for binary it hands over in base64, everything else as text.
    kinds = ("application/json", "application/octet-stream", "application/json; charset=utf-8")
    for kind, came in zip(kinds, ("posted", "already", "already"), strict=True):
        sent = headers | {"Content-Type": kind}
        reply = platforms.shop.client.call("POST", path, body=raw, headers=sent)
        assert outcomes(reply) == [came]


def test_what_is_told_again_of_who_was_erased_changes_nothing_and_is_no_error(
    platforms: Platforms, clock: Clock
) -> None:
    shopify, leaver = platforms.connect("shopify"), Leaver(platforms.club)
    leaver.join()
    bought = order(customer={"id": 7, "email": leaver.email}, email=leaver.email)
    back, late = refund(bought), refund(bought)
    assert outcomes(platforms.shopify(shopify, PAID, bought)) == ["posted"]
    assert outcomes(platforms.shopify(shopify, REFUNDED, back)) == ["returned"]
    erasure_id = leaver.ask().json()["erasure_id"]
    clock.forward(days=15)
    erase.handle(message(erasure_id), Context())
    assert platforms.club.profile(leaver.member_id).code == "member_erased"
    for topic, event in ((PAID, bought), (REFUNDED, back), (REFUNDED, late)):
        assert outcomes(platforms.shopify(shopify, topic, event)) == ["already"]
    assert platforms.refused.told == []
    # What the platform tells of the same address from now on is nobody's.
    other = order(customer={"id": 7, "email": leaver.email}, email=leaver.email)
    assert outcomes(platforms.shopify(shopify, PAID, other)) == ["posted"]


def test_whom_nobody_knows_can_claim_what_a_platform_has_posted(platforms: Platforms) -> None:
    source = f"web-{token_hex(4)}"
    shopify, bought = platforms.connect("shopify", source=source), order(customer=None)
    assert outcomes(platforms.shopify(shopify, PAID, bought)) == ["posted"]
    member_id = platforms.club.member()["member_id"]
    key = platforms.shop.client.post(
        "/v1/keys", {"source": source, "numeric_ids": True}, bearer=platforms.admin
    ).json()["secret"]
    claim = {"member": {"member_id": member_id}}
    path = f"/v1/purchases/{bought['id']}/claim"
    assert platforms.shop.client.post(path, claim, bearer=key).status == 201
    assert platforms.earned(member_id) == 41
    # The platform says by now whose it is: it counted for whom it was claimed, once.
    bought["customer"] = {"id": 7, "email": platforms.club.member()["email"]}
    assert outcomes(platforms.shopify(shopify, PAID, bought)) == ["already"]


def test_a_payment_of_square_counts_for_whom_its_address_names(platforms: Platforms) -> None:
    square = platforms.connect("square", match=["email"])
    who = platforms.club.member()
    event = payment(buyer_email_address=who["email"].upper())
    for came in ("posted", "already"):
        assert outcomes(platforms.square(square, event)) == [came]
    assert platforms.earned(who["member_id"]) == 18
    back = _sample("square_refund_updated.json")
    paid = event["data"]["object"]["payment"]["id"]
    back["data"]["object"]["refund"] |= {"id": token_hex(10), "payment_id": paid}
    for came in ("returned", "already"):
        assert outcomes(platforms.square(square, back)) == [came]
    assert platforms.earned(who["member_id"]) == 0
    assert outcomes(platforms.square(square, payment(status="APPROVED"))) == ["ignored"]


def test_what_is_not_signed_by_its_own_connection_is_refused(platforms: Platforms) -> None:
    shopify, square = platforms.connect("shopify"), platforms.connect("square")
    raw = json.dumps(order()).encode()
    good = signed(SECRET, raw)
    removed = platforms.connect("shopify")
    path = f"/v1/connections/{removed['connection_id']}"
    assert platforms.shop.client.delete(path, bearer=platforms.admin).status == 204
    unknown = {"address": f"{BASE}/v1/providers/shopify/events/conn_unknown"}
    for connection, sent, signature in (
        (shopify, raw + b" ", good),
        (shopify, raw, ""),
        (shopify, raw, signed(OTHER, raw)),
        (shopify, raw, "sch\u00f6n"),
        (removed, raw, good),
        (unknown, raw, good),
        ({"address": square["address"].replace("square", "shopify")}, raw, good),
    ):
        reply = platforms.send(connection, PAID, sent, signature)
        assert (reply.status, reply.code) == (400, "signature_refused")
    moved = {"address": platforms.connect("square")["address"]}
    event = payment()
    body = json.dumps(event).encode()
    signature = signed(SECRET, square["address"].encode() + body)
    headers = {"X-Square-Hmacsha256-Signature": signature}
    reply = platforms.shop.client.call(
        "POST", moved["address"].removeprefix(BASE), body=body, headers=headers
    )
    assert reply.code == "signature_refused"  # it was signed for another address


def test_the_secret_before_is_good_for_a_day(platforms: Platforms, clock: Clock) -> None:
    shopify = platforms.connect("shopify")
    path = f"/v1/connections/{shopify['connection_id']}/secret"
    for _ in range(2):  # once more changes nothing
        changed = platforms.shop.client.post(path, {"secret": OTHER}, bearer=platforms.admin)
        assert changed.json()["former_until"] == "2026-11-23T09:30:00.000Z"
    unpaid = order(financial_status="pending")
    for secret in (SECRET, OTHER):
        assert outcomes(platforms.shopify(shopify, PAID, unpaid, secret)) == ["ignored"]
    clock.forward(days=1)
    assert platforms.shopify(shopify, PAID, unpaid).code == "signature_refused"
    assert outcomes(platforms.shopify(shopify, PAID, unpaid, OTHER)) == ["ignored"]


def test_what_no_repetition_mends_is_told_elsewhere_and_not_sent_again(
    platforms: Platforms,
) -> None:
    shopify = platforms.connect("shopify")
    foreign, old = order(currency="USD"), order(processed_at="2020-01-01T00:00:00Z")
    broken = order(line_items=[{"quantity": 1, "price": "4111111111111111x"}])
    for event in (foreign, old, broken):
        assert outcomes(platforms.shopify(shopify, PAID, event)) == ["refused"]
    raw = b'{"id": '
    assert outcomes(platforms.send(shopify, PAID, raw, signed(SECRET, raw))) == ["refused"]
    codes = [told["problem"]["code"] for told in platforms.refused.told]  # type: ignore[index]  # documents
    assert codes == [
        "currency_not_accepted",
        "too_far_back",
        "invalid_content",
        "invalid_content",
    ]
    assert "4111" not in json.dumps(platforms.refused.told)


def test_a_list_goes_on_where_it_was_though_its_last_connection_has_ended(
    platforms: Platforms,
) -> None:
    client, admin = platforms.shop.client, platforms.admin
    made = {platforms.connect("shopify")["connection_id"] for _ in range(4)}
    seen, page = [], {"next_cursor": ""}
    while page["next_cursor"] is not None:
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        page = client.get(f"/v1/connections?limit=2{cursor}", bearer=admin).json()
        seen += [one["connection_id"] for one in page["items"]]
        if seen[-1] in made:
            assert client.delete(f"/v1/connections/{seen[-1]}", bearer=admin).status == 204
    assert made <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_secret_is_never_shown_and_never_stored_as_it_is(platforms: Platforms) -> None:
    made = platforms.connect("shopify")
    client, admin = platforms.shop.client, platforms.admin
    path = f"/v1/connections/{made['connection_id']}"
    shown = client.get(path, bearer=admin)
    assert shown.json() == made
    listed = client.get("/v1/connections?limit=100", bearer=admin)
    assert made in listed.json()["items"]
    item = get(ConnectionItem, keys.CONNECTION, made["connection_id"])
    assert item is not None
    stored = f"{item.document} {item.secret!r} {item.former!r} {item.wrapped_key!r}"
    for text in (shown.body.decode(), listed.body.decode(), stored):
        assert SECRET not in text
    assert client.get(path, bearer=platforms.shop.staff("marketer")).status == 403
    assert client.get(path, bearer=platforms.shop.till).status == 403


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"provider": "shopify"}, "/secret", "required"),
        ({"provider": "shopify", "secret": "with blanks in the text"}, "/secret", "malformed"),
        ({"provider": "shopify", "secret": SECRET, "sender": "AROA1"}, "/sender", "not_for_this"),
        ({"provider": "square", "secret": SECRET, "match": ["phone"]}, "/match", "not_for_this"),
        ({"provider": "square", "secret": SECRET, "match": ["email"] * 2}, "/match", "duplicate"),
        ({"provider": "queue"}, "/sender", "required"),
        ({"provider": "queue", "sender": "AROA1", "secret": SECRET}, "/secret", "not_for_this"),
    ],
)
def test_a_connection_says_what_its_provider_needs_and_nothing_else(
    platforms: Platforms, body: Any, pointer: str, code: str
) -> None:
    sent = {"source": "web", **body}
    reply = platforms.shop.client.post("/v1/connections", sent, bearer=platforms.admin)
    assert (reply.status, reply.pointers) == (422, {pointer: code})
