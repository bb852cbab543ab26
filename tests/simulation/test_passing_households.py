"""A household's owner is erased in many orders of calls with what those do who share it, and by a
worker that is killed at every write: the household passes on once, and nothing of it is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, product

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.usecases.reconcile import reconcile_now
from chalicelib.wiring import Services
from tests.at_home import (
    MEANWHILE,
    Home,
    acts,
    erase_sharer,
    is_killed_writing,
    left_behind,
    set_home,
    still_told,
    wrongs,
)
from tests.at_stripe import AtStripe
from tests.erasing import erase
from tests.mortal import Life
from tests.own_stage import own_stage
from tests.people_world import NOW
from tests.simulation.turnstile import Order, Turnstile

_ERASURE, _OTHER = 0, 1
_ALL = 200
"""More calls than either of them makes."""


@pytest.fixture(scope="module")
def services(bound: Settings) -> Iterator[Services]:
    with own_stage(bound) as settings:
        yield wiring.build(settings)


@pytest.fixture(scope="module")
def at_stripe() -> Iterator[AtStripe]:
    stripe = AtStripe(lambda: datetime(2026, 3, 14, 12, 0, tzinfo=UTC))
    yield stripe
    stripe.double.close()


def orders() -> Iterator[Order]:
    """The other one is halted before it writes, while all is erased; and the erasure while it reads
    what it passes on, before it writes that and behind it, while the other does all of its calls.
    """
    yield (_OTHER,) * 3 + (_ERASURE,) * _ALL
    for place in (12, 14, 16):
        yield (_ERASURE,) * place + (_OTHER,) * _ALL + (_ERASURE,) * _ALL


def breaches(home: Home) -> list[object]:
    """What a reconciliation of everything finds."""
    told = reconcile_now(home.scene.ports, lambda: NOW + timedelta(days=1), lambda: True)
    assert told.report is not None
    return list(told.report.breaches)


def test_whatever_sharers_do_meanwhile_their_household_passes_on_whole(
    services: Services, at_stripe: AtStripe, connection: Connection
) -> None:
    for name, order in product(MEANWHILE, orders()):
        home = set_home(services, at_stripe)
        results, made = Turnstile(connection).run(acts(home, name), order)
        assert results[_ERASURE] == "done", (name, results)
        found = list(wrongs(home, name, results[_OTHER]))
        assert found == [], (name, order.count(_OTHER), made, results)
    assert list(left_behind(home, connection)) == []
    assert breaches(home) == []


def test_what_an_erased_sharer_bought_is_redacted_whole_whatever_comes_back_of_it_meanwhile(
    services: Services, at_stripe: AtStripe, connection: Connection
) -> None:
    # From when she has left the household until what she bought is redacted.
    for place, calls in product((20, 24, 28, 32), (2, 3)):
        home = set_home(services, at_stripe)
        erased, back = (
            partial(erase_sharer, home, home.kim),
            partial(home.near.give_back, "kims", "r", 4),
        )
        order = (_ERASURE,) * place + (_OTHER,) * calls + (_ERASURE,) * _ALL
        results, _ = Turnstile(connection).run([erased, back], order)
        assert results[_ERASURE] == "done", results
        assert list(still_told(home, "kims")) == [], (place, calls, results)
    assert breaches(home) == []


def test_a_worker_that_is_killed_at_any_write_passes_a_household_on_once(
    services: Services, at_stripe: AtStripe, connection: Connection
) -> None:
    for write in count(1):
        home = set_home(services, at_stripe)
        died = is_killed_writing(home, Life(write, after=write % 2 == 0))
        assert erase(home.scene) == "done"
        assert list(wrongs(home, "a death", None)) == [], write
        receipt = home.scene.ports.erasures.get(home.scene.erasure_id)
        assert receipt is not None
        told = (receipt.what["purchases_redacted"], receipt.what["points_passed_on"])
        assert told == (1, home.points), write
        if not died:
            assert write > 10
            break
    assert list(left_behind(home, connection)) == []
    assert breaches(home) == []
