"""The port `OfferMeasures`, real and fake: simulations, and whom offers were launched for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.simulations import Given, OfferVersion, Simulation
from chalicelib.storage.offer_measures import DynamoOfferMeasures
from chalicelib.storage.tables import ConfigItem
from chalicelib.usecases.ports import OfferMeasures
from tests.fakes.offer_measures import FakeOfferMeasures
from tests.ledger_world import NOW
from tests.own_tables import own_tables

ASKED = Simulation(
    "sim_1",
    NOW,
    3,
    (OfferVersion("off_1", 1), OfferVersion("off_2", 4)),
    (OfferVersion("off_3", 2),),
    ("seg_1",),
)
GIVEN = Given(1_773_489_600_123, "01-000002-7", 12, 40, 8, 4_000, "2026-03", "gold", ("seg_1",))


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[OfferMeasures]:
    if request.param == "memory":
        yield FakeOfferMeasures()
    else:
        connection: Connection = request.getfixturevalue("connection")
        with own_tables(connection, ConfigItem):
            yield DynamoOfferMeasures()


def test_what_was_asked_is_kept_as_it_is(kept: OfferMeasures) -> None:
    assert kept.simulation("sim_1") is None
    kept.keep_simulation(ASKED)
    assert kept.simulation("sim_1") == ASKED


def test_what_an_offer_would_have_given_is_kept_page_by_page_and_once_a_page(
    kept: OfferMeasures,
) -> None:
    second, third = (replace(GIVEN, seq=seq, segments=()) for seq in (13, 14))
    kept.keep_given(ASKED, 0, "01-000003", [third])
    kept.keep_given(ASKED, 0, "01-000002", [third])
    kept.keep_given(ASKED, 0, "01-000002", [GIVEN, second])  # the same page, seen again
    kept.keep_given(ASKED, 1, "01-000002", [second])
    kept.keep_given(replace(ASKED, simulation_id="sim_2"), 0, "01-000002", [second])
    assert list(kept.given(ASKED, 0)) == [GIVEN, second, third]
    assert list(kept.given(ASKED, 1)) == [second]
    assert list(kept.given(ASKED, 2)) == []


def test_whom_an_offer_was_launched_for_is_kept_as_the_last_try_noted_it(
    kept: OfferMeasures,
) -> None:
    assert kept.launch("off_1") is None
    first = LaunchAudience("off_1", NOW, 900, None)
    again = LaunchAudience("off_1", NOW + timedelta(seconds=3), 1_000, NOW, 90, 10)
    kept.keep_launch(first)
    kept.keep_launch(again)
    assert kept.launch("off_1") == again
    assert kept.launch("off_2") is None
