"""The objects that Stripe answers with, built whole: every field that a program may read is there,
null where nothing is known. Knows neither operations nor storage.
"""

import secrets
from datetime import UTC, datetime
from typing import Any

from infrastructure.local.stripe_double.cards import TestCard

Json = dict[str, Any]

API_VERSION = "2026-10-28.endive"
"""The version of the account: what webhooks are written in."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_id(prefix: str, length: int = 24) -> str:
    """An id such as `pm_1Q...`."""
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(length))


def customer(now: int, metadata: dict[str, str], **fields: str | None) -> Json:
    """A customer; `fields` are name, email, phone, description."""
    return {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": fields.get("description"),
        "discount": None,
        "email": fields.get("email"),
        "invoice_prefix": secrets.token_hex(4).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata,
        "name": fields.get("name"),
        "next_invoice_sequence": 1,
        "phone": fields.get("phone"),
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def setup_intent(
    now: int,
    customer_id: str | None,
    usage: str,
    metadata: dict[str, str],
    allowed: list[str] | None,
) -> Json:
    """A SetupIntent for cards that waits for its payment method. allowed: the types it names,
    None where Stripe chooses (cards, here)."""
    id_ = new_id("seti")
    automatic = None if allowed else {"allow_redirects": "always", "enabled": True}
    return {
        "id": id_,
        "object": "setup_intent",
        "allowed_payment_method_types": allowed,
        "application": None,
        "automatic_payment_methods": automatic,
        "cancellation_reason": None,
        "client_secret": new_id(f"{id_}_secret", 31),
        "created": now,
        "customer": customer_id,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": usage,
    }


def payment_method(now: int, card: TestCard) -> Json:
    """A PaymentMethod made from a card, attached to nobody; good until this month next year."""
    today = datetime.fromtimestamp(now, UTC)
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": {
                "city": None,
                "country": None,
                "line1": None,
                "line2": None,
                "postal_code": None,
                "state": None,
            },
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": _card(card, today.month, today.year + 1),
        "created": now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def _card(card: TestCard, exp_month: int, exp_year: int) -> Json:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def event(now: int, type_: str, about: Json, previous: Json | None, request: Json) -> Json:
    """An event about an object as it is now; `request`: {id, idempotency_key} that caused it."""
    data: Json = {"object": about}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": new_id("evt"),
        "object": "event",
        "account": None,
        "api_version": API_VERSION,
        "context": None,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": request,
        "type": type_,
    }


def page(url: str, rows: list[Json], has_more: bool) -> Json:
    """One page of a list."""
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}
