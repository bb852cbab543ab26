"""The route table, the OpenAPI document and what callers may do are one and the same.

Everything here is generated from the declarations: a new route is walked without being named.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from typing import Any, get_args, get_type_hints

import pytest

from chalicelib.api import openapi
from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell import PUBLIC, Route
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, MEMBER_SCOPES, Scope
from chalicelib.storage.tables import LedgerItem
from chalicelib.wiring import Services
from infrastructure.access import FOR_PEOPLE_AND
from tests.api.client import Client, Reply
from tests.own_tables import own_tables

ROUTES = [route for blueprint in BLUEPRINTS for route in blueprint.declared]
NAMES = [route.name for route in ROUTES]

MEANT_TO_BE_PUBLIC = {
    "GET /v1/erasures/{erasure_id}",  # its id is the proof; the receipt tells of nobody
    "GET /v1/health",
    "GET /v1/openapi.json",
    "GET /v1/docs",
    "GET /v1/docs/viewer.js",
    "GET /v1/privacy/notice",  # whoever wants to join may read it first
    "GET /v1/roots",  # hashes that name nobody, and all are to see the same
    "GET /v1/roots/{root_date}",
    "POST /v1/consents/confirm",  # who was sent the link
    "GET /v1/consents/confirm/{token}",
    "POST /v1/consents/confirm/{token}",
    "GET /v1/unsubscribe/{token}",  # the same, and mail programs in its stead
    "POST /v1/unsubscribe/{token}",
    "POST /v1/members",  # signing up, behind a captcha
    "POST /v1/members/verify",  # who knows the code of a sign-up
    "POST /v1/members/verify/resend",
    "POST /v1/providers/stripe/events",  # signed by Stripe
    "POST /v1/providers/shopify/events/{connection_id}",  # signed by Shopify
    "POST /v1/providers/square/events/{connection_id}",  # signed by Square
}


@cache
def document() -> dict[str, Any]:
    """The document that the service answers."""
    return dict(json.loads(openapi.PATH.read_text(encoding="utf-8")))


def operation(route: Route) -> dict[str, Any]:
    return dict(document()["paths"][route.path][route.method.lower()])


def test_the_document_is_current() -> None:
    assert openapi.main(["--check"]) == 0


def test_the_document_is_openapi_3_1() -> None:
    import schemathesis

    schemathesis.openapi.from_dict(document()).validate()


def test_every_reference_leads_somewhere_and_no_two_shapes_share_a_name() -> None:
    schemas = document()["components"]["schemas"]
    assert [name for name in schemas if "." in name] == []  # a module's name tells two apart
    named = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document()))
    assert set(named) <= set(schemas)


def test_the_application_has_the_declared_routes_and_no_others() -> None:
    from app import app

    mounted = {f"{method} {path}" for path, views in app.routes.items() for method in views}
    assert {name for name in mounted if "/_dev/" not in name} == set(NAMES)


def test_what_is_public_was_meant_to_be() -> None:
    assert {route.name for route in ROUTES if route.opens is PUBLIC} <= MEANT_TO_BE_PUBLIC


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_route_and_its_entry_in_the_document_name_the_same_scopes(route: Route) -> None:
    scopes = [] if route.opens is PUBLIC else [scope.value for scope in route.opens]
    entry = operation(route)
    assert entry["x-scopes"] == scopes
    named = {scope for needs in entry["security"] for scopes in needs.values() for scope in scopes}
    assert named == set(scopes)
    assert ({} in entry["security"]) == (route.opens is PUBLIC)


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_view_takes_what_its_declaration_says(route: Route) -> None:
    hints = get_type_hints(route.view)
    parameters = list(inspect.signature(route.view).parameters)
    body, query = get_args(hints[parameters[0]])
    assert body == (route.body or type(None))
    assert query == (route.query or type(None))
    assert sorted(parameters[1:]) == sorted(route.parameters)


def test_a_place_in_a_path_has_one_name_as_the_gateway_demands() -> None:
    names: dict[str, str] = {}
    for route in ROUTES:
        before = ""
        for part in route.path.split("/"):
            if part.startswith("{"):
                assert names.setdefault(before, part) == part, route.path
            before += "/" + part


def address(route: Route, argument: str = "unknown") -> str:
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", argument)
    return path


def called(client: Client, route: Route, bearer: str | None, body: bytes = b"") -> Reply:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k", "If-Match": '"none"'}
    return client.call(route.method, address(route), bearer=bearer, body=body, headers=headers)


def refused_for_who_asks(reply: Reply) -> int | None:
    """401, or 403 for want of a scope; None for everything else."""
    if reply.status == 401:
        return 401
    return 403 if reply.status == 403 and reply.code == "scope_missing" else None


@pytest.fixture(scope="module", autouse=True)
def few_items(real: Services) -> Iterator[None]:
    """In tables of its own: some routes go through all of a table."""
    assert real
    with own_tables(LedgerItem._get_connection().connection):
        yield


Callers = dict[str, tuple[str | None, frozenset[Scope]]]


@pytest.fixture(scope="module")
def known() -> Callers:
    """The callers, once they are made."""
    return {}


@pytest.fixture
def callers(known: Callers, key_for: Callable[..., str], token_for: Callable[..., str]) -> Callers:
    """One caller of each kind: its credential and its scopes."""
    return known or _made(known, key_for, token_for)


def _made(found: Callers, key_for: Callable[..., str], token_for: Callable[..., str]) -> Callers:
    found |= {
        "anonymous": (None, frozenset()),
        "member": (token_for("sub", member_id="mem_nobody"), MEMBER_SCOPES),
        "checkout": (key_for(), CHECKOUT_SCOPES),
    }
    for missing in sorted(CHECKOUT_SCOPES):
        scopes = CHECKOUT_SCOPES - {missing}
        found[f"checkout without {missing}"] = (key_for(scopes), scopes)
    for group, scopes in GROUP_SCOPES.items():
        found[group] = (token_for(f"staff-{group}", [group]), scopes)
    return found


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_route_opens_for_exactly_those_whom_it_declares(
    route: Route, client: Client, callers: Callers
) -> None:
    for kind, (bearer, scopes) in callers.items():
        reply = called(client, route, bearer)
        if route.name in FOR_PEOPLE_AND and kind not in ("anonymous", "member"):
            expected = None if FOR_PEOPLE_AND[route.name] in scopes else 403
        elif route.opens is PUBLIC or scopes & set(route.opens):
            expected = None
        else:
            expected = 401 if bearer is None else 403
        assert refused_for_who_asks(reply) == expected, kind
        assert reply.status < 500, kind


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_a_route_believes_no_credential_that_is_none(route: Route, client: Client) -> None:
    for bearer in ("sk_" + "0" * 52, "a.b.c", "x"):
        assert called(client, route, bearer).status == 401


HOSTILE_BODIES = [
    b"",
    b"[",
    b"[" * 100_000,
    b"[]",
    b"{}",
    b'"x"',
    b"NaN",
    b'{"a":1,"a":1}',
    b'{"a":"\\ud800"}',
    b"\xff",
    b'{"purchase_id":"4111111111111111"}',
]
HOSTILE_ARGUMENTS = [
    "%00",
    "%ff",
    "%2e%2e%2f",
    "%F0%9F%98%80",
    "x" * 256,
    "x" * 5000,
    "4111111111111111",
    "me",
    "%7B%7D",
    "%20",
]
HOSTILE_QUERIES = [
    "a=b",
    "limit=-1",
    "cursor=x",
    "as_of=x",
    "dry_run=maybe",
    "%ff=%ff",
    "a[]=1&a[]=2",
]


@pytest.fixture
def admitted(callers: Callers) -> Callable[[Route], Iterator[str | None]]:
    """The credentials of all callers for whom a route opens."""

    def find(route: Route) -> Iterator[str | None]:
        for kind, (bearer, scopes) in callers.items():
            if "without" not in kind and (route.opens is PUBLIC or scopes & set(route.opens)):
                yield bearer

    return find


def new_here(reply: Reply) -> bool:
    """Whether the service says that it has no program yet, as any route may until there is one."""
    return reply.status == 409 and reply.json()["reason"] == "no_program"


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_whatever_a_caller_sends_gets_an_answer_that_is_documented(
    route: Route, client: Client, admitted: Callable[[Route], Iterator[str | None]]
) -> None:
    documented = {int(status) for status in operation(route)["responses"]}
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k", "If-Match": '"none"'}
    paths = [address(route, argument) for argument in HOSTILE_ARGUMENTS if route.parameters]
    paths += [f"{address(route)}?{query}" for query in HOSTILE_QUERIES]
    calls = [(address(route), body, headers) for body in HOSTILE_BODIES]
    calls += [(path, b"{}", headers) for path in paths]
    calls += [(address(route), b"{}", headers | {"Idempotency-Key": "a b"})]
    # By turns: what is sent is read alike, whoever sent it.
    for bearer, (path, body, sent) in zip(cycle(admitted(route)), calls, strict=False):
        reply = client.call(route.method, path, bearer=bearer, body=body, headers=sent)
        assert reply.status in documented or new_here(reply), (path[:80], body[:40], reply)
