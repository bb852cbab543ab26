"""Simulations of offers and the audiences of their launches, in the table `config`.

What a simulation found lies in packed pages (gzip over rows of JSON), without anybody's id. Knows
where it lies, not what it means.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.simulations import Given, Simulation
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import each_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute

SIMULATIONS_STAY = timedelta(days=60)


class SimulationItem(ConfigItem, discriminator="offer_simulation"):
    """What somebody asked of offers; only ever put."""

    schema = IntAttribute()
    document = UnicodeAttribute()
    ttl = IntAttribute()


class GivenItem(ConfigItem, discriminator="simulated_page"):
    """What an offer would have given on a page of the ledger."""

    given = BinaryAttribute(legacy_encoding=False)
    ttl = IntAttribute()


class LaunchItem(ConfigItem, discriminator="offer_launch"):
    """Whom an offer was launched for, in figures."""

    schema = IntAttribute()
    document = UnicodeAttribute()


class DynamoOfferMeasures:
    """The `OfferMeasures` port over the bound tables."""

    def keep_simulation(self, simulation: Simulation) -> None:
        item = SimulationItem(keys.offer_simulation(simulation.simulation_id), keys.ONLY)
        item.schema, item.document = SCHEMA, encoded(simulation)
        item.ttl = _until(simulation.at)
        with store_errors():
            item.save()

    def simulation(self, simulation_id: str) -> Simulation | None:
        item = get(SimulationItem, keys.offer_simulation(simulation_id), keys.ONLY)
        return decoded(Simulation, item.document, item.schema) if item is not None else None

    def keep_given(
        self, simulation: Simulation, offer: int, page: str, given: Iterable[Given]
    ) -> None:
        pk = keys.simulated_pages(simulation.simulation_id, offer)
        text = json.dumps([astuple(one) for one in given], separators=(",", ":"))
        # The same rows are the same bytes, whenever they are packed.
        item = GivenItem(pk, page, given=gzip.compress(text.encode(), mtime=0))
        item.ttl = _until(simulation.at)
        with store_errors():
            item.save()

    def given(self, simulation: Simulation, offer: int) -> Iterator[Given]:
        pk = keys.simulated_pages(simulation.simulation_id, offer)
        for item in each_of(GivenItem, pk):
            yield from map(_given, json.loads(gzip.decompress(item.given)))

    def keep_launch(self, audience: LaunchAudience) -> None:
        item = LaunchItem(keys.offer_launch(audience.offer_id), keys.ONLY)
        item.schema, item.document = SCHEMA, encoded(audience)
        with store_errors():
            item.save()

    def launch(self, offer_id: str) -> LaunchAudience | None:
        item = get(LaunchItem, keys.offer_launch(offer_id), keys.ONLY)
        return decoded(LaunchAudience, item.document, item.schema) if item is not None else None


def _given(row: Sequence[Any]) -> Given:
    at_ms, account, seq, points, cost, spend_minor, period, tier, segments = row
    return Given(at_ms, account, seq, points, cost, spend_minor, period, tier, tuple(segments))


def _until(at: datetime) -> int:
    return int((at + SIMULATIONS_STAY).timestamp())
