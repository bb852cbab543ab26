"""The worker that reconciles, over the real application's ports and tables of its own."""

import json
from collections.abc import Iterator

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.wiring import Services
from chalicelib.workers import reconcile
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.contract.spoiled import RawLedger
from tests.own_services import own_books
from tests.workers.test_expire_redemptions import EVENT

NOTHING = {"reconciliation": None, "done": True, "breaches": 0}


@pytest.fixture
def raw(services: Services, connection: Connection) -> Iterator[RawLedger]:
    """The ledger alone with its configuration."""
    with own_books(services, connection) as raw:
        yield raw


def test_there_is_one_reconciliation_a_day(raw: RawLedger, clock: Clock) -> None:
    assert raw
    assert reconcile.handle(EVENT, None) == NOTHING  # there is no program yet
    Shop(None, wiring.services(), "", None).promise()  # type: ignore[arg-type]  # calls nothing
    first = {"reconciliation": 1, "done": True, "breaches": 0}
    assert [reconcile.handle(EVENT, None) for _ in range(2)] == [first, NOTHING]
    clock.forward(days=1)
    assert reconcile.handle(EVENT, None) == {**first, "reconciliation": 2}


def test_what_is_wrong_raises_the_alarm(
    raw: RawLedger, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop(None, wiring.services(), "", None)  # type: ignore[arg-type]  # calls nothing
    shop.promise()
    member = shop.member()
    raw.change(raw.find(f"A#{member}"), h=b"0" * 32)
    clock.forward(minutes=1)
    capsys.readouterr()

    assert reconcile.handle(EVENT, None) == {"reconciliation": 1, "done": True, "breaches": 1}

    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["times"]) == ("ledger_breaches", {"hash_wrong": 1})
