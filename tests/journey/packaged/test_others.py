"""Other services that the deployed package talks to: receivers of webhooks, platforms, Stripe."""

import hmac
import json
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime
from time import time

from infrastructure.local.stripe_double import signature
from tests.journey.deployment import TEST_KEY, Deployment
from tests.journey.packaged.sooner import due_now
from tests.journey.packaged.steps import (
    an_hour_later,
    available,
    bought,
    purchase,
    staff,
    waited_until,
)
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT
from tests.simulation.receiver import Receiver, receiving

pytestmark = NEEDS_LAMBDAS_PYTHON


def test_a_webhook_is_told_what_a_member_does_in_order_and_again_where_it_failed(
    service: Deployment, till: str, somebody: str
) -> None:
    receiver, admin = Receiver(seed=1, failing=0.0), staff(service, "admin")
    with receiving(receiver):
        wanted = {"url": receiver.url, "events": ["stampbook.points.*"]}
        made = service.call("POST", "/v1/webhooks", wanted, token=admin)
        assert made.status == 201, made.body
        receiver.secret = made.body["secret"]
        receiver.refuse_next = 1
        for _ in range(3):
            bought(service, till, somebody)

        def taken() -> list[int]:
            mine = [one["data"] for one in receiver.events if one["data"]["member_id"] == somebody]
            return [one["seq"] for one in mine]

        assert waited_until(lambda: due_now(service, made.body["hook_id"], [somebody]) == 1)
        an_hour_later(service, "DeliverAgain")
        assert waited_until(lambda: len(taken()) == 3)
        assert taken() == sorted(taken())
        path = f"/v1/webhooks/{made.body['hook_id']}"
        rows = service.call("GET", f"{path}/deliveries", token=admin).body["items"]
        assert [row["outcome"] for row in rows].count("failed") == 1
        tries = receiver.tries
        at = {"from": receiver.events[0]["time"]}
        assert service.call("POST", f"{path}/replay", at, token=admin).status == 202
        assert waited_until(lambda: receiver.tries >= tries + 3)
        assert (len(taken()), receiver.forged) == (3, 0)
        assert service.call("DELETE", path, token=admin).status == 204


def test_a_platforms_orders_count_once_with_no_more_than_the_roles_allow(
    service: Deployment, member_id: str
) -> None:
    before = available(service, member_id)
    wanted = {"provider": "shopify", "source": "web", "secret": "shpss_0123456789abcdef"}
    shopify = service.call("POST", "/v1/connections", wanted, token=staff(service, "admin"))
    assert shopify.status == 201, shopify.body
    order = json.loads((ROOT / "events/shopify_order_paid.json").read_text())
    order |= {"processed_at": datetime.now(UTC).isoformat(), "email": "ada@stampbook.example"}
    order |= {"customer": None}
    mac = hmac.digest(wanted["secret"].encode(), json.dumps(order).encode(), "sha256")
    signed = {"X_Shopify_Hmac_Sha256": b64encode(mac).decode(), "X_Shopify_Topic": "orders/paid"}
    path = f"/v1/providers/shopify/events/{shopify.body['connection_id']}"
    for came in ("posted", "already"):
        told = service.call("POST", path, order, **signed)
        assert (told.status, told.body["outcomes"]) == (200, [came]), told.body
    assert available(service, member_id) == before + 41  # of 41.50


def test_purchases_in_bulk_count_once_and_what_nobody_can_read_comes_back(
    service: Deployment, somebody: str
) -> None:
    sqs, sender = service.client("sqs"), "000000000000"  # whom MiniStack says that all is from
    queue = {"provider": "queue", "source": "bulk", "sender": sender}
    made = service.call("POST", "/v1/connections", queue, token=staff(service, "admin"))
    assert made.status == 201, made.body
    incoming = service.resources["PurchaseQueue"]
    # What a busy machine does not get done comes again sooner than in two minutes.
    sqs.set_queue_attributes(QueueUrl=incoming, Attributes={"VisibilityTimeout": "10"})
    wanted = json.dumps(purchase(somebody))
    for body in ("poison", wanted, wanted):
        sqs.send_message(QueueUrl=incoming, MessageBody=body)
    assert waited_until(lambda: available(service, somebody) > 0)
    assert available(service, somebody) == 50
    refused = service.resources["RefusedQueue"]
    letters = sqs.receive_message(QueueUrl=refused, WaitTimeSeconds=10)["Messages"]
    told_of = json.loads(letters[0]["Body"])
    assert (told_of["source"], told_of["problem"]["code"]) == ("bulk", "malformed_json")


def test_a_card_is_on_file_once_stripe_has_signed_that_it_is(
    service: Deployment, somebody: str
) -> None:
    herself, methods = service.issuer.token(somebody), "/v1/members/me/payment-methods"
    setup = service.call("POST", f"{methods}/setup", token=herself, Idempotency_Key="card-1")
    assert setup.status == 201, setup.body
    intent = f"{service.stripe.url}/v1/setup_intents/{setup.body['setup_intent_id']}"
    typed = urllib.request.Request(f"{intent}/confirm", b"payment_method=pm_card_visa")
    with urllib.request.urlopen(typed) as answer:
        assert json.load(answer)["status"] == "succeeded"
    assert service.call("GET", methods, token=herself).body["items"] == []

    event = next(e for e in service.stripe.events if e["type"] == "setup_intent.succeeded")
    signed = signature(TEST_KEY, int(time()), json.dumps(event).encode())
    path = "/v1/providers/stripe/events"
    forged = service.call("POST", path, event, Stripe_Signature=signed[:-1])
    assert forged.status == 400, forged.body
    assert service.call("GET", methods, token=herself).body["items"] == []
    told = service.call("POST", path, event, Stripe_Signature=signed)
    assert told.status in (200, 204), told.body
    (kept,) = service.call("GET", methods, token=herself).body["items"]
    assert kept["last4"] == "4242"
