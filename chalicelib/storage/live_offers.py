"""What tills go by of offers, in one partition of the table `config`: those that were launched and
can still give something, beside the counter that moves with every change of one.

The transaction of each step keeps its own row. `LISTED` moves with the counter; where it lags
behind, a release that knows nothing of these rows has changed an offer: then all offers are read,
until the next step has brought the rows up to them. Knows neither budgets nor members.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.offer_life import in_force_after, is_done_with, with_pauses
from chalicelib.domain.offers import Offer
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA
from chalicelib.storage.faults import store_errors
from chalicelib.storage.offer_documents import (
    decoded_offer,
    decoded_pauses,
    encoded_offer,
    encoded_pauses,
)
from chalicelib.storage.reading import get, raw_partition
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Delete, Put, Update, transact

_AT_A_TIME = 50
"""Rows that one transaction brings up to their offers."""

_MOST_LET_GO = 20
"""Rows of offers that are done with which go with one step."""


class GenerationItem(ConfigItem, discriminator="offers_generation"):
    """How often what tills go by has changed."""

    generation = IntAttribute()


class OffersListedItem(ConfigItem, discriminator="offers_listed"):
    """Of which of these changes the rows know."""

    generation = IntAttribute()


class LiveOfferItem(ConfigItem, discriminator="live_offer"):
    """An offer as tills go by it: with the terms that were in force last. version: of its newest
    version, which may have others."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()
    pauses = UnicodeAttribute(null=True)

    def offer(self) -> Offer:
        pauses = decoded_pauses(self.pauses) if self.pauses is not None else ()
        return with_pauses(decoded_offer(self.document, self.schema), pauses)


@dataclass(frozen=True, slots=True)
class Listing:
    """The partition as it was read. generation, listed: 0 where nothing was launched yet. rows: by
    the ids of their offers."""

    generation: int
    listed: int
    rows: Mapping[str, LiveOfferItem]

    @property
    def is_whole(self) -> bool:
        """Whether the rows are all there is to know."""
        return self.listed == self.generation

    def known(self, offer_id: str) -> Offer | None:
        """What tills go by of an offer; None where there is no row."""
        row = self.rows.get(offer_id)
        return row.offer() if row is not None else None

    def offers(self, everything: Callable[[], Iterable[Offer]]) -> list[Offer]:
        """What tills go by. everything: reads the newest version of every offer; asked where the
        rows do not know of all changes."""
        if self.is_whole:
            return [row.offer() for row in self.rows.values()]
        return [
            in_force_after(self.known(offer.offer_id), offer)
            for offer in everything()
            if offer.launched_at is not None
        ]


def read_generation() -> int:
    """How often what tills go by has changed."""
    item = get(GenerationItem, keys.OFFERS_LIVE, keys.GENERATION)
    return item.generation if item else 0


def read_listing() -> Listing:
    """The whole partition, the counter first: a row may be newer than it, and never older."""
    generation = listed = 0
    rows: dict[str, LiveOfferItem] = {}
    first_row = keys.live_offer("")
    raw_items = raw_partition(ConfigItem, keys.OFFERS_LIVE)
    with store_errors():
        for raw in raw_items:
            match raw["sk"]["S"]:  # counters do not say what kind of item they are
                case keys.GENERATION:
                    generation = GenerationItem.from_raw_data(raw).generation
                case keys.OFFERS_LISTED:
                    listed = OffersListedItem.from_raw_data(raw).generation
                case place if place.startswith(first_row):
                    rows[place.removeprefix(first_row)] = LiveOfferItem.from_raw_data(raw)
    return Listing(generation, listed, rows)


def bring_up(listing: Listing, everything: Iterable[Offer], late_since: datetime) -> None:
    """Make the rows those of all offers that were launched and are not done with.

    late_since: as in `is_done_with`. Raises Cancelled where something changes meanwhile: then all
    of it is to be read again.
    """
    behind = [
        offer
        for offer in everything
        if offer.launched_at is not None
        and not is_done_with(offer, late_since)
        and _is_behind(listing.rows.get(offer.offer_id), offer)
    ]
    for first in range(0, len(behind), _AT_A_TIME):
        transact(puts=[_row(listing, offer) for offer in behind[first : first + _AT_A_TIME]])
    same = GenerationItem.generation == listing.generation
    listed = OffersListedItem.generation.set(listing.generation)
    transact(
        updates=[
            Update(_generation(), [GenerationItem.generation.add(0)], same),
            Update(_listed(), [listed]),
        ]
    )


def step_writes(
    listing: Listing, offer: Offer, late_since: datetime
) -> tuple[Put, list[Update], list[Delete]]:
    """What a step of a launched offer changes for tills: its row, the two counters, and some rows
    of others that are done with, which nobody misses. late_since: as in `is_done_with`."""
    updates = [
        Update(_generation(), [GenerationItem.generation.add(1)]),
        Update(_listed(), [OffersListedItem.generation.add(1)]),
    ]
    over = [
        row
        for offer_id, row in listing.rows.items()
        if offer_id != offer.offer_id and is_done_with(row.offer(), late_since)
    ]
    gone = [Delete(row, LiveOfferItem.version == row.version) for row in over[:_MOST_LET_GO]]
    return _row(listing, offer), updates, gone


def _row(listing: Listing, offer: Offer) -> Put:
    row = LiveOfferItem(keys.OFFERS_LIVE, keys.live_offer(offer.offer_id))
    document = encoded_offer(in_force_after(listing.known(offer.offer_id), offer))
    row.schema, row.version, row.document = SCHEMA, offer.version, document
    row.pauses = encoded_pauses(offer.pauses) if offer.pauses else None
    older = LiveOfferItem.pk.does_not_exist() | (LiveOfferItem.version < offer.version)
    return Put(row, older)


def _is_behind(row: LiveOfferItem | None, offer: Offer) -> bool:
    return row is None or row.version < offer.version


def _generation() -> GenerationItem:
    return GenerationItem(keys.OFFERS_LIVE, keys.GENERATION)


def _listed() -> OffersListedItem:
    return OffersListedItem(keys.OFFERS_LIVE, keys.OFFERS_LISTED)
