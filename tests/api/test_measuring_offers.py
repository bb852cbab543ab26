"""Measuring offers over HTTP: simulated before the launch over a real ledger, read off after it."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib.wiring import Services
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.api.shop import COFFEE, Shop, line
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.own_services import own_services

DOUBLE = {
    "name": "Double on beans",
    "effect": {"kind": "multiplier", "percent": 200},
    "basket": {"products": {"categories": ["coffee-beans"]}},
    "budget": {"unit": "points", "amount": 100},
}
MONEY = {"currency": "EUR"}


@pytest.fixture
def shop(
    services: Services,
    connection: Connection,
    client: Client,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[Shop]:
    """A shop whose ledger nobody else writes to."""
    with own_services(services, connection) as own:
        assert own.ports.programs.add(replace(COFFEE, version=1), FROM_THE_BEGINNING)
        yield Shop(client, own, key_for(), token_for)


def _offer(shop: Shop, **fields: Any) -> str:
    headers = {"Idempotency-Key": token_hex(8)}
    bearer = shop.staff("marketer")
    reply = shop.client.post("/v1/offers", DOUBLE | fields, bearer=bearer, headers=headers)
    assert reply.status == 201, reply.body
    return str(reply.json()["offer_id"])


def _simulate(shop: Shop, offer_id: str, **body: Any) -> Reply:
    path = f"/v1/offers/{offer_id}/simulate"
    return shop.client.post(path, body, bearer=shop.staff("marketer"))


def _get(shop: Shop, path: str) -> Reply:
    return shop.client.get(path, bearer=shop.staff("marketer"))


def _bought(shop: Shop, clock: Clock) -> None:
    """Two members buy beans for 40, 20 and 60 euros, and a cup, one after the other."""
    mia, tom = shop.member(), shop.member()
    for member, lines in (
        (mia, [line("1", 4_000, "coffee-beans"), line("2", 1_000)]),
        (tom, [line("1", 2_000, "coffee-beans")]),
        (mia, [line("1", 6_000, "coffee-beans")]),
        (tom, [line("1", 500)]),
    ):
        assert shop.post("/v1/purchases", shop.purchase(member, *lines)).status == 201
        clock.now += timedelta(minutes=1)


def _rows(reply: Reply) -> list[list[str]]:
    assert reply.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(reply.body.decode())))


def test_an_offer_is_simulated_beside_another_before_it_is_launched(
    shop: Shop, clock: Clock
) -> None:
    _bought(shop, clock)
    offer_id = _offer(shop)
    unlimited = _offer(shop, name="Ten more", effect={"kind": "bonus_points", "points": 10})

    reply = _simulate(shop, offer_id, beside=[unlimited])

    assert reply.status == 200, reply.body
    found = reply.json()
    simulation_id = found.pop("simulation_id")
    assert simulation_id.startswith("sim_")
    assert len(found.pop("assumes")) == 5
    first, second = found.pop("offers")
    assert found == {
        "status": "complete",
        "share_percent": 100,
        "months": 1,
        "since": "2026-10-22T09:34:00.000Z",
        "as_of": "2026-11-22T09:34:00.000Z",
        "purchases": 4,
        "members": 2,
        "unreadable": 0,
    }
    assert first == {
        "offer_id": offer_id,
        "version": 1,
        "name": "Double on beans",
        "members": 1,
        "purchases": 1,
        "points": 80,
        "cost": {"amount_minor": 80, **MONEY},
        "spend": {"amount_minor": 5_000, **MONEY},
        "budget": {"unit": "points", "amount": 100, "needed": 80},
        "by_week": [{"week": "2026-11-16", "purchases": 1, "points": 80}],
        "by_tier": [{"tier_id": None, "members": 1, "purchases": 1, "points": 80}],
        "by_segment": [],
        "largest": [80],
        "excluded": [
            {"reason": "budget", "purchases": 2},
            {"reason": "products", "purchases": 1},
        ],
        "overlap": [],
    }
    assert (second["offer_id"], second["purchases"], second["points"]) == (unlimited, 3, 30)

    path = f"/v1/offers/{offer_id}/simulations/{simulation_id}"
    again = _get(shop, path)
    assert (again.status, again.json()["offers"]) == (200, [first, second])
    figures = _rows(_get(shop, f"{path}?format=csv"))
    assert figures[0] == ["figure", "of", f"{offer_id} version 1", f"{unlimited} version 1"]
    assert ["points", "", str(first["points"]), "30"] in figures
    assert ["points_in_week", "2026-11-16", str(first["points"]), "30"] in figures


def test_what_cannot_be_simulated_is_said_where_it_stands(shop: Shop) -> None:
    offer_id = _offer(shop)
    wrong = _simulate(shop, offer_id, months=25, versions=[0])
    pointers = {error["pointer"] for error in wrong.json()["errors"]}
    assert (wrong.status, pointers) == (422, {"/months", "/versions/0"})
    unknown = _simulate(shop, offer_id, versions=[1, 2], beside=["off_x"], segments=["seg_x"])
    pointers = {error["pointer"] for error in unknown.json()["errors"]}
    assert (unknown.status, pointers) == (422, {"/versions/1", "/beside/0", "/segments/0"})
    birthday = _offer(
        shop, occasion="birthday", effect={"kind": "bonus_points", "points": 10}, basket={}
    )
    assert _simulate(shop, birthday).code == "conflict"
    assert _simulate(shop, "off_unknown").code == "not_found"
    assert _get(shop, f"/v1/offers/{offer_id}/simulations/sim_x").code == "not_found"


def test_results_are_told_from_the_launch_on_and_claim_nothing_without_a_holdout(
    shop: Shop,
) -> None:
    offer_id = _offer(shop)
    path = f"/v1/offers/{offer_id}/results"
    assert _get(shop, path).code == "conflict"
    assert _get(shop, "/v1/offers/off_unknown/results").code == "not_found"
    launch = f"/v1/offers/{offer_id}/launch"
    assert shop.client.post(launch, None, bearer=shop.staff("marketer")).status == 200

    results = _get(shop, path).json()

    assert results["reached"] is not None
    assert results["activated"] is None
    nothing = {"amount_minor": 0, **MONEY}
    assert results["used"] == {
        "members": 0,
        "uses": 0,
        "points": 0,
        "cost": nothing,
        "versions": [],
    }
    uplift = results["uplift"]
    assert (uplift["enough"], uplift["reason"]) == (False, "no_holdout")
    assert uplift["why"].startswith("Nobody is held back")
    assert (uplift["visits"], uplift["spend_minor"]) == (None, None)
    figures = _rows(_get(shop, f"{path}?format=csv"))
    assert figures[0] == ["figure", "version", "value", "low", "high"]
    assert ["enough", "", "no_holdout", "", ""] in figures
