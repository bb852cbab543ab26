"""An erasure and whatever else happens to the member meanwhile: a sample of what the
simulation tries."""

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
from tests.simulation.turnstile import Turnstile

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


_SAMPLE = {
    "purchase": 1,
    "card setup": 3,
    "export": 2,
    "code sent again": 2,
    "code sent back": 2,
    "hold": 4,
    "restriction": 7,
    "another merged in": 2,
}
"""After how many of its calls each is halted: most often right before it writes."""


@pytest.mark.parametrize(("name", "calls"), _SAMPLE.items())
def test_whatever_happens_meanwhile_a_member_is_erased_whole_and_nothing_is_lost(
    services: Services, at_stripe: AtStripe, connection: Connection, name: str, calls: int
) -> None:
    scene = set_scene(services, at_stripe, waiting=name in WAITS)
    order = (_OTHER,) * calls + (_ERASURE,) * 200
    results, _ = Turnstile(connection).run(acts(scene, name), order)
    assert results[_ERASURE] == "done", results
    assert list(complaints(scene, connection, name, results[_OTHER])) == []


def test_the_books_of_all_of_them_are_right(services: Services, at_stripe: AtStripe) -> None:
    scene = set_scene(services, at_stripe)
    erase(scene)
    report = reconcile_now(scene.ports, lambda: NOW + timedelta(days=1), lambda: True).report
    assert report.breaches == ()
