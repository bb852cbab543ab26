"""Which request is which operation, and which parameters it takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.local.stripe_double import (
    customers,
    events,
    payment_methods,
    refused,
    setup_intents,
)
from infrastructure.local.stripe_double.objects import Json

_PAGED = ("limit", "starting_after")


@dataclass(frozen=True, slots=True)
class Route:
    """`by_customer`: the customer's own browser may call it, without the secret key."""

    method: str
    path: re.Pattern[str]
    operation: Callable[..., Json]
    takes: tuple[str, ...] = ()
    by_customer: bool = False


def _route(
    line: str, operation: Callable[..., Json], *takes: str, by_customer: bool = False
) -> Route:
    method, path = line.split()
    pattern = re.sub(r"\{\w+\}", r"([^/]+)", path)
    return Route(method, re.compile(pattern), operation, takes, by_customer)


ROUTES = (
    _route(
        "POST /v1/customers", customers.create, "metadata", "name", "email", "phone", "description"
    ),
    _route("GET /v1/customers/{customer}", customers.retrieve),
    _route("DELETE /v1/customers/{customer}", customers.delete),
    _route(
        "GET /v1/customers/{customer}/payment_methods",
        payment_methods.list_of_customer,
        "type",
        *_PAGED,
    ),
    _route(
        "POST /v1/setup_intents",
        setup_intents.create,
        "customer",
        "usage",
        "allowed_payment_method_types",
        "payment_method_types",
        "metadata",
    ),
    _route("GET /v1/setup_intents/{intent}", setup_intents.retrieve, "client_secret"),
    _route(
        "POST /v1/setup_intents/{intent}/confirm",
        setup_intents.confirm,
        "payment_method",
        "client_secret",
        "return_url",
        by_customer=True,
    ),
    _route(
        "POST /v1/setup_intents/{intent}/double/authenticate",
        setup_intents.authenticate,
        "outcome",
        by_customer=True,
    ),
    _route("POST /v1/setup_intents/{intent}/cancel", setup_intents.cancel, "cancellation_reason"),
    _route("GET /v1/payment_methods", payment_methods.list_all, "customer", "type", *_PAGED),
    _route("GET /v1/payment_methods/{method}", payment_methods.retrieve),
    _route("POST /v1/payment_methods/{method}", payment_methods.update, "card", "metadata"),
    _route("POST /v1/payment_methods/{method}/detach", payment_methods.detach),
    _route("GET /v1/events", events.list_all, "type", *_PAGED),
    _route("GET /v1/events/{event}", events.retrieve),
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route of a request and the ids in its path. Refused when there is none."""
    for route in ROUTES:
        match = route.path.fullmatch(path)
        if match and route.method == method:
            return route, match.groups()
    raise refused.Refused(404, f"Unrecognized request URL ({method}: {path}).", kept=False)
