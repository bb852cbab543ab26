"""What others do at Stripe while we look: the customer in its browser, staff, Stripe's courier."""

from collections.abc import Callable
from datetime import datetime
from secrets import token_bytes

import stripe

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.names import new_id
from chalicelib.providers.stripe_cards import StripeCards
from chalicelib.usecases.ports import Ports, Write
from infrastructure.local import stripe_double
from infrastructure.local.stripe_double import body_of, signature
from infrastructure.local.stripe_double.objects import Json
from tests.conftest import SECRET


class AtStripe:
    """A double with the service's own secrets, and hands to use it with."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.double = stripe_double.start(
            SECRET["stripe_api_key"], lambda: self.clock().timestamp()
        )
        stripe.enable_telemetry = False
        self.client = stripe.StripeClient(
            SECRET["stripe_api_key"], base_addresses={"api": self.double.url}
        )

    def cards(self) -> StripeCards:
        """The provider, as the service uses it."""
        return StripeCards(
            self.double.url,
            lambda: SECRET["stripe_api_key"],
            lambda: (SECRET["stripe_webhook_secret"],),
        )

    def confirm(self, setup_intent_id: str, card: str = "pm_card_visa") -> str:
        """The customer types a card into Stripe's form; the payment method's id."""
        done = self.client.v1.setup_intents.confirm(setup_intent_id, {"payment_method": card})
        assert isinstance(done.payment_method, str)
        return done.payment_method

    def authenticate(self, setup_intent_id: str, outcome: str = "success") -> None:
        """The customer answers 3-D Secure."""
        path = f"/v1/setup_intents/{setup_intent_id}/double/authenticate"
        self.client.raw_request("post", path, outcome=outcome)

    def customers_of(self, member_id: str) -> list[str]:
        """The customers that were ever created for a member."""
        created = (e["data"]["object"] for e in self.events() if e["type"] == "customer.created")
        return [c["id"] for c in created if c["metadata"] == {"member_id": member_id}]

    def is_there(self, customer_id: str) -> bool:
        """Whether Stripe still knows a customer."""
        return "deleted" not in self.client.v1.customers.retrieve(customer_id)

    def attached(self, customer_id: str) -> set[tuple[str, str, int]]:
        """What Stripe holds: payment method, last four digits, year of expiry; nothing for a
        customer that was deleted."""
        if "deleted" in self.client.v1.customers.retrieve(customer_id):
            return set()
        methods = self.client.v1.payment_methods.list({"customer": customer_id, "limit": 100})
        return {
            (method.id, method.card.last4, method.card.exp_year)
            for method in methods.auto_paging_iter()
            if method.card is not None
        }

    def events(self, type_: str | None = None) -> list[Json]:
        """Every event so far, oldest first."""
        return [event for event in self.double.events if type_ in (None, event["type"])]

    def signed(self, event: Json) -> tuple[bytes, str]:
        """An event as Stripe sends it now: body and `Stripe-Signature`."""
        body = body_of(event)
        at = int(self.clock().timestamp())
        return body, signature(SECRET["stripe_webhook_secret"], at, body)


def new_member(ports: Ports, now: datetime) -> str:
    """A member of whom nothing is known but that it has an account."""
    member_id = new_id("mem", token_bytes(16))
    opening = opening_entry(member_id, AccountStatus.ACTIVE, now)
    ports.ledger.commit(Write((), (opening,)))
    return member_id
