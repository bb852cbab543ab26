"""SetupIntents: the way of a card from the customer's form to the customer's account.

requires_payment_method -> (requires_action ->) succeeded, or back with `last_setup_error`.
"""

import copy
from typing import Any

from infrastructure.local.stripe_double import objects, payment_methods, refused
from infrastructure.local.stripe_double.cards import CARDS, Decline, TestCard
from infrastructure.local.stripe_double.objects import Json
from infrastructure.local.stripe_double.work import Work

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(work: Work) -> Json:
    """A new SetupIntent; only cards are known here."""
    customer_id = work.text("customer")
    allowed = _allowed(work)
    usage = work.one_of("usage", ("off_session", "on_session")) or "off_session"
    metadata = work.metadata()
    if customer_id is not None:
        work.customer(customer_id, "customer")
    made = objects.setup_intent(work.now, customer_id, usage, metadata, allowed)
    work.state.setup_intents[made["id"]] = made
    work.tell("setup_intent.created", made)
    return made


def _allowed(work: Work) -> list[str] | None:
    if "payment_method_types" in work.params:
        raise refused.Refused(
            400,
            "The `payment_method_types` parameter is no longer supported. Use "
            "`allowed_payment_method_types` instead.",
            kept=False,
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
        )
    allowed: list[str] | None = work.params.get("allowed_payment_method_types")
    if allowed not in (None, ["card"]):
        raise refused.invalid_parameter(
            "allowed_payment_method_types", "This double knows cards alone"
        )
    return allowed


def retrieve(work: Work, intent_id: str) -> Json:
    """A SetupIntent; its client secret, where given, must be the right one."""
    held = work.state.setup_intents.get(intent_id)
    if held is None:
        raise refused.missing("setupintent", intent_id, "intent")
    secret = work.text("client_secret")
    if secret is not None and secret != held["client_secret"]:
        raise refused.invalid_parameter(
            "client_secret", "The client_secret provided does not match the SetupIntent."
        )
    return held


def cancel(work: Work, intent_id: str) -> Json:
    """End a SetupIntent that has not succeeded."""
    reasons = ("abandoned", "requested_by_customer", "duplicate")
    reason = work.one_of("cancellation_reason", reasons)
    held = _open(work, intent_id, "cancel")
    held.update(status="canceled", cancellation_reason=reason, next_action=None)
    work.tell("setup_intent.canceled", held)
    return held


def confirm(work: Work, intent_id: str) -> Json:
    """Try a card: a test card's name makes a new payment method, as Stripe does."""
    named = work.text("payment_method")
    held = _open(work, intent_id, "confirm")
    method_id = named or held["payment_method"]
    if method_id is None:
        raise refused.Refused(
            400,
            "You cannot confirm this SetupIntent because it's missing a payment method. Update "
            "the SetupIntent with a payment method and then confirm it again.",
            code="setup_intent_unexpected_state",
            setup_intent=copy.deepcopy(held),
        )
    method = _method(work, method_id, held["customer"])
    card = CARDS[work.state.tokens[method["id"]]]
    held["latest_attempt"] = objects.new_id("setatt")
    if card.authenticates:
        return _ask(work, held, method)
    return _settle(work, held, method, card.decline)


def authenticate(work: Work, intent_id: str) -> Json:
    """The double's own: what the customer does at 3-D Secure, `outcome` success or failure.

    No part of Stripe's API: there the customer answers on a page of the bank's.
    """
    outcome = work.one_of("outcome", ("success", "failure")) or "success"
    held = retrieve(work, intent_id)
    if held["status"] != "requires_action":
        raise _unexpected(held, "authenticate")
    method = work.state.payment_methods[held["payment_method"]]
    card: TestCard = CARDS[work.state.tokens[method["id"]]]
    failed = Decline(
        "setup_intent_authentication_failure",
        None,
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again.",
    )
    try:
        return _settle(work, held, method, failed if outcome == "failure" else card.decline)
    except refused.Refused:
        return held  # the customer's page, not a caller of the API, sees what went wrong


def _open(work: Work, intent_id: str, verb: str) -> Json:
    held = retrieve(work, intent_id)
    if held["status"] not in _OPEN:
        raise _unexpected(held, verb)
    return held


def _method(work: Work, method_id: str, customer_id: str | None) -> Json:
    if method_id in CARDS:
        made = objects.payment_method(work.now, CARDS[method_id])
        work.state.payment_methods[made["id"]] = made
        work.state.tokens[made["id"]] = method_id
        return made
    held = work.state.payment_methods.get(method_id)
    if held is None:
        raise refused.missing("PaymentMethod", method_id, "payment_method", 400)
    if method_id in work.state.spent:
        raise refused.Refused(
            400,
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, shared with a connected account without Customer attachment, or was "
            "detached from a Customer. It may not be used again.",
        )
    if held["customer"] not in (None, customer_id):
        raise refused.Refused(
            400,
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )
    return held


def _ask(work: Work, held: Json, method: Json) -> Json:
    return_url = work.text("return_url")
    sdk: Json = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    page = {"url": f"https://hooks.stripe.com/3d_secure/{held['id']}", "return_url": return_url}
    redirect: Json = {"type": "redirect_to_url", "redirect_to_url": page}
    held.update(
        status="requires_action",
        payment_method=method["id"],
        next_action=redirect if return_url else sdk,
        last_setup_error=None,
    )
    work.tell("setup_intent.requires_action", held)
    return held


def _settle(work: Work, held: Json, method: Json, decline: Decline | None) -> Json:
    held["next_action"] = None
    if decline is not None:
        raise _declined(work, held, method, decline)
    held.update(status="succeeded", payment_method=method["id"], last_setup_error=None)
    if held["customer"] is not None:
        payment_methods.attach(work, method, held["customer"])
    work.tell("setup_intent.succeeded", held)
    return held


def _declined(work: Work, held: Json, method: Json, decline: Decline) -> refused.Refused:
    by_issuer = decline.code != "setup_intent_authentication_failure"
    error: dict[str, Any] = {
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": copy.deepcopy(method),
        "type": "card_error" if by_issuer else "invalid_request_error",
    }
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    held.update(status="requires_payment_method", payment_method=None, last_setup_error=error)
    work.tell("setup_intent.setup_failed", held)
    answer = {name: value for name, value in error.items() if name not in ("message", "type")}
    return refused.Refused(
        402, decline.message, error["type"], setup_intent=copy.deepcopy(held), **answer
    )


def _unexpected(held: Json, verb: str) -> refused.Refused:
    words = {"succeeded": "it has already succeeded", "canceled": "it has been canceled"}
    why = words.get(held["status"], f"it has a status of {held['status']}")
    return refused.Refused(
        400,
        f"You cannot {verb} this SetupIntent because {why}.",
        code="setup_intent_unexpected_state",
        setup_intent=copy.deepcopy(held),
    )
