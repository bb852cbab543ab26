"""What a program that has run for years pays for its offers: what is over for good costs tills
nothing, however much of it there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.conditions import All, Leaf, Op
from chalicelib.domain.offers import BasketTerms, BonusPoints, LineMatch, Offer, OfferText
from chalicelib.domain.offers import OfferStatus as Status
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA
from chalicelib.storage.live_offers import GenerationItem, read_listing
from chalicelib.storage.offer_documents import encoded_offer
from chalicelib.storage.offers import DynamoOffers, OfferItem
from chalicelib.storage.tables import ConfigItem
from tests.ledger_world import NOW
from tests.metered import READ_UNIT_BYTES, Meter, metered
from tests.own_tables import own_tables

LIVE, OVER = 500, 5_000
LATE_SINCE = NOW - timedelta(days=30)


@pytest.fixture
def years(connection: Connection) -> Iterator[Connection]:
    """Offers as a release wrote them that read all of them whenever one changed."""
    with own_tables(connection, ConfigItem):
        with OfferItem.batch_write() as batch:
            for number in range(1, LIVE + OVER + 1):
                offer = _offer(number)
                item = OfferItem(keys.OFFER, offer.offer_id, schema=SCHEMA, version=1, budgeted=0)
                item.document, item.created_at = encoded_offer(offer), "2024"
                batch.save(item)
        moved = GenerationItem(keys.OFFERS_LIVE, keys.GENERATION)
        moved.update([GenerationItem.generation.add(2 * (LIVE + OVER))])
        yield connection


def _offer(number: int) -> Offer:
    """A usual one; the first ones are live, and every tenth of these is paused."""
    asked = All((Leaf("country", Op.IN, ("DE", "AT")), Leaf("days_since_joining", Op.GTE, number)))
    over = number > LIVE
    return Offer(
        f"off_{number:05d}",
        number,
        1,
        f"Offer {number}",
        BonusPoints(10),
        {"en": OfferText(f"Offer {number}"), "de": OfferText(f"Angebot {number}")},
        status=Status.ENDED if over else Status.LAUNCHED if number % 10 else Status.PAUSED,
        audience=asked,
        basket=BasketTerms(matches=LineMatch(categories=frozenset({f"category-{number % 20}"}))),
        launched_at=NOW - timedelta(days=400),
        since=NOW - timedelta(days=400),
        ended_at=LATE_SINCE - timedelta(days=1) if over else None,
    )


def _reading(connection: Connection) -> tuple[int, Meter]:
    """How many offers a process that has just started reads, and for how much."""
    offers = DynamoOffers()
    with metered(connection) as meter:
        return len(offers.live().all), meter


def _units(meter: Meter) -> int:
    return sum(-(-read // READ_UNIT_BYTES) for read in meter.read_bytes)


@pytest.mark.timeout(120)
def test_beside_5000_that_are_over_500_live_offers_cost_what_they_cost_alone(
    years: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    everything, before = _reading(years)
    assert everything == LIVE + OVER
    # The first step of this release brings the rows that tills read up to all there is.
    step = replace(_offer(1), version=2, name="Other")
    assert DynamoOffers().put(step, NOW, LATE_SINCE) == "written"
    assert read_listing().is_whole
    found, after = _reading(years)
    assert found == LIVE
    assert len(after.calls) <= 3  # the counter, and a page or two of rows
    assert _units(after) * 8 < _units(before)
    with metered(years) as usual:
        assert DynamoOffers().put(replace(step, version=3), NOW, LATE_SINCE) == "written"
    assert usual.calls == ["GetItem", "Query", "TransactWriteItems"]
    # From then on what ends goes out of the tills' way by itself.
    over = replace(_offer(2), version=2, status=Status.ENDED, ended_at=NOW)
    assert DynamoOffers().put(over, NOW, LATE_SINCE) == "written"
    assert _reading(years)[0] == LIVE
    late = LATE_SINCE + timedelta(days=31)
    assert DynamoOffers().put(replace(step, version=4), NOW, late) == "written"
    assert _reading(years)[0] == LIVE - 1
    with capsys.disabled():
        print(
            f"\n  {LIVE} live and {OVER} ended offers: {_units(before)} read units whenever one"
            f" changes, {_units(after)} with rows of their own; a step writes"
            f" {usual.write_units:.0f} units"
        )
