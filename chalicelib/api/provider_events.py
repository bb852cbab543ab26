"""Webhooks of outside systems. Each proves itself by its signature over the bytes it sent."""

import msgspec

from chalicelib.api.shell import PUBLIC, Answer, Call, Routes
from chalicelib.domain.refusals import SignatureRefused
from chalicelib.usecases.receive_card_event import receive_card_event

routes = Routes(__name__)


class EventReceived(msgspec.Struct, frozen=True):
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
