"""An erasure and whatever else happens to the member meanwhile: a sample of what the
simulation tries."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.usecases.reconcile import reconcile_now
from chalicelib.wiring import Services
from tests.at_stripe import AtStripe
from tests.erased import complaints
from tests.erasing import WAITS, acts, erase, set_scene
from tests.own_stage import own_stage
from tests.people_world import NOW
from tests.simulation.turnstile import Order, Turnstile

_ERASURE, _OTHER = 0, 1


@pytest.fixture(scope="module")
def services(bound: Settings) -> Iterator[Services]:
    with own_stage(bound) as settings:
        yield wiring.build(settings)


@pytest.fixture(scope="module")
def at_stripe() -> Iterator[AtStripe]:
    stripe = AtStripe(lambda: datetime(2026, 3, 14, 12, 0, tzinfo=UTC))
    yield stripe
    stripe.double.close()


_SAMPLE = ("purchase", "new name", "card setup", "export", "code sent back", "another merged in")


def an_order(name: str) -> Order:
    """The other one reads, then all is erased, then it goes on."""
    return (_OTHER,) * random.Random(name).randrange(1, 4) + (_ERASURE,) * 200


@pytest.mark.parametrize("name", _SAMPLE)
def test_whatever_happens_meanwhile_a_member_is_erased_whole_and_nothing_is_lost(
    services: Services, at_stripe: AtStripe, connection: Connection, name: str
) -> None:
    scene = set_scene(services, at_stripe, waiting=name in WAITS)
    results, _ = Turnstile(connection).run(acts(scene, name), an_order(name))
    assert results[_ERASURE] == "done", results
    assert list(complaints(scene, connection, name, results[_OTHER])) == []


def test_the_books_of_all_of_them_are_right(services: Services, at_stripe: AtStripe) -> None:
    scene = set_scene(services, at_stripe)
    erase(scene)
    report = reconcile_now(scene.ports, lambda: NOW + timedelta(days=1), lambda: True).report
    assert report.breaches == ()
