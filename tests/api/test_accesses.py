"""Whatever staff or a key read of a member is recorded before it is answered, or not answered.

Generated from the routes: a new one that tells staff or a till something of a member is red until
it says what reading it is called, and is walked as soon as it does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell import PUBLIC, Route
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, Scope
from chalicelib.usecases.ports import AuditRecord, AuditSearch
from tests.api.belongings import BELONGINGS, TERMS
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.shop import Shop
from tests.fakes.audit import FakeAudit
from tests.metered import metered

ROUTES = [route for blueprint in BLUEPRINTS for route in blueprint.declared]
AUDITED = [route for route in ROUTES if route.audited is not None]
WATCHED: Mapping[str, frozenset[Scope]] = {"checkout": CHECKOUT_SCOPES, **GROUP_SCOPES}

OF_NO_MEMBER = {
    "announcement_id",
    "connection_id",
    "hook_id",
    "import_id",
    "key_id",
    "offer_id",
    "plan_id",
    "reconciliation_id",
    "reward_id",
    "root_date",
    "segment_id",
    "simulation_id",
    "survey_id",
}
"""What these name tells nothing of any one member."""

LISTS_OF_NO_MEMBER = {
    "GET /v1/analytics/expiring",
    "GET /v1/analytics/liability",
    "GET /v1/analytics/reach",
    "GET /v1/connections",
    "GET /v1/facts",
    "GET /v1/imports",
    "GET /v1/keys",
    "GET /v1/offers",
    "GET /v1/privacy/record",
    "GET /v1/privacy/retention/runs",
    "GET /v1/program",
    "GET /v1/rewards",
    "GET /v1/segments",
    "GET /v1/surveys",
    "GET /v1/webhooks",
}
"""What stands in these is of all members together, or of none."""

Bodies = Mapping[str, Callable[[Shop, Club, str], object]]


def _purchase(shop: Shop, _: Club, owner: str) -> str:
    body = shop.purchase(owner)
    assert shop.post("/v1/purchases", body).status == 201
    return str(body["purchase_id"])


def _voucher(shop: Shop, _: Club, owner: str) -> object:
    issued = shop.redeem(owner, shop.reward(10)).json()
    return {"voucher_code": issued["voucher_code"]}


def _by_card_number(shop: Shop, club: Club, owner: str) -> object:
    assert shop
    return {"card_number": club.profile(owner).json()["card_number"]}


THINGS = {**BELONGINGS, "purchase_id": _purchase}
BODIES: Bodies = {
    "POST /v1/members/lookup": _by_card_number,
    "POST /v1/vouchers/lookup": _voucher,
}


def watched(route: Route) -> list[str]:
    """The kinds of callers for whom a route opens and who are recorded."""
    if route.opens is PUBLIC:
        return []
    opens = set(route.opens)
    return [kind for kind, scopes in WATCHED.items() if opens & scopes]


def test_every_route_that_reads_something_of_a_member_says_what_that_is_called() -> None:
    silent = [
        route.name
        for route in ROUTES
        if route.method == "GET"
        and (set(route.parameters) - OF_NO_MEMBER or not route.parameters)
        and route.name not in LISTS_OF_NO_MEMBER
        and watched(route)
        and route.audited is None
    ]
    assert silent == []


def test_what_is_recorded_is_recorded_of_somebody() -> None:
    assert [route.name for route in AUDITED if not watched(route)] == []


@pytest.fixture
def world(shop: Shop, club: Club) -> Iterator[tuple[Shop, Club]]:
    """A program in which members can do everything."""
    shop.promise(**TERMS)
    yield shop, club
    wiring.install(shop.services)


def _called(shop: Shop, route: Route, about: Mapping[str, str], body: object, by: str) -> Reply:
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", about[name])
    bearer = shop.till if by == "checkout" else shop.staff(by, sub=f"{by}-{token_hex(4)}")
    headers = {"X-Access-Reason": f"asked {by} about it"} if by != "checkout" else {}
    return shop.client.call(route.method, path, body, bearer=bearer, headers=headers)


def told(shop: Shop, route: Route, owner: str) -> set[AuditRecord]:
    """What was recorded of a member; of a route that names none, what was recorded today."""
    if route.parameters or route.name in BODIES:
        return set(shop.recorded(owner))
    search = AuditSearch(shop.services.clock().date(), action=route.audited)
    return set(shop.services.ports.audit.find(search, None, 100).records)


@pytest.mark.parametrize("route", AUDITED, ids=[route.name for route in AUDITED])
def test_each_read_leaves_a_record_and_none_is_answered_without_one(
    route: Route, world: tuple[Shop, Club]
) -> None:
    shop, club = world
    owner = str(club.member()["member_id"])
    shop.earn(owner, 100)
    about = {name: THINGS[name](shop, club, owner) for name in route.parameters}
    body: Any = BODIES[route.name](shop, club, owner) if route.name in BODIES else None
    for by in watched(route):
        before = told(shop, route, owner)
        reply = _called(shop, route, about, body, by)
        assert reply.status == 200, (by, reply.body)
        [record] = told(shop, route, owner) - before
        assert record.action.removesuffix("_unmasked") == route.audited
        assert record.role == by or (by == "checkout" and record.role.startswith("till-"))
        assert record.reason == (None if by == "checkout" else f"asked {by} about it")

        down = FakeAudit()
        down.down = True
        wiring.install(replace(shop.services, ports=replace(shop.services.ports, audit=down)))
        refused = _called(shop, route, about, body, by)
        wiring.install(shop.services)
        assert (refused.status, refused.code) == (503, "try_again")
        assert owner.encode() not in refused.body


def test_what_members_read_of_themselves_is_nobodys_business(world: tuple[Shop, Club]) -> None:
    _, club = world
    owner = str(club.member()["member_id"])
    for path in ("", "/account", "/entries", "/consents", "/preferences"):
        assert club.client.get(f"/v1/members/me{path}", bearer=club.own(owner)).status == 200
    assert club.recorded(owner) == []


def test_what_is_not_found_or_refused_is_recorded_of_nobody(world: tuple[Shop, Club]) -> None:
    shop, club = world
    owner = str(club.member()["member_id"])
    assert club.found(email="nobody@example.com") is None
    address = f"/v1/members/{owner}/entries"
    assert shop.client.get(f"{address}?limit=0", bearer=shop.staff("support")).status == 422
    assert shop.client.get(address, bearer=shop.staff("marketer")).status == 403
    assert shop.recorded(owner) == []


def test_a_reason_may_be_given_for_any_read_and_is_refused_where_it_holds_a_card(
    world: tuple[Shop, Club],
) -> None:
    shop, club = world
    owner = str(club.member()["member_id"])
    headers = {"X-Access-Reason": "card 4111 1111 1111 1111"}
    path, support = f"/v1/members/{owner}/entries", shop.staff("support")
    reply = shop.client.get(path, bearer=support, headers=headers)
    assert (reply.status, reply.code) == (422, "card_number_refused")
    unknown = shop.client.get("/v1/members/mem_no/entries", bearer=support, headers=headers)
    assert unknown.status == 404


def test_whoever_shares_an_account_is_told_too_that_its_household_was_looked_at(
    world: tuple[Shop, Club],
) -> None:
    shop, club = world
    shop.promise(**TERMS, household_members=3)
    owner, sharer = (str(club.member()["member_id"]) for _ in range(2))
    code = club.client.post(
        "/v1/members/me/household/invitations",
        bearer=club.own(owner),
        headers={"Idempotency-Key": "k"},
    ).json()["code"]
    joined = club.client.post("/v1/members/me/household", {"code": code}, bearer=club.own(sharer))
    assert joined.status == 201, joined.body
    path = f"/v1/members/{owner}/household"
    assert shop.client.get(path, bearer=shop.staff("support")).status == 200
    for member_id in (owner, sharer):
        [record] = shop.recorded(member_id)
        assert (record.action, record.member_id) == ("member.household.read", member_id)


def test_a_record_costs_one_call_and_two_units_of_which_one_is_the_index(
    world: tuple[Shop, Club], connection: Connection
) -> None:
    _, club = world
    card_number = club.member()["card_number"]
    club.found(card_number=card_number)  # what is remembered for a while is by now
    with metered(connection) as meter:
        assert club.found(card_number=card_number)
    counting, looking, recording = ["UpdateItem"], ["Query", "GetItem", "GetItem"], ["PutItem"]
    tier = ["Query"]
    assert meter.calls == [*counting, *looking, *tier, *recording]
    assert meter.write_units == 3
