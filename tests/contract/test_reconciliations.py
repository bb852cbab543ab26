"""The port `Reconciliations`, real and fake: each is begun once and finished once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.liability import Holdings, Liability
from chalicelib.domain.reconciliations import Reconciliation, Report
from chalicelib.storage.reconciliations import DynamoReconciliations
from chalicelib.storage.tables import ConfigItem
from chalicelib.usecases.ports import Reconciliations
from tests.fakes.reconciliations import FakeReconciliations
from tests.ledger_world import NOW
from tests.own_tables import own_tables

FIRST = Reconciliation(1, NOW, NOW - timedelta(seconds=30), 2, {"rwd_1": 5})
REPORT = Report(
    seen={"accounts": 3},
    breaches=(Breach("hash_wrong", "An entry.", "A#mem_1", 2), Breach("stock_wrong", "U.", "rwd")),
    times={"hash_wrong": 1, "stock_wrong": 1},
    unread=1,
    accounts_unread=1,
    unsettled={"rwd_1": -1},
    liability=Liability(
        Holdings(3, 40, 2, 1), {"": Holdings(3, 40, 2, 1)}, {"never": 42}, {"2026-03": 42}, 0, {}
    ),
)


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Reconciliations]:
    if request.param == "memory":
        yield FakeReconciliations()
    else:
        connection: Connection = request.getfixturevalue("connection")
        with own_tables(connection, ConfigItem):
            yield DynamoReconciliations()


def test_there_are_none_before_the_first(kept: Reconciliations) -> None:
    assert kept.newest(5) == []
    assert kept.get(1) is None


def test_one_is_begun_once_and_kept_as_it_is(kept: Reconciliations) -> None:
    assert kept.begin(FIRST)
    assert not kept.begin(replace(FIRST, program_version=9))
    assert kept.get(1) == FIRST
    assert kept.newest(5) == [FIRST]


def test_one_is_finished_once_with_what_it_found(kept: Reconciliations) -> None:
    kept.begin(FIRST)
    finished = replace(FIRST, finished_at=NOW + timedelta(minutes=3), report=REPORT)
    assert kept.finish(finished)
    assert not kept.finish(replace(finished, finished_at=NOW + timedelta(minutes=4)))
    assert kept.get(1) == finished


def test_the_newest_come_first_and_no_more_than_were_asked_for(kept: Reconciliations) -> None:
    begun = [replace(FIRST, number=number) for number in (1, 2, 9, 10, 11)]
    for reconciliation in begun:
        assert kept.begin(reconciliation)
    assert kept.newest(3) == [begun[4], begun[3], begun[2]]
