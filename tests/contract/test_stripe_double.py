"""The double is believed by stripe-python: its objects, errors, keys and webhooks."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe
from stripe.params import SetupIntentCreateParams

from infrastructure.local import stripe_double
from infrastructure.local.stripe_double import Double, Fails, Waits
from tests.contract.stripe_shapes import assert_fits

KEY = "sk_test_double"
NOW = 1_790_000_000


class Clock:
    """Epoch seconds that move when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def double(clock: Clock) -> Iterator[Double]:
    running = stripe_double.start(KEY, clock)
    yield running
    running.close()


def client_of(double: Double, key: str = KEY) -> stripe.StripeClient:
    stripe.enable_telemetry = False  # it would write a file to the home folder
    return stripe.StripeClient(key, base_addresses={"api": double.url}, max_network_retries=0)


@pytest.fixture
def client(double: Double) -> stripe.StripeClient:
    return client_of(double)


def new_intent(client: stripe.StripeClient) -> stripe.SetupIntent:
    customer = client.v1.customers.create({"metadata": {"member_id": "mem_1"}})
    params: SetupIntentCreateParams = {
        "customer": customer.id,
        "usage": "off_session",
        "allowed_payment_method_types": ["card"],
    }
    return client.v1.setup_intents.create(params)


def confirmed(
    client: stripe.StripeClient, card: str = "pm_card_visa"
) -> tuple[stripe.SetupIntent, str]:
    done = client.v1.setup_intents.confirm(new_intent(client).id, {"payment_method": card})
    assert isinstance(done.payment_method, str)
    return done, done.payment_method


def types(double: Double) -> list[str]:
    return [event["type"] for event in double.events]


def test_every_object_is_what_the_class_of_stripe_python_declares(
    client: stripe.StripeClient,
) -> None:
    intent = new_intent(client)
    assert_fits(intent, stripe.SetupIntent)
    done, method_id = confirmed(client)
    assert_fits(done, stripe.SetupIntent)
    assert_fits(client.v1.payment_methods.retrieve(method_id), stripe.PaymentMethod)
    assert isinstance(done.customer, str)
    assert_fits(client.v1.customers.retrieve(done.customer), stripe.Customer)
    methods = client.v1.payment_methods.list({"customer": done.customer, "type": "card"})
    assert_fits(methods.data[0], stripe.PaymentMethod)
    asked = client.v1.setup_intents.confirm(
        intent.id, {"payment_method": "pm_card_threeDSecure2Required"}
    )
    assert_fits(asked, stripe.SetupIntent)
    assert_fits(client.v1.payment_methods.detach(method_id), stripe.PaymentMethod)
    assert_fits(client.v1.setup_intents.cancel(intent.id), stripe.SetupIntent)
    client.v1.customers.delete(done.customer)
    events = client.v1.events.list({"limit": 100}).data
    assert len({event.type for event in events}) == 8
    for event in events:
        assert_fits(event, stripe.Event)


def test_a_card_that_is_accepted_is_attached_with_its_brand_digits_expiry_and_fingerprint(
    client: stripe.StripeClient, double: Double
) -> None:
    done, method_id = confirmed(client)
    method = client.v1.payment_methods.retrieve(method_id)
    assert done.status == "succeeded"
    assert method.customer == done.customer
    assert method.card is not None
    assert (method.card.brand, method.card.last4) == ("visa", "4242")
    assert (method.card.exp_month, method.card.exp_year) == (9, 2027)
    _, other_id = confirmed(client)
    other = client.v1.payment_methods.retrieve(other_id)
    assert other.card is not None
    assert other.id != method.id
    assert other.card.fingerprint == method.card.fingerprint
    assert types(double)[:4] == [
        "customer.created",
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_card_that_is_declined_is_a_card_error_and_the_intent_waits_for_another(
    client: stripe.StripeClient, double: Double, card: str, code: str, decline_code: str | None
) -> None:
    intent = new_intent(client)
    with pytest.raises(stripe.CardError) as caught:
        client.v1.setup_intents.confirm(intent.id, {"payment_method": card})
    assert caught.value.http_status == 402
    assert caught.value.code == code
    assert caught.value.error is not None
    assert caught.value.error.to_dict().get("decline_code") == decline_code
    after = client.v1.setup_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.payment_method is None
    assert after.last_setup_error is not None
    assert_fits(after, stripe.SetupIntent)
    assert types(double)[-1] == "setup_intent.setup_failed"
    again = client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert again.status == "succeeded"


@pytest.mark.parametrize(
    ("card", "outcome", "status", "event"),
    [
        (
            "pm_card_authenticationRequired",
            "success",
            "succeeded",
            "setup_intent.succeeded",
        ),
        (
            "pm_card_threeDSecure2Required",
            "failure",
            "requires_payment_method",
            "setup_intent.setup_failed",
        ),
        (
            "pm_card_threeDSecureRequiredChargeDeclined",
            "success",
            "requires_payment_method",
            "setup_intent.setup_failed",
        ),
    ],
)
def test_a_card_that_asks_for_3d_secure_waits_until_the_customer_has_answered(
    client: stripe.StripeClient, double: Double, card: str, outcome: str, status: str, event: str
) -> None:
    intent = new_intent(client)
    asked = client.v1.setup_intents.confirm(
        intent.id, {"payment_method": card, "return_url": "https://shop.example/back"}
    )
    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert asked.next_action.type == "redirect_to_url"
    assert types(double)[-1] == "setup_intent.requires_action"
    assert isinstance(asked.payment_method, str)
    assert client.v1.payment_methods.retrieve(asked.payment_method).customer is None
    client.raw_request(
        "post", f"/v1/setup_intents/{intent.id}/double/authenticate", outcome=outcome
    )
    assert client.v1.setup_intents.retrieve(intent.id).status == status
    assert types(double)[-1] == event


def test_what_is_done_with_an_intent_or_a_card_cannot_be_done_again(
    client: stripe.StripeClient,
) -> None:
    done, method_id = confirmed(client)
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded") as again:
        client.v1.setup_intents.confirm(done.id, {"payment_method": "pm_card_visa"})
    assert again.value.code == "setup_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded"):
        client.v1.setup_intents.cancel(done.id)
    client.v1.payment_methods.detach(method_id)
    with pytest.raises(stripe.InvalidRequestError, match="not attached to a customer"):
        client.v1.payment_methods.detach(method_id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        client.v1.setup_intents.confirm(new_intent(client).id, {"payment_method": method_id})


def test_a_customer_that_is_deleted_is_gone_with_its_cards(
    client: stripe.StripeClient, double: Double
) -> None:
    done, method_id = confirmed(client)
    assert isinstance(done.customer, str)
    assert client.v1.customers.delete(done.customer).deleted is True
    assert client.v1.customers.retrieve(done.customer).deleted is True
    assert client.v1.payment_methods.retrieve(method_id).customer is None
    detached = next(e for e in double.events if e["type"] == "payment_method.detached")
    assert detached["data"]["previous_attributes"] == {"customer": done.customer}
    for use in (
        lambda: client.v1.setup_intents.create({"customer": str(done.customer)}),
        lambda: client.v1.payment_methods.list({"customer": str(done.customer)}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            use()
        assert (caught.value.code, caught.value.param) == ("resource_missing", "customer")


def test_lists_come_newest_first_page_by_page(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create()
    made = []
    for _ in range(5):
        intent = client.v1.setup_intents.create({"customer": customer.id})
        done = client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
        made.append(done.payment_method)
    first = client.v1.payment_methods.list({"customer": customer.id, "limit": 2})
    assert first.has_more
    assert [method.id for method in first.auto_paging_iter()] == made[::-1]


def test_errors_have_the_classes_that_stripe_python_gives_them(
    double: Double, client: stripe.StripeClient
) -> None:
    with pytest.raises(stripe.AuthenticationError):
        client_of(double, "sk_test_wrong").v1.customers.create()
    for retrieve in (
        client.v1.customers.retrieve,
        client.v1.setup_intents.retrieve,
        client.v1.payment_methods.retrieve,
        client.v1.events.retrieve,
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            retrieve("nothing")
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
        assert caught.value.request_id is not None
    with pytest.raises(stripe.InvalidRequestError) as removed:
        client.raw_request("post", "/v1/setup_intents", payment_method_types=["card"])
    assert removed.value.code == "payment_method_types_no_longer_supported"
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter") as unknown:
        client.raw_request("post", "/v1/customers", colour="blue")
    assert unknown.value.param == "colour"
    double.meet(Fails(429))
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.create()
    double.meet(Fails(500))
    with pytest.raises(stripe.APIError):
        client.v1.customers.create()


def test_a_key_replays_its_first_answer_and_says_so(
    double: Double, client: stripe.StripeClient
) -> None:
    def create() -> stripe.Customer:
        return client.v1.customers.create(
            {"metadata": {"member_id": "mem_1"}}, {"idempotency_key": "k1"}
        )

    first, second = create(), create()
    assert first.id == second.id
    assert first.last_response is not None
    assert second.last_response is not None
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.request_id
    assert types(double) == ["customer.created"]


def test_a_key_replays_a_decline_too(client: stripe.StripeClient) -> None:
    intent = new_intent(client)
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            client.v1.setup_intents.confirm(
                intent.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "k"}
            )
    assert caught.value.headers is not None
    assert caught.value.headers["Idempotent-Replayed"] == "true"


def test_a_key_for_another_request_is_refused(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.customers.create({"name": "B"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.setup_intents.create({}, {"idempotency_key": "k"})


def test_a_key_is_forgotten_after_a_day_and_by_what_never_began(
    double: Double, client: stripe.StripeClient, clock: Clock
) -> None:
    double.meet(Fails(500))
    with pytest.raises(stripe.APIError):
        client.v1.customers.create({}, {"idempotency_key": "k"})
    first = client.v1.customers.create({}, {"idempotency_key": "k"})
    clock.now += 24 * 3600
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id != first.id


def test_a_key_whose_first_request_is_still_at_work_is_a_conflict(
    double: Double, client: stripe.StripeClient
) -> None:
    waits = Waits()
    double.meet(waits)
    made: list[str] = []

    def slow() -> None:
        made.append(client.v1.customers.create({}, {"idempotency_key": "k"}).id)

    thread = threading.Thread(target=slow)
    thread.start()
    assert waits.arrived.wait(10)
    with pytest.raises(stripe.APIError) as caught:
        client.v1.customers.create({}, {"idempotency_key": "k"})
    assert (caught.value.http_status, caught.value.code) == (409, None)
    waits.go.set()
    thread.join(10)
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id == made[0]


def test_a_restart_keeps_customers_cards_events_and_keys(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "stripe.json"
    first = stripe_double.start(KEY, clock, file=file)
    client = client_of(first)
    done, method_id = confirmed(client)
    customer = client.v1.customers.create({}, {"idempotency_key": "k"})
    first.close()
    second = stripe_double.start(KEY, clock, file=file)
    client = client_of(second)
    assert client.v1.payment_methods.retrieve(method_id).customer == done.customer
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id == customer.id
    assert types(second) == types(first)
    second.close()


def test_the_customer_confirms_without_the_secret_key_but_reads_nothing_else(
    double: Double, client: stripe.StripeClient
) -> None:
    intent = new_intent(client)
    browser = client_of(double, "pk_test_browser")
    with pytest.raises(stripe.InvalidRequestError, match="client_secret"):
        browser.raw_request(
            "post",
            f"/v1/setup_intents/{intent.id}/confirm",
            payment_method="pm_card_visa",
            client_secret="seti_wrong",
        )
    done = browser.raw_request(
        "post",
        f"/v1/setup_intents/{intent.id}/confirm",
        payment_method="pm_card_visa",
        client_secret=intent.client_secret,
    )
    assert done.code == 200
    with pytest.raises(stripe.AuthenticationError):
        browser.v1.setup_intents.retrieve(intent.id)
