"""A card on file is a reference that Stripe keeps; the bank may want to know who it is first."""

from uuid import uuid4

from tests.journey.running import Person, Service

METHODS = "/v1/members/me/payment-methods"


def test_a_card_is_authenticated_kept_listed_and_detached(
    service: Service, somebody: Person
) -> None:
    key = str(uuid4())
    setup = service.ask(f"POST {METHODS}/setup", token=somebody.token, Idempotency_Key=key)
    assert setup.status == 201
    intent = f"/v1/setup_intents/{setup.body['setup_intent_id']}"
    stripe = service.local_json["stripe"]["api_base"].removeprefix("http://")

    declined = "payment_method=pm_card_chargeDeclined"
    assert service.ask(f"POST {intent}/confirm", declined, at=stripe).status == 402
    card = "payment_method=pm_card_authenticationRequired"
    confirmed = service.ask(f"POST {intent}/confirm", card, at=stripe)
    assert confirmed.body["status"] == "requires_action"
    service.ask("POST /_dev/drain")
    assert service.ask(f"GET {METHODS}", token=somebody.token).body["items"] == []

    done = service.ask(f"POST {intent}/double/authenticate", at=stripe)
    assert done.body["status"] == "succeeded"
    service.ask("POST /_dev/drain")
    (kept,) = service.ask(f"GET {METHODS}", token=somebody.token).body["items"]
    assert kept["last4"] == "3184"

    gone = service.ask(f"DELETE {METHODS}/{kept['id']}", token=somebody.token)
    assert gone.status == 204
    assert service.ask(f"GET {METHODS}", token=somebody.token).body["items"] == []
