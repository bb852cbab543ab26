"""Plans over HTTP: a version's effect told beforehand, over a real ledger, to its last point."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.program import EarningRate, Tier, TierBasis, Tiers, TierWindow
from chalicelib.wiring import Services
from tests.api.client import Client, Reply
from tests.api.shop import COFFEE, Shop, line
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.own_services import own_services

LADDER = Tiers(
    TierBasis.SPEND,
    TierWindow.ROLLING_12_MONTHS,
    (Tier("silver", "Silver", 10_000, 150), Tier("gold", "Gold", 50_000, 200, gift_points=30)),
)
FIRST = replace(COFFEE, version=1)
SECOND = replace(FIRST, version=2, base=EarningRate(2, 100), thousand_points_minor=800)
THIRD = replace(FIRST, version=3, tiers=LADDER)


@pytest.fixture
def shop(
    services: Services,
    connection: Connection,
    client: Client,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[Shop]:
    """A shop whose ledger nobody else writes to, with two drafts of its program."""
    with own_services(services, connection) as own:
        for program in (FIRST, SECOND, THIRD):
            assert own.ports.programs.add(program, FROM_THE_BEGINNING)
        yield Shop(client, own, key_for(), token_for)


def _ask(shop: Shop, version: int) -> Reply:
    token = shop.staff("marketer")
    return shop.client.post("/v1/program/plan", {"version": version}, bearer=token)


def _read(shop: Shop, plan_id: str) -> Reply:
    return shop.client.get(f"/v1/program/plans/{plan_id}", bearer=shop.staff("marketer"))


def _buy(shop: Shop, member: str, *lines: Any) -> str:
    body = shop.purchase(member, *lines)
    assert shop.post("/v1/purchases", body).status == 201
    return str(body["purchase_id"])


def test_a_plan_says_what_purchases_would_have_earned_and_at_what_cost(shop: Shop) -> None:
    mia, tom = shop.member(), shop.member()
    _buy(shop, mia, line("1", 1_000), line("2", 2_000, "coffee-beans"))
    bought = _buy(shop, tom, line("1", 5_000))
    shop.post(f"/v1/purchases/{bought}/returns", {"return_id": "r-1", "amount_minor": 1_000})

    reply = _ask(shop, 2)

    assert reply.status == 200
    plan = reply.json()
    assert plan.pop("plan_id").startswith("plan_")
    money = {"currency": "EUR"}
    assert plan == {
        "status": "complete",
        "share_percent": 100,
        "version": 2,
        "active_version": 1,
        "as_of": "2026-11-22T09:30:00.000Z",
        "differing": ["base", "thousand_points_minor"],
        "members": {"total": 2, "changing_tier": 0, "moves": []},
        "gifts": {
            "members": 0,
            "points": {"active": 0, "planned": 0},
            "cost": {
                "active": {"amount_minor": 0, **money},
                "planned": {"amount_minor": 0, **money},
            },
        },
        "purchases": {
            "since": "2026-10-23T09:30:00.000Z",
            "total": 2,
            "earning_more": 2,
            "earning_less": 0,
            "points": {"active": 90, "planned": 160},
            "cost": {
                "active": {"amount_minor": 90, **money},
                "planned": {"amount_minor": 128, **money},
            },
            "rules": [
                {
                    "rule": "base",
                    "name": "Base rate",
                    "points": {"active": 70, "planned": 140},
                },
                {
                    "rule": "beans",
                    "name": "Coffee beans",
                    "points": {"active": 20, "planned": 20},
                },
            ],
            "largest_changes": [
                {"active": 40, "planned": 80},
                {"active": 50, "planned": 80},
            ],
        },
        "unreadable": 0,
    }


def test_a_plan_says_who_would_change_tier_without_saying_who(shop: Shop) -> None:
    members = [shop.member() for _ in range(4)]
    for member, amount in zip(members, (10_000, 20_000, 60_000), strict=False):
        _buy(shop, member, line("1", amount))

    reply = _ask(shop, 3)

    plan = reply.json()
    assert plan["differing"] == ["tiers"]
    assert plan["members"] == {
        "total": 4,
        "changing_tier": 3,
        "moves": [
            {"from_tier": None, "to_tier": "silver", "members": 2},
            {"from_tier": None, "to_tier": "gold", "members": 1},
        ],
    }
    assert (plan["gifts"]["members"], plan["gifts"]["points"]["planned"]) == (1, 30)
    assert [row["name"] for row in plan["purchases"]["rules"]] == ["Base rate", "Silver", "Gold"]
    assert not any(member in reply.body.decode() for member in members)


def test_a_plan_switches_nothing_and_leaves_the_ledger_as_it_is(shop: Shop) -> None:
    member = shop.member()
    _buy(shop, member, line("1", 60_000))
    before = shop.account(member), shop.services.ports.ledger.entries(member, None, 10)

    assert _ask(shop, 3).status == 200

    assert (shop.account(member), shop.services.ports.ledger.entries(member, None, 10)) == before
    token = shop.staff("marketer")
    assert shop.client.get("/v1/program", bearer=token).json()["active_version"] == 1


class _Watch:
    """A second passes with each look at the watch."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += 1
        return self._now


def test_a_plan_that_takes_long_is_202_until_somebody_has_read_it_to_its_end(shop: Shop) -> None:
    for _ in range(3):
        _buy(shop, shop.member(), line("1", 10_000))
    at_once = _ask(shop, 3).json()
    ports = shop.services.ports
    slow = replace(ports, patience=replace(ports.patience, monotonic=_Watch()))
    wiring.install(replace(shop.services, ports=slow))

    reply = _ask(shop, 3)
    plan_id = reply.json()["plan_id"]
    seen = [(reply.status, reply.json()["status"], reply.json()["share_percent"] < 100)]
    while reply.status == 202 and len(seen) < 10:
        reply = _read(shop, plan_id)
        seen.append((reply.status, reply.json()["status"], reply.json()["share_percent"] < 100))

    assert set(seen[:-1]) == {(202, "running", True)}
    assert seen[-1] == (200, "complete", False)
    assert reply.json() == at_once | {"plan_id": plan_id}
    assert _read(shop, plan_id).json() == reply.json()


def test_what_was_never_stored_or_asked_for_is_not_found(shop: Shop) -> None:
    unknown = _ask(shop, 4)
    assert (unknown.status, unknown.code) == (404, "not_found")
    assert _read(shop, "plan_unknown").status == 404


def test_only_who_sets_the_program_may_plan(shop: Shop) -> None:
    for group in ("support", "privacy", "admin"):
        token = shop.staff(group)
        reply = shop.client.post("/v1/program/plan", {"version": 2}, bearer=token)
        assert (reply.status, reply.code) == (403, "scope_missing")
