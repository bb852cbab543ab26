"""The payment provider's port against the double: what is sent, what comes back, what fails."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.payment_methods import HeldCard
from chalicelib.domain.refusals import CardRefused, SignatureRefused
from chalicelib.providers.stripe_cards import StripeCards
from chalicelib.usecases.ports import CardEvent, CustomerLost, StoreUnavailable
from infrastructure.local.stripe_double import Fails, LosesReply, signature
from tests.at_stripe import AtStripe
from tests.conftest import SECRET

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def at_stripe() -> Iterator[AtStripe]:
    running = AtStripe(lambda: NOW)
    yield running
    running.double.close()


@pytest.fixture
def cards(at_stripe: AtStripe) -> StripeCards:
    return at_stripe.cards()


def test_stripe_is_not_loaded_before_it_is_needed() -> None:
    program = (
        "import sys; from chalicelib.providers.stripe_cards import StripeCards;"
        "StripeCards('https://api.stripe.com', str, tuple); print('stripe' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert loaded.stdout.strip() == "False", loaded.stderr


def test_a_repeated_key_opens_one_customer_and_begins_one_setup(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    customer = cards.open_customer("mem_1", "k1")
    assert cards.open_customer("mem_1", "k1") == customer
    assert at_stripe.customers_of("mem_1") == [customer]
    setup = cards.begin_setup(customer, "k2")
    assert cards.begin_setup(customer, "k2") == setup
    assert cards.setup(setup.setup_intent_id) == setup
    (intent,) = (e["data"]["object"] for e in at_stripe.events("setup_intent.created"))
    assert intent["customer"] == customer
    assert intent["usage"] == "off_session"
    assert intent["allowed_payment_method_types"] == ["card"]


def test_the_librarys_own_second_try_after_a_lost_reply_makes_nothing_twice(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    at_stripe.double.meet(LosesReply())
    customer = cards.open_customer("mem_1", "k1")
    assert at_stripe.customers_of("mem_1") == [customer]


def test_the_cards_of_a_customer_are_all_that_it_has(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    customer = cards.open_customer("mem_1", "k1")
    assert cards.held(customer) == []
    made = []
    for number in range(101):  # more than one page of Stripe's
        setup = cards.begin_setup(customer, f"setup {number}")
        made.append(at_stripe.confirm(setup.setup_intent_id, "pm_card_mastercard"))
    held = cards.held(customer)
    assert held is not None
    assert {card.payment_method_id for card in held} == set(made)
    assert held[0] == HeldCard(
        payment_method_id=made[-1],
        brand="mastercard",
        last4="4444",
        exp_month=11,
        exp_year=2027,
        fingerprint=held[1].fingerprint,
        created_at=NOW,
    )


def test_detaching_is_done_once_and_may_be_asked_for_again(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    customer = cards.open_customer("mem_1", "k1")
    method_id = at_stripe.confirm(cards.begin_setup(customer, "k2").setup_intent_id)
    for _ in range(2):
        cards.detach(method_id)
        assert cards.held(customer) == []
    cards.detach("pm_never_was")
    assert len(at_stripe.events("payment_method.detached")) == 1


def test_a_customer_that_was_deleted_is_lost(at_stripe: AtStripe, cards: StripeCards) -> None:
    customer = cards.open_customer("mem_1", "k1")
    at_stripe.client.v1.customers.delete(customer)
    assert cards.held(customer) is None
    with pytest.raises(CustomerLost):
        cards.begin_setup(customer, "k2")
    assert cards.setup("seti_never_was") is None


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_trouble_at_stripe_is_an_outage(
    at_stripe: AtStripe, cards: StripeCards, status: int
) -> None:
    for _ in range(2):
        at_stripe.double.meet(Fails(status))
    with pytest.raises(StoreUnavailable):
        cards.held("cus_1")


def test_nobody_at_the_address_and_a_key_that_stripe_refuses_are_outages(
    at_stripe: AtStripe,
) -> None:
    wrong = StripeCards(at_stripe.double.url, lambda: "sk_test_wrong", tuple)
    with pytest.raises(StoreUnavailable):
        wrong.open_customer("mem_1", "k1")
    cards = at_stripe.cards()
    at_stripe.double.close()
    with pytest.raises(StoreUnavailable):
        cards.open_customer("mem_1", "k1")


def test_a_key_that_is_rotated_is_used_from_the_next_call_on(at_stripe: AtStripe) -> None:
    keys = ["sk_test_old", SECRET["stripe_api_key"]]
    cards = StripeCards(at_stripe.double.url, lambda: keys.pop(0), tuple)
    with pytest.raises(StoreUnavailable):
        cards.open_customer("mem_1", "k1")
    assert cards.open_customer("mem_1", "k1").startswith("cus_")


def test_an_address_that_would_send_the_key_in_clear_is_refused() -> None:
    with pytest.raises(ValueError, match="https"):
        StripeCards("http://api.stripe.example", str, tuple)


def test_events_name_the_customer_whose_cards_may_have_changed(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    customer = cards.open_customer("mem_1", "k1")
    method_id = at_stripe.confirm(cards.begin_setup(customer, "k2").setup_intent_id)
    at_stripe.client.v1.payment_methods.update(method_id, {"card": {"exp_year": 2030}})
    cards.detach(method_id)
    at_stripe.client.v1.customers.delete(customer)
    named = {}
    for event in at_stripe.events():
        seen = cards.event(*at_stripe.signed(event), NOW)
        assert seen.event_id == event["id"]
        named[event["type"]] = seen.customer_id
    assert named == {
        "customer.created": None,
        "setup_intent.created": None,
        "payment_method.attached": customer,
        "setup_intent.succeeded": customer,
        "payment_method.updated": customer,
        "payment_method.detached": customer,
        "customer.deleted": customer,
    }


def test_an_event_is_believed_for_five_minutes_by_the_services_own_clock(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    cards.open_customer("mem_1", "k1")
    event = at_stripe.events()[0]
    body, header = at_stripe.signed(event)
    for seconds in (-300, 0, 300):
        seen = cards.event(body, header, NOW + timedelta(seconds=seconds))
        assert seen == CardEvent(event["id"], None)
    for seconds in (-301, 301, 10**8):
        with pytest.raises(SignatureRefused):
            cards.event(body, header, NOW + timedelta(seconds=seconds))


def test_while_a_secret_is_rolled_either_of_two_signatures_is_enough(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    cards.open_customer("mem_1", "k1")
    body, header = at_stripe.signed(at_stripe.events()[0])
    at, ours = header.split(",")
    theirs = signature("whsec_new", int(at[2:]), body).split(",")[1]
    assert cards.event(body, f"{at},{theirs},{ours}", NOW).event_id
    with pytest.raises(SignatureRefused):
        cards.event(body, f"{at},{theirs}", NOW)


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"id": 1, "object": "event"}', "12"])
def test_what_is_signed_and_no_event_is_refused(cards: StripeCards, text: str) -> None:
    body = text.encode()
    header = signature(SECRET["stripe_webhook_secret"], int(NOW.timestamp()), body)
    with pytest.raises(SignatureRefused):
        cards.event(body, header, NOW)


@pytest.mark.parametrize("secret", ["", " "])
def test_an_empty_secret_verifies_nothing(at_stripe: AtStripe, secret: str) -> None:
    cards = StripeCards(at_stripe.double.url, str, lambda: (secret,))
    header = signature(secret, int(NOW.timestamp()), b"{}")
    with pytest.raises(SignatureRefused):
        cards.event(b"{}", header, NOW)


def test_a_card_error_of_stripes_is_a_refusal_with_its_code(
    at_stripe: AtStripe, cards: StripeCards
) -> None:
    at_stripe.double.meet(Fails(402))
    with pytest.raises(CardRefused) as caught:
        cards.begin_setup("cus_1", "k1")
    assert caught.value.reason == "card_declined"
