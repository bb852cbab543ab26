"""The worker that erases is killed, before or after a call: another comes to the same end.

A sample of what the simulation tries at every call.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.settings import Settings
from chalicelib.wiring import Services
from tests.at_stripe import AtStripe
from tests.erased import complaints
from tests.erasing import erase, is_killed, set_scene
from tests.mortal import Life
from tests.own_stage import own_stage


@pytest.fixture(scope="module")
def services(bound: Settings) -> Iterator[Services]:
    with own_stage(bound) as settings:
        yield wiring.build(settings)


@pytest.fixture(scope="module")
def at_stripe() -> Iterator[AtStripe]:
    stripe = AtStripe(lambda: datetime(2026, 3, 14, 12, 0, tzinfo=UTC))
    yield stripe
    stripe.double.close()


@pytest.mark.parametrize(("call", "after"), [(3, True), (9, False), (16, True), (20, False)])
def test_a_worker_that_is_killed_leaves_an_erasure_that_another_ends(
    services: Services, at_stripe: AtStripe, connection: Connection, call: int, after: bool
) -> None:
    scene = set_scene(services, at_stripe, waiting=True)
    assert is_killed(scene, Life(call, after=after))
    assert erase(scene) == "done"
    assert list(complaints(scene, connection, "a death", None)) == []
    receipt = scene.ports.erasures.get(scene.erasure_id)
    assert receipt is not None
    told = (receipt.what["purchases_redacted"], receipt.what["identifiers_removed"])
    assert told == (1, 2)
