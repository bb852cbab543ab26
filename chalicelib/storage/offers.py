"""Offers and the counters of their budgets in the table `config`.

Each counter holds what is left in its shard; `budgeted` of an offer's item is how much was ever put
into them, so `budgeted - what is left` is what the offer has cost. Whatever tills go by moves a
generation with it, so that they read one item to know that nothing changed. Knows no members.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import printed
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offer_life import with_pauses
from chalicelib.domain.offers import Offer, OfferStatus
from chalicelib.domain.rewards import spread
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA
from chalicelib.storage.faults import store_errors
from chalicelib.storage.live_offers import (
    Listing,
    bring_up,
    read_generation,
    read_listing,
    step_writes,
)
from chalicelib.storage.offer_documents import (
    decoded_offer,
    decoded_pauses,
    encoded_offer,
    encoded_pauses,
)
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.remembered import Remembered
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Delete, Put, Update, transact
from chalicelib.usecases.ports import BudgetChange, StoreUnavailable, Written

LIVE_SECONDS = 10.0
SCARCE_SECONDS = 60.0
_MOST_SCARCE = 1_000
_NEVER = datetime.min.replace(tzinfo=UTC)

_PLANS = 8
"""How often counters and rows that move under a plan are read again before the caller is told to
retry."""


class OfferItem(ConfigItem, discriminator="offer"):
    """The newest version of an offer. budgeted: put into its counters until now."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()
    created_at = UnicodeAttribute()
    budgeted = IntAttribute()

    def offer(self) -> Offer:
        return decoded_offer(self.document, self.schema)


class OfferVersionItem(ConfigItem, discriminator="offer_version"):
    """One version; only ever put."""

    schema = IntAttribute()
    document = UnicodeAttribute()


class OfferPausesItem(ConfigItem, discriminator="offer_pauses"):
    """When an offer was paused. Apart from its document, which the release before reads whole."""

    pauses = UnicodeAttribute()


class OfferNumberItem(ConfigItem, discriminator="offer_number"):
    """The number that was given last."""

    last = IntAttribute()


class BudgetItem(ConfigItem, discriminator="budget"):
    """One shard's counter: what is left in it, never below zero."""

    remaining = IntAttribute()


def change_budget(change: BudgetChange) -> Update:
    """Take from a shard, whose condition fails where it holds less, or give back to it."""
    counter = _counter(change.offer_id, change.shard)
    enough = BudgetItem.remaining >= -change.amount
    condition = enough if change.amount < 0 else BudgetItem.remaining.exists()
    return Update(counter, [BudgetItem.remaining.add(change.amount)], condition)


class DynamoOffers:
    """The `Offers` port over the bound tables. One object a process: it holds its caches.

    monotonic: the seconds that the age of what is remembered is measured in.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._versions: dict[tuple[str, int], Offer] = {}
        self._generation: Remembered[str, int] = Remembered(LIVE_SECONDS, 1, monotonic)
        self._live = LiveOffers(0, ())
        self._monotonic = monotonic
        self._scarce: dict[str, float] = {}

    def get(self, offer_id: str) -> Offer | None:
        item = get(OfferItem, keys.OFFER, offer_id)
        offer = item.offer() if item else None
        if offer is None or offer.launched_at is None:
            return offer
        return _with_pauses(offer, get(OfferPausesItem, keys.OFFER_PAUSES, offer_id))

    def all(self) -> list[Offer]:
        items = all_of(OfferItem, keys.OFFER)
        pauses = {item.sk: item for item in all_of(OfferPausesItem, keys.OFFER_PAUSES)}
        newest_first = sorted(items, key=lambda item: (item.created_at, item.sk), reverse=True)
        return [_with_pauses(item.offer(), pauses.get(item.sk)) for item in newest_first]

    def version(self, offer_id: str, version: int) -> Offer:
        known = self._versions.get((offer_id, version))
        if known is not None:
            return known
        item = get(OfferVersionItem, keys.offer_versions(offer_id), keys.offer_version(version))
        if item is None:
            raise LookupError(f"no version {version} of the offer {offer_id}")
        offer = decoded_offer(item.document, item.schema)
        self._versions[offer_id, version] = offer
        return offer

    def next_number(self) -> int:
        counter = OfferNumberItem(keys.OFFERS_LIVE, keys.OFFER_NUMBER)
        with store_errors():
            counter.update([OfferNumberItem.last.add(1)])
        return counter.last

    def put(self, offer: Offer, at: datetime, late_since: datetime = _NEVER) -> Written:
        for _ in range(_PLANS):
            before = get(OfferItem, keys.OFFER, offer.offer_id)
            if (before.version if before else 0) != offer.version - 1:
                return "stale"
            change = _change_of_budget(offer, before)
            puts, updates = _item_puts(offer, before, at, change), list[Update]()
            deletes: list[Delete] = []
            if change or _is_budgeted(offer):
                left = _left_in_shards(offer.offer_id)
                if sum(left) + change < 0:
                    return "too_few_units"
                updates = _counter_writes(offer, left, change, puts)
            try:
                if offer.launched_at is not None:
                    row, moves, deletes = step_writes(self._listing(late_since), offer, late_since)
                    puts, updates = [*puts, row], [*updates, *moves]
                transact(puts=puts, updates=updates, deletes=deletes)
            except Cancelled:
                continue
            finally:  # also where it is unknown whether it landed
                self._generation.forget(keys.GENERATION)
                self._scarce.pop(offer.offer_id, None)
            return "written"
        raise StoreUnavailable("counters and rows moved faster than a step could be planned")

    def live(self) -> LiveOffers:
        generation = self._generation.get(keys.GENERATION, read_generation)
        live = self._live
        if live.generation != generation:
            offers = read_listing().offers(self.all)
            # Whoever answers with them asks for their versions next.
            self._versions |= {
                (offer.offer_id, offer.version): replace(offer, pauses=())
                for offer in offers
                if offer.status is OfferStatus.LAUNCHED
            }
            live = self._live = LiveOffers(generation, offers)
        return live

    def _listing(self, late_since: datetime) -> Listing:
        """The rows that tills go by, which know of every change. Raises Cancelled where they cannot
        be brought up to that, because something changes meanwhile."""
        listing = read_listing()
        if not listing.is_whole:
            bring_up(listing, self.all(), late_since)
            listing = read_listing()
        return listing

    def shards_left(self, offers: Collection[Offer]) -> dict[str, list[int]]:
        budgets = {o.offer_id: o.budget for o in offers if o.budget and o.launched_at is not None}
        wanted = [
            (keys.budget(offer_id), keys.budget_shard(shard))
            for offer_id, budget in budgets.items()
            for shard in range(budget.shards)
        ]
        with store_errors():
            items = list(BudgetItem.batch_get(wanted, consistent_read=True)) if wanted else []
        left = {(item.pk, item.sk): item.remaining for item in items}
        return {
            offer_id: [
                left.get((keys.budget(offer_id), keys.budget_shard(shard)), 0)
                for shard in range(budget.shards)
            ]
            for offer_id, budget in budgets.items()
        }

    def budget_left(self, offers: Collection[Offer]) -> dict[str, int]:
        return {offer_id: sum(left) for offer_id, left in self.shards_left(offers).items()}

    def scarce(self) -> Collection[str]:
        if not self._scarce:
            return ()
        now = self._monotonic()
        return {offer_id for offer_id, until in list(self._scarce.items()) if now < until}

    def note_scarce(self, offer_ids: Collection[str]) -> None:
        if len(self._scarce) >= _MOST_SCARCE:
            self._scarce.clear()  # what is forgotten is found out again
        self._scarce |= dict.fromkeys(offer_ids, self._monotonic() + SCARCE_SECONDS)


def _left_in_shards(offer_id: str) -> list[int]:
    return [item.remaining for item in all_of(BudgetItem, keys.budget(offer_id))]


def _counter(offer_id: str, shard: int) -> BudgetItem:
    return BudgetItem(keys.budget(offer_id), keys.budget_shard(shard))


def _is_budgeted(offer: Offer) -> bool:
    return offer.budget is not None and offer.launched_at is not None


def _change_of_budget(offer: Offer, before: OfferItem | None) -> int:
    """An offer whose budget was taken away keeps its counters, so that returns still find them."""
    if offer.budget is None or offer.launched_at is None:
        return 0
    return offer.budget.amount - (before.budgeted if before else 0)


def _item_puts(offer: Offer, before: OfferItem | None, at: datetime, change: int) -> list[Put]:
    document = encoded_offer(offer)
    item = OfferItem(keys.OFFER, offer.offer_id)
    item.schema, item.version, item.document = SCHEMA, offer.version, document
    item.created_at = before.created_at if before else printed(at)
    item.budgeted = (before.budgeted if before else 0) + change
    place = keys.offer_versions(offer.offer_id), keys.offer_version(offer.version)
    version = OfferVersionItem(*place, schema=SCHEMA, document=document)
    same = OfferItem.version == before.version if before else None
    puts = [Put(item, same), Put(version)]
    if offer.pauses:
        pauses = OfferPausesItem(keys.OFFER_PAUSES, offer.offer_id)
        pauses.pauses = encoded_pauses(offer.pauses)
        # Whatever stands there is the predecessor's, whose version is asked for above.
        anything = OfferPausesItem.pk.exists() | OfferPausesItem.pk.does_not_exist()
        puts.append(Put(pauses, anything))
    return puts


def _counter_writes(
    offer: Offer, left: Sequence[int], change: int, puts: list[Put]
) -> list[Update]:
    """Deal the change out: new shards are appended to `puts`, the others' moves are returned."""
    shards = offer.budget.shards if offer.budget else 0
    new_shards = range(len(left), shards)
    parts = spread([*left, *(0 for _ in new_shards)], change) if change or new_shards else []
    for shard in new_shards:
        counter = _counter(offer.offer_id, shard)
        counter.remaining = parts[shard]
        puts.append(Put(counter))
    return [
        Update(
            _counter(offer.offer_id, shard),
            [BudgetItem.remaining.add(part)],
            BudgetItem.remaining >= -part,
        )
        for shard, part in enumerate(parts[: len(left)])
        if part
    ]


def _with_pauses(offer: Offer, item: OfferPausesItem | None) -> Offer:
    return with_pauses(offer, decoded_pauses(item.pauses)) if item is not None else offer
