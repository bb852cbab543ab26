"""Every cell of docs/access.md is called: what stands there is what happens.

The page is the expectation, the application the answer; a route or a right that is new and not on
the page is red, and so is a thing of a member that a stranger was never tried on.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.api.shell import Route
from infrastructure import access
from tests.api.belongings import BELONGINGS, TERMS
from tests.api.client import Client, Reply
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.at_stripe import AtStripe

PAGE = dict(access.rows(access.PATH.read_text(encoding="utf-8")))
ROUTES = access.declared()
HEADERS = {"Content-Type": "application/json", "If-Match": '"none"'}
MEMBERS_ROUTES = [route for route in ROUTES if access.cell(route, access.STRANGER) == "404"]


@pytest.fixture
def world(shop: Shop, club: Club, clock: Clock) -> Iterator[tuple[Shop, Club]]:
    """A program in which members can do everything, cards at the Stripe double too."""
    shop.promise(**TERMS)
    stripe = AtStripe(clock)
    ports = replace(shop.services.ports, cards=stripe.cards())
    wiring.install(replace(shop.services, ports=ports))
    yield shop, club
    stripe.double.close()


def credential(shop: Shop, caller: str, member_id: str) -> str | None:
    """What a caller of a kind proves itself by."""
    if caller in (access.MEMBER, access.STRANGER):
        return shop.token_for(f"sub-{member_id}", member_id=member_id)
    if caller in access.STAFF:
        return shop.staff(caller, sub=f"{caller}-{token_hex(4)}")
    return shop.till if caller == "checkout" else None


def address(route: Route, arguments: Mapping[str, str]) -> str:
    """A route's path; what no argument names gets an id that nothing has."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", arguments.get(name, "unknown"))
    return path


def called(client: Client, route: Route, path: str, bearer: str | None, body: Any = b"") -> Reply:
    headers = HEADERS | {"Idempotency-Key": token_hex(8)}
    return client.call(route.method, path, bearer=bearer, body=body, headers=headers)


def let_in(reply: Reply) -> bool:
    """Whether a call got past the question who asks, and whose it is."""
    turned_away = reply.status == 401 or (reply.status == 403 and reply.code == "scope_missing")
    return not turned_away and reply.status < 500


def as_the_page_says(reply: Reply, cell: str) -> bool:
    if cell == access.NOTHING:
        return True
    if cell in (access.YES, access.MASKED):
        return let_in(reply)
    return str(reply.status) == cell and (cell != "403" or reply.code == "scope_missing")


def test_the_page_is_current() -> None:
    assert access.main(["--check"]) == 0, "run `make access` and look at what changed"
    assert set(PAGE) == {route.name for route in ROUTES}


@pytest.mark.parametrize("caller", access.CALLERS)
def test_each_kind_of_caller_is_answered_as_the_page_says(
    caller: str, world: tuple[Shop, Club]
) -> None:
    shop, _ = world
    asks, other = shop.member(), shop.member()
    about = other if caller == access.STRANGER else asks
    wrong = []
    for route in ROUTES:
        path = address(route, {"member_id": about})
        reply = called(shop.client, route, path, credential(shop, caller, asks))
        if not as_the_page_says(reply, PAGE[route.name][caller]):
            wrong.append((route.name, PAGE[route.name][caller], reply.status, reply.body[:200]))
    assert wrong == []


def test_a_member_is_let_in_to_what_is_its_own(world: tuple[Shop, Club]) -> None:
    shop, club = world
    owner = shop.member()
    shop.earn(owner, 100)
    mine = {name: make(shop, club, owner) for name, make in BELONGINGS.items()}
    own = credential(shop, access.MEMBER, owner)
    answers = {}
    for route in MEMBERS_ROUTES:
        if route.method == "GET" and set(route.parameters) <= set(mine):
            reply = called(shop.client, route, address(route, mine), own)
            answers[route.name] = reply.code if reply.status >= 400 else "found"
    assert answers.pop("GET /v1/members/{member_id}/account") == "found"
    # There is an account and nothing else of this member: no profile, nobody it shares with.
    assert set(answers.values()) <= {"found", "member_not_found"}


def test_whatever_an_address_of_a_member_names_was_tried_on_a_stranger() -> None:
    named = {name for route in MEMBERS_ROUTES for name in route.parameters}
    assert named <= set(BELONGINGS), "say in tests/api/belongings.py how such a thing comes about"


def stripped(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """An answer but for its request id, wherever that stands."""
    request_id = reply.headers["x-request-id"].encode()
    headers = {name: text for name, text in reply.headers.items() if name != "x-request-id"}
    return reply.status, headers, reply.body.replace(request_id, b"")


def like(identifier: str) -> str:
    """An id of the same form that nothing has."""
    prefix, _, rest = identifier.rpartition("_")
    return f"{prefix}_{rest[::-1]}" if prefix else re.sub(r"\w", "0", identifier)


@pytest.mark.parametrize("body", [b"", b"{}", b"["], ids=["empty", "object", "malformed"])
def test_what_is_anothers_is_answered_byte_for_byte_as_what_is_unknown(
    body: bytes, world: tuple[Shop, Club]
) -> None:
    shop, club = world
    owner, asks = shop.member(), shop.member()
    shop.earn(owner, 100)
    token = credential(shop, access.STRANGER, asks)
    theirs = {name: make(shop, club, owner) for name, make in BELONGINGS.items()}
    unknown = {name: like(identifier) for name, identifier in theirs.items()}
    wrong = []
    for route in MEMBERS_ROUTES:
        of_me = {"member_id": "me"} if len(route.parameters) > 1 else {}
        for own in ({}, of_me):
            foreign, missing = (
                called(shop.client, route, address(route, ids | own), token, body)
                for ids in (theirs, unknown)
            )
            if stripped(foreign) != stripped(missing) or foreign.status != 404:
                wrong.append((route.name, foreign.body[:300], missing.body[:300]))
    assert wrong == []
