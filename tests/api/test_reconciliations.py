"""Reconciliations and the liability over HTTP, on tables of their own."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.instants import printed
from chalicelib.domain.program import Pending, Tier, TierBasis, Tiers, TierWindow
from chalicelib.wiring import Services
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.contract.spoiled import RawLedger
from tests.own_services import own_books

LADDER = Tiers(TierBasis.POINTS, TierWindow.SINCE_JOINING, (Tier("silver", "Silver", 100),))


@pytest.fixture
def raw(services: Services, connection: Connection) -> Iterator[RawLedger]:
    """The ledger alone with its configuration; nobody else's records are in it."""
    with own_books(services, connection) as raw:
        yield raw


@pytest.fixture
def place(
    raw: RawLedger,
    client: Client,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Shop:
    """A shop whose points wait for 14 days and make a tier."""
    assert raw
    shop = Shop(client, wiring.services(), key_for(), token_for)
    shop.promise(pending=Pending(14), tiers=LADDER, thousand_points_minor=5_000)
    return shop


def reconcile(shop: Shop) -> Reply:
    return shop.client.post("/v1/reconciliations", None, bearer=shop.staff("admin"))


def read(shop: Shop, path: str, group: str = "admin") -> Any:
    reply = shop.client.get(path, bearer=shop.staff(group))
    assert reply.status == 200, reply.body
    return reply.json()


def test_without_a_program_there_is_nothing_to_reconcile(
    raw: RawLedger, client: Client, token_for: Callable[..., str]
) -> None:
    assert raw
    shop = Shop(client, wiring.services(), "", token_for)
    refused = reconcile(shop)
    assert (refused.status, refused.code) == (409, "conflict")
    assert refused.json()["reason"] == "no_program"


def test_healthy_books_are_clean(place: Shop, clock: Clock) -> None:
    member = place.member()
    place.earn(member, 150)
    clock.forward(minutes=1)

    answer = reconcile(place)

    assert answer.status == 200
    found = answer.json()
    assert (found["status"], found["clean"]) == ("finished", True)
    assert found["breaches"] == []
    assert found["times"] == found["unsettled"] == {}
    assert found["seen"] == {"accounts": 1, "entries": 2, "purchases": 1, "purchase_events": 0}
    assert found["began_at"] == found["finished_at"] == printed(clock())
    assert read(place, "/v1/reconciliations/latest") == found
    assert read(place, f"/v1/reconciliations/{found['reconciliation_id']}") == found


def test_what_is_wrong_is_told_and_raises_the_alarm(
    place: Shop, clock: Clock, raw: RawLedger, capsys: pytest.CaptureFixture[str]
) -> None:
    member = place.member()
    place.earn(member, 150)
    clock.forward(minutes=1)
    raw.change(raw.find(f"A#{member}", k="earn"), x="0,151,0")
    capsys.readouterr()

    found = reconcile(place).json()

    assert not found["clean"]
    assert {(b["code"], b["key"], b["number"]) for b in found["breaches"]} == {
        ("hash_wrong", f"A#{member}", 2),
        ("changes_wrong", f"A#{member}", 2),
        ("reasons_differ", f"A#{member}", 2),
        ("entry_differs", f"A#{member}", 2),
        ("liability_differs", "", None),
    }
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (alarm,) = [line for line in lines if line["event"] == "ledger_breaches"]
    assert alarm["ledger_breaches"] == 5
    assert alarm["times"] == found["times"]
    assert member not in json.dumps(alarm)


def test_another_is_begun_when_the_last_is_finished(place: Shop) -> None:
    first, second = reconcile(place).json(), reconcile(place).json()
    assert [answer["reconciliation_id"] for answer in (first, second)] == [
        "rec_00000001",
        "rec_00000002",
    ]
    assert read(place, "/v1/reconciliations/latest") == second


@pytest.mark.parametrize("unknown", ["rec_00000001", "latest", "rec_1", "1", "rec_0000000x"])
def test_what_there_is_not_is_not_found(place: Shop, unknown: str) -> None:
    path = f"/v1/reconciliations/{unknown}"
    reply = place.client.get(path, bearer=place.staff("admin"))
    assert (reply.status, reply.code) == (404, "not_found")


def test_the_liability_is_told_by_state_expiry_age_and_tier_in_points_and_money(
    place: Shop, clock: Clock
) -> None:
    rich, poor = place.member(), place.member()
    place.earn(rich, 150)
    clock.forward(days=20)
    place.earn(rich, 7)
    adjusted = place.client.post(
        f"/v1/members/{poor}/adjustments",
        {"points": -30, "reason": "given by mistake", "allow_debt": True},
        bearer=place.staff("support"),
        headers={"Idempotency-Key": "k"},
    )
    assert adjusted.status == 201
    clock.forward(minutes=1)
    answer = reconcile(place).json()

    told = read(place, "/v1/analytics/liability", "marketer")

    assert told["as_of"] == answer["as_of"]
    assert told["reconciliation_id"] == answer["reconciliation_id"]
    assert told["thousand_points"] == {"amount_minor": 5_000, "currency": "EUR"}
    assert told["accounts"] == 2
    assert told["total"] == {"points": 157, "amount_minor": 785}
    assert told["available"] == {"points": 150, "amount_minor": 750}
    assert told["pending"] == {"points": 7, "amount_minor": 35}
    assert told["debt"] == {"points": 30, "amount_minor": 150}
    assert told["by_expiry"] == [{"month": None, "points": 157, "amount_minor": 785}]
    assert told["by_earned"] == [
        {"month": "2026-11", "points": 150, "amount_minor": 750},
        {"month": "2026-12", "points": 7, "amount_minor": 35},
    ]
    none = {"tier_id": None, "name": None, "accounts": 1, "available": 0, "pending": 0}
    silver = {"tier_id": "silver", "name": "Silver", "accounts": 1, "available": 150, "pending": 7}
    assert told["by_tier"] == [
        {**none, "debt": 30, "amount_minor": 0},
        {**silver, "debt": 0, "amount_minor": 785},
    ]
    assert told["ledger"] == {
        "entered": {"open": 0, "earn": 157, "adjust": -30},
        "expired_unwritten": 0,
        "difference": 0,
        "accounts_unread": 0,
    }


def test_there_is_no_liability_before_the_first_reconciliation(place: Shop) -> None:
    reply = place.client.get("/v1/analytics/liability", bearer=place.staff("admin"))
    assert (reply.status, reply.code) == (404, "not_found")
