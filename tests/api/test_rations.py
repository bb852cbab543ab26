"""What costs much is rationed for each caller: too often is answered 429 and says when to come
again, and keeps nobody else from it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.api.shell import Route
from chalicelib.wiring import Services
from infrastructure import access
from tests.api.client import Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.own_services import own_services

COSTLY = {
    "GET /v1/members/{member_id}/entries/proof": "support",
    "POST /v1/imports": "admin",
    "POST /v1/imports/{import_id}/start": "admin",
    "POST /v1/program/plan": "marketer",
    "GET /v1/program/plans/{plan_id}": "marketer",
    "POST /v1/offers/{offer_id}/simulate": "marketer",
    "GET /v1/offers/{offer_id}/simulations/{simulation_id}": "marketer",
    "GET /v1/offers/{offer_id}/results": "marketer",
    "POST /v1/privacy/retention/plan": "privacy",
    "GET /v1/privacy/retention/plans/{plan_id}": "privacy",
    "GET /v1/privacy/retention/runs": "privacy",
    "POST /v1/reconciliations": "admin",
    "GET /v1/analytics/liability": "marketer",
    "GET /v1/analytics/expiring": "marketer",
}
"""What reads much, and a group of staff that may have it."""

BODIES: dict[str, object] = {
    "POST /v1/imports": {"import_id": "again", "kind": "balances"},
    "POST /v1/program/plan": {"version": 1},
    "POST /v1/offers/{offer_id}/simulate": {"months": 1},
}
ROUTES = {route.name: route for route in access.declared()}


class Scarce:
    """The real counters, with a hundredth of what is allowed, and once at least."""

    def __init__(self, counters: Any) -> None:
        self._counters = counters

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        return int(self._counters.take(kind, whose, scarce(at_most), window_seconds, now))


def scarce(at_most: int) -> int:
    return max(1, at_most // 100)


@pytest.fixture
def services(services: Services, connection: Connection) -> Iterator[Services]:
    """On tables of its own: what costs much goes through all of a table."""
    with own_services(services, connection) as own:
        yield own


@pytest.fixture
def place(shop: Shop) -> Shop:
    allowances: Any = Scarce(shop.services.ports.allowances)
    ports = replace(shop.services.ports, allowances=allowances)
    wiring.install(replace(shop.services, ports=ports))
    return shop


def test_whatever_costs_much_is_rationed_and_so_are_all_analytics() -> None:
    costly = {name for name in ROUTES if "/v1/analytics/" in name} | set(COSTLY)
    assert [name for name in sorted(costly) if ROUTES[name].rationed is None] == []


def asked(shop: Shop, route: Route, bearer: str, member_id: str) -> Reply:
    path = route.path.replace("{member_id}", member_id)
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", "unknown")
    if route.name == "GET /v1/analytics/expiring":
        path += "?on=2026-12-31"
    body = BODIES.get(route.name)
    return shop.client.call(route.method, path, body, bearer=bearer)


@pytest.mark.parametrize("name", COSTLY)
def test_too_often_is_429_for_this_caller_alone_and_only_for_a_while(
    name: str, place: Shop, clock: Clock
) -> None:
    route, member_id = ROUTES[name], place.member()
    assert route.rationed is not None
    first, second = (token_hex(4) for _ in range(2))

    def ask(sub: str) -> Reply:
        return asked(place, route, place.staff(COSTLY[name], sub=sub), member_id)

    replies = [ask(first) for _ in range(scarce(route.rationed.at_most))]
    assert all(reply.status < 429 for reply in replies)
    refused = ask(first)
    assert (refused.status, refused.code) == (429, "too_many_requests")
    seconds = int(refused.headers["retry-after"])
    assert 0 < seconds <= route.rationed.window_seconds
    assert ask(second).status < 429
    clock.forward(seconds=seconds)
    assert ask(first).status < 429


def test_a_member_proves_its_own_chain_as_often_whatever_support_does(place: Shop) -> None:
    route = ROUTES["GET /v1/members/{member_id}/entries/proof"]
    member_id, staff = place.member(), place.staff("support", sub=token_hex(4))
    while asked(place, route, staff, member_id).status != 429:
        pass
    assert asked(place, route, place.token_for(member_id), member_id).status == 200


def test_what_is_malformed_uses_nothing_up(place: Shop) -> None:
    staff = place.staff("admin", sub=token_hex(4))
    for _ in range(20):
        assert place.client.post("/v1/imports", {"kind": 1}, bearer=staff).status == 422
    route = ROUTES["POST /v1/imports"]
    assert asked(place, route, staff, "").status == 201
