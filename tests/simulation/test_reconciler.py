"""While a crowd does everything at once and months pass, the reconciler goes through the books
again and again: it never raises a false alarm, and in the end all of it is clean."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.reconciliations import Report
from chalicelib.storage.books import DynamoBooks
from chalicelib.storage.offers import DynamoOffers
from chalicelib.storage.reconciliations import DynamoReconciliations
from chalicelib.storage.tables import ConfigItem, LedgerItem
from chalicelib.usecases.reconcile import reconcile_now
from tests.ledger_world import dynamo_world, new_name
from tests.own_tables import own_tables
from tests.simulation.crowd import Person, Town, tally, town

CROWD = 6
ACTS = 100
SLOWEST_CLOCK = timedelta(seconds=20)
"""Clocks are up to this far behind, which is less than the reconciler waits before it takes an
instant for settled."""


@pytest.fixture
def place(connection: Connection) -> Iterator[Town]:
    with own_tables(connection, LedgerItem, ConfigItem):
        world = dynamo_world(new_name("crowd"), offers=DynamoOffers())
        ports = replace(world.ports, reconciliations=DynamoReconciliations(), books=DynamoBooks(40))
        yield replace(town(replace(world, ports=ports)), slowest=SLOWEST_CLOCK)


@pytest.mark.timeout(300)
def test_a_busy_crowd_reconciles_clean_at_any_time(
    place: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(CROWD) as pool:
        lives = [pool.submit(_live, place, f"1/{number}") for number in range(CROWD)]
        meanwhile = list(_reconciled_until(place, lives))
        for life in lives:
            life.result()
    place.now += timedelta(days=1)
    last = _reconciled(place)
    with capsys.disabled():
        print(f"\n  {tally(place.requests)}\n  {len(meanwhile)} reports meanwhile, {last.seen}")
    assert [report.breaches for report in meanwhile] == [()] * len(meanwhile)
    assert len(meanwhile) > 2
    assert last.breaches == ()
    assert last.unread == 0
    held, entered = last.liability.held, sum(last.liability.entered.values())
    assert held.available + held.pending - held.debt + last.liability.expired == entered
    assert last.liability.entered.keys() >= {"earn", "return", "redeem", "cancel", "expire"}


def _live(place: Town, name: str) -> None:
    person = Person(place, name)
    for _ in range(ACTS):
        person.act()


def _reconciled_until(place: Town, lives: list[Future[None]]) -> Iterator[Report]:
    while not all(life.done() for life in lives):
        yield _reconciled(place)


def _reconciled(place: Town) -> Report:
    """A whole reconciliation, a few pages at a time; time may pass in between."""
    while (report := _some_pages(place)) is None:
        pass
    return report


def _some_pages(place: Town) -> Report | None:
    with place.moment() as now:
        state = reconcile_now(place.world.ports, lambda: now, _three_times())
    return state.reconciliation.report


def _three_times() -> Callable[[], bool]:
    answers = iter([True] * 3)
    return lambda: next(answers, False)
