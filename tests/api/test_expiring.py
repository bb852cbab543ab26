"""What would expire, over HTTP, before it does."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.account import Lot
from chalicelib.wiring import Services
from chalicelib.workers import expire_points as worker
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.workers.last_days import HOUR, LAST, LastDays, in_berlin, last_days

LATER = date(2027, 1, 31)


@pytest.fixture
def ledger(
    services: Services,
    client: Client,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[LastDays]:
    with last_days(services, client, key_for, token_for, thousand_points_minor=9_000) as world:
        yield world


def ask(ledger: LastDays, query: str, group: str = "marketer") -> Reply:
    path = f"/v1/analytics/expiring?{query}"
    return ledger.shop.client.get(path, bearer=ledger.shop.staff(group))


def row(day: date, points: int, accounts: int, amount_minor: int) -> dict[str, Any]:
    value = {"amount_minor": amount_minor, "currency": "EUR"}
    return {"expires_on": str(day), "points": points, "accounts": accounts, "value": value}


@pytest.mark.parametrize("group", ["marketer", "admin"])
def test_it_says_how_many_points_of_how_many_accounts_and_what_they_cost(
    ledger: LastDays, group: str
) -> None:
    ledger.account(Lot(LAST, 100), Lot(LATER, 11), Lot(None, 5))
    ledger.account(Lot(LAST, 300))
    reply = ask(ledger, f"on={LATER}", group)
    assert reply.status == 200, reply.body
    assert reply.json() == {
        "on": "2027-01-31",
        "as_of": "2026-11-22T09:30:00.000Z",
        "items": [row(LAST, 400, 2, 3_600), row(LATER, 11, 1, 99)],
        "points": 411,
        "accounts": 2,
        "value": {"amount_minor": 3_699, "currency": "EUR"},
        "complete": True,
        "next_cursor": None,
    }


def test_the_run_then_expires_what_was_said_and_nothing_is_left_to_say(
    ledger: LastDays, clock: Clock
) -> None:
    for number in range(20):
        ledger.account(Lot(LAST, 10 + number), Lot(LATER, 1))
    before = ask(ledger, f"on={LAST}").json()
    clock.now = in_berlin(LAST + timedelta(days=1), 3)
    assert ask(ledger, f"on={LAST}").json()["points"] == before["points"]
    answer = worker.handle(HOUR, None)
    assert (answer["points"], answer["accounts"]) == (before["points"], before["accounts"])
    assert ask(ledger, f"on={LAST}").json()["items"] == []
    assert ask(ledger, f"on={LATER}").json()["points"] == 20


def test_a_day_that_is_none_and_a_cursor_of_another_day_are_refused(ledger: LastDays) -> None:
    for query in ("", "on=tomorrow", "on=2026-02-30", "on=9999-12-31", "on=2026-12-31&by=tier"):
        assert ask(ledger, query).status == 422, query
    assert ask(ledger, f"on={LAST}&cursor=abc").code == "bad_cursor"


def test_what_takes_long_comes_in_parts_that_add_up(ledger: LastDays) -> None:
    for number in range(30):
        ledger.account(Lot(LAST, 1 + number))
    seconds = itertools.count(step=10)  # every page takes longer than a request may
    ports = ledger.services.ports
    hasty = replace(ports.patience, monotonic=lambda: float(next(seconds)))
    wiring.install(replace(ledger.services, ports=replace(ports, patience=hasty)))
    part = ask(ledger, f"on={LAST}").json()
    assert (part["complete"], part["points"]) < (True, 465)
    foreign = f"on={LATER}&cursor={part['next_cursor']}"
    assert ask(ledger, foreign).code == "bad_cursor"
    points, accounts = part["points"], part["accounts"]
    while part["next_cursor"] is not None:
        part = ask(ledger, f"on={LAST}&cursor={part['next_cursor']}").json()
        assert part["complete"] is False
        points, accounts = points + part["points"], accounts + part["accounts"]
    assert (points, accounts) == (465, 30)


def test_it_names_nobody(ledger: LastDays) -> None:
    member = ledger.account(Lot(LAST, 100))
    assert member.encode() not in ask(ledger, f"on={LAST}").body
