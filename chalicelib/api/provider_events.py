"""Webhooks of outside systems. Each proves itself by its signature over the bytes it sent."""

from typing import Literal

import msgspec

from chalicelib.api.shell import PUBLIC, Answer, Call, Routes
from chalicelib.domain.connections import Provider
from chalicelib.domain.refusals import Conflict, SignatureRefused
from chalicelib.usecases.receive_card_event import receive_card_event
from chalicelib.usecases.receive_platform_event import PlatformEvent, receive_platform_event

routes = Routes(__name__)

LARGEST_ORDER_BYTES = 4 * 1024 * 1024
"""Orders of hundreds of lines say much of each that is not read here. Lambda takes 6 MB, in which
every quotation mark is two bytes."""


class EventReceived(msgspec.Struct, frozen=True):
    received: bool = True


class OrderEventReceived(msgspec.Struct, frozen=True):
    """outcomes: what became of each thing that the event told. `already`: an earlier event had told
    it. `waiting`: a return whose purchase has not come. `refused`: for good, and somebody is told.
    `ignored`: nothing that earns."""

    outcomes: list[Literal["posted", "returned", "waiting", "already", "refused", "ignored"]]
    received: bool = True


@routes.post(
    "/v1/providers/stripe/events",
    opens=PUBLIC,
    summary="Receive an event of Stripe's, signed in Stripe-Signature",
    raw_body=True,
    answers={200: EventReceived},
    refuses=(SignatureRefused,),
)
def post_stripe_event(call: Call[None, None]) -> Answer:
    signature = call.headers.get("stripe-signature", "")
    receive_card_event(call.ports, call.raw, signature, call.now)
    return Answer(200, EventReceived())


@routes.post(
    "/v1/providers/shopify/events/{connection_id}",
    opens=PUBLIC,
    summary="Receive an event of Shopify's, signed in X-Shopify-Hmac-Sha256",
    raw_body=True,
    largest_bytes=LARGEST_ORDER_BYTES,
    answers={200: OrderEventReceived},
    refuses=(SignatureRefused, Conflict),
)
def post_shopify_event(call: Call[None, None], connection_id: str) -> Answer:
    """`orders/paid` is posted as a purchase, `refunds/create` as a return; other topics, test
    orders and orders that are not paid are ignored."""
    event = PlatformEvent(
        Provider.SHOPIFY,
        connection_id,
        signature=call.headers.get("x-shopify-hmac-sha256", ""),
        raw=call.raw,
        topic=call.headers.get("x-shopify-topic", ""),
        name=call.headers.get("x-shopify-webhook-id"),
    )
    return Answer(200, OrderEventReceived([*receive_platform_event(call.ports, event, call.now)]))


@routes.post(
    "/v1/providers/square/events/{connection_id}",
    opens=PUBLIC,
    summary="Receive an event of Square's, signed in X-Square-Hmacsha256-Signature",
    raw_body=True,
    largest_bytes=LARGEST_ORDER_BYTES,
    answers={200: OrderEventReceived},
    refuses=(SignatureRefused, Conflict),
)
def post_square_event(call: Call[None, None], connection_id: str) -> Answer:
    """A completed payment is posted as a purchase, a completed refund as a return; whatever else it
    tells is ignored."""
    event = PlatformEvent(
        Provider.SQUARE,
        connection_id,
        signature=call.headers.get("x-square-hmacsha256-signature", ""),
        raw=call.raw,
    )
    return Answer(200, OrderEventReceived([*receive_platform_event(call.ports, event, call.now)]))
