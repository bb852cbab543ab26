"""Stripe as the holder of cards. The only module that imports stripe, and only on first use.

Must not know members' data: what Stripe is told of a member is its id.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.domain.payment_methods import HeldCard
from chalicelib.domain.refusals import CardRefused, SignatureRefused
from chalicelib.providers.http import check_address
from chalicelib.usecases.ports import CardEvent, CardSetup, CustomerLost, StoreUnavailable

if TYPE_CHECKING:
    import stripe
    from stripe import RequestOptions
    from stripe.params import SetupIntentCreateParams

_log = logging.getLogger(__name__)
_TOLERANCE_SECONDS = 300
_ANY_AGE = 10**12
_CONNECT_SECONDS, _READ_SECONDS, _RETRIES = 1.0, 4.0, 1  # two such calls fit API Gateway's 29 s
_OF_CARDS = frozenset(
    {
        "customer.deleted",
        "payment_method.attached",
        "payment_method.automatically_updated",
        "payment_method.detached",
        "payment_method.updated",
        "setup_intent.succeeded",
    }
)
"""The types of events after which a customer's cards may be others than before."""


class StripeCards:
    """The `Cards` port. The secrets are asked for at each use, so that they can be rotated. Of
    webhooks' secrets there may be several, each good by itself: while one is rolled, Stripe signs
    with the old and the new one, and another endpoint signs with its own."""

    def __init__(
        self,
        api_base: str,
        api_key: Callable[[], str],
        webhook_secrets: Callable[[], tuple[str, ...]],
    ) -> None:
        self._api_base = check_address(api_base)
        self._api_key = api_key
        self._webhook_secrets = webhook_secrets
        self._client: tuple[str, stripe.StripeClient] | None = None
        self._guard = Lock()

    def open_customer(self, member_id: str, key: str) -> str:
        with _stripe_errors():
            customer = self._stripe().v1.customers.create(
                {"metadata": {"member_id": member_id}}, {"idempotency_key": key}
            )
        return customer.id

    def begin_setup(self, customer_id: str, key: str) -> CardSetup:
        try:
            with _stripe_errors():
                params: SetupIntentCreateParams = {
                    "customer": customer_id,
                    "usage": "off_session",
                    "allowed_payment_method_types": ["card"],
                }
                options: RequestOptions = {"idempotency_key": key}
                intent = self._stripe().v1.setup_intents.create(params, options)
        except _Missing as error:
            raise CustomerLost(customer_id) from error
        return _setup(intent)

    def setup(self, setup_intent_id: str) -> CardSetup | None:
        try:
            with _stripe_errors():
                return _setup(self._stripe().v1.setup_intents.retrieve(setup_intent_id))
        except _Missing:
            return None

    def held(self, customer_id: str) -> list[HeldCard] | None:
        try:
            with _stripe_errors():
                page = self._stripe().v1.payment_methods.list(
                    {"customer": customer_id, "type": "card", "limit": 100}
                )
                return [_held(method) for method in page.auto_paging_iter()]
        except _Missing:
            return None

    def detach(self, payment_method_id: str) -> None:
        methods = self._stripe().v1.payment_methods
        try:
            with _stripe_errors():
                # No key of ours: an error that Stripe remembered would stand in the way for a day.
                methods.detach(payment_method_id)
        except _Missing:
            return
        except _Invalid:
            with _stripe_errors():
                if methods.retrieve(payment_method_id).customer is not None:
                    raise

    def delete_customer(self, customer_id: str) -> None:
        try:
            with _stripe_errors():
                self._stripe().v1.customers.delete(customer_id)
        except _Missing:
            return

    def event(self, raw: bytes, signature: str, now: datetime) -> CardEvent:
        event = _signed_by_any(raw, signature, self._webhook_secrets())
        if abs(now.timestamp() - _signed_at(signature)) > _TOLERANCE_SECONDS:
            raise SignatureRefused
        return event

    def _stripe(self) -> "stripe.StripeClient":
        key = self._api_key()
        with self._guard:
            if self._client is None or self._client[0] != key:
                self._client = key, _new_client(key, self._api_base)
            return self._client[1]


class _Invalid(Exception):
    """Stripe refuses the request as it is."""


class _Missing(_Invalid):
    """What the request names is not there (any more)."""


@contextmanager
def _stripe_errors() -> Iterator[None]:
    """Tell Stripe's errors apart, in one place. An error that only we can have made passes."""
    import stripe

    try:
        yield
    except stripe.CardError as error:
        raise CardRefused(error.code or "card_error") from error
    except stripe.InvalidRequestError as error:
        kind = _Missing if error.code == "resource_missing" else _Invalid
        raise kind(error.user_message) from error
    except stripe.IdempotencyError:
        raise
    except stripe.StripeError as error:
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            _log.error("Stripe refuses our key: %s", error.request_id)
        raise StoreUnavailable(f"Stripe: {type(error).__name__}") from error


def _new_client(api_key: str, api_base: str) -> "stripe.StripeClient":
    import stripe

    stripe.enable_telemetry = False  # it writes a file into the home folder
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base},
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=(_CONNECT_SECONDS, _READ_SECONDS)),
    )


def _setup(intent: "stripe.SetupIntent") -> CardSetup:
    return CardSetup(intent.id, intent.client_secret or "")


def _held(method: "stripe.PaymentMethod") -> HeldCard:
    card = method.card
    assert card is not None, "a method of type card has one"  # noqa: S101  # Stripe's own promise
    return HeldCard(
        payment_method_id=method.id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        fingerprint=card.fingerprint,
        created_at=datetime.fromtimestamp(method.created, UTC),
    )


def _signed_by_any(raw: bytes, signature: str, secrets: tuple[str, ...]) -> CardEvent:
    for secret in secrets:
        with suppress(SignatureRefused):
            return _verified(raw, signature, secret)
    raise SignatureRefused


def _verified(raw: bytes, signature: str, secret: str) -> CardEvent:
    """The event in a body that the library itself believes; of any age."""
    import stripe

    try:
        event = stripe.Webhook.construct_event(raw, signature, secret, _ANY_AGE)
        customer_id = _customer_of(event) if event.type in _OF_CARDS else None
        return CardEvent(event.id, customer_id)
    except (stripe.SignatureVerificationError, ValueError, TypeError, LookupError) as error:
        raise SignatureRefused from error
    except AttributeError as error:  # signed, and still no event as Stripe writes them
        raise SignatureRefused from error


def _signed_at(signature: str) -> int:
    """When a header that was verified says it was signed, in epoch seconds."""
    return int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))


def _customer_of(event: "stripe.Event") -> str | None:
    """Whose cards an event is about. One of a card that was detached names its customer only
    among what was before."""
    data = event.data.to_dict()
    about, before = data["object"], data.get("previous_attributes") or {}
    named = about["id"] if about["object"] == "customer" else about.get("customer")
    named = named or before.get("customer")
    return named if isinstance(named, str) else None
