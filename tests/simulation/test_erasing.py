"""An erasure in many orders of calls with whatever else happens, and killed at every call."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.storage.tables import KeysItem, LedgerItem, PeopleItem
from chalicelib.wiring import Services
from tests.at_stripe import AtStripe
from tests.erased import complaints
from tests.erasing import MEANWHILE, WAITS, acts, erase, is_killed, set_scene
from tests.mortal import Life
from tests.own_stage import own_stage
from tests.own_tables import own_tables
from tests.simulation.turnstile import Order, Turnstile

_ERASURE, _OTHER = 0, 1
_ALL = 200
"""More calls than either of them makes."""


@pytest.fixture(scope="module")
def services(bound: Settings) -> Iterator[Services]:
    with own_stage(bound) as settings:
        yield wiring.build(settings)


@pytest.fixture(autouse=True)
def empty_tables(services: Services, connection: Connection) -> Iterator[None]:
    """For each test: what is left of a scene is looked for among all that is there."""
    assert services
    with own_tables(connection, LedgerItem, PeopleItem, KeysItem):
        yield


@pytest.fixture(scope="module")
def at_stripe() -> Iterator[AtStripe]:
    stripe = AtStripe(lambda: datetime(2026, 3, 14, 12, 0, tzinfo=UTC))
    yield stripe
    stripe.double.close()


def orders() -> Iterator[Order]:
    """The other one is halted after each of its calls while all is erased; and the erasure is
    halted on its way, while the other makes a call or all of its calls."""
    for calls in range(1, 7):
        yield (_OTHER,) * calls + (_ERASURE,) * _ALL
    for place in range(1, 40, 4):
        for calls in (1, _ALL):
            yield (_ERASURE,) * place + (_OTHER,) * calls + (_ERASURE,) * _ALL


@pytest.mark.parametrize("name", MEANWHILE)
def test_whatever_happens_meanwhile_a_member_is_erased_whole_and_nothing_is_lost(
    services: Services, at_stripe: AtStripe, connection: Connection, name: str
) -> None:
    for order in orders():
        scene = set_scene(services, at_stripe, waiting=name in WAITS)
        results, made = Turnstile(connection).run(acts(scene, name), order)
        assert results[_ERASURE] == "done", results
        found = list(complaints(scene, connection, name, results[_OTHER]))
        assert found == [], (order.count(_OTHER), made)


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_is_killed_at_any_call_leaves_an_erasure_that_another_ends(
    services: Services, at_stripe: AtStripe, connection: Connection, after: bool
) -> None:
    for call in count(1):
        scene = set_scene(services, at_stripe, waiting=True)
        died = is_killed(scene, Life(call, after=after))
        assert erase(scene) == "done"
        assert list(complaints(scene, connection, "a death", None)) == [], call
        receipt = scene.ports.erasures.get(scene.erasure_id)
        assert receipt is not None
        told = (receipt.what["purchases_redacted"], receipt.what["identifiers_removed"])
        assert told == (1, 2), call
        if not died:
            assert call > 20
            return
