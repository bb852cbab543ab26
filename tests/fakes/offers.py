"""Offers and their budgets in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offer_life import in_force_after, is_done_with
from chalicelib.domain.offers import Offer
from chalicelib.domain.rewards import spread
from chalicelib.usecases.ports import BudgetChange, Written

_NEVER = datetime.min.replace(tzinfo=UTC)


class FakeOffers:
    """The `Offers` port without a store. A fake ledger moves `left`: by id and shard."""

    def __init__(self) -> None:
        self._created: dict[str, datetime] = {}
        self._versions: dict[str, dict[int, Offer]] = {}
        self._budgeted: dict[str, int] = {}
        self._last_number = 0
        self._scarce: set[str] = set()
        self._live = LiveOffers(0, ())
        self.left: dict[str, list[int]] = {}

    def get(self, offer_id: str) -> Offer | None:
        versions = self._versions.get(offer_id)
        return versions[max(versions)] if versions else None

    def all(self) -> list[Offer]:
        created = sorted(((at, offer_id) for offer_id, at in self._created.items()), reverse=True)
        return [offer for _, offer_id in created if (offer := self.get(offer_id))]

    def version(self, offer_id: str, version: int) -> Offer:
        known = self._versions[offer_id][version]  # a KeyError is a LookupError
        return replace(known, pauses=()) if known.pauses else known

    def next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def put(self, offer: Offer, at: datetime, late_since: datetime = _NEVER) -> Written:
        offer_id, before = offer.offer_id, self.get(offer.offer_id)
        if (before.version if before else 0) != offer.version - 1:
            return "stale"
        if offer.budget is not None and offer.launched_at is not None:
            left = self.left.get(offer_id, [])
            held = [*left, *([0] * (offer.budget.shards - len(left)))]
            change = offer.budget.amount - self._budgeted.get(offer_id, 0)
            if sum(held) + change < 0:
                return "too_few_units"
            parts = spread(held, change)
            self.left[offer_id] = [units + part for units, part in zip(held, parts, strict=True)]
            self._budgeted[offer_id] = offer.budget.amount
        self._versions.setdefault(offer_id, {})[offer.version] = offer
        self._created.setdefault(offer_id, at)
        self._scarce.discard(offer_id)
        if offer.launched_at is not None:
            kept = [live.offer for live in self._live.all if live.offer.offer_id != offer_id]
            kept = [other for other in kept if not is_done_with(other, late_since)]
            known = self._live.by_id.get(offer_id)
            in_force = in_force_after(known.offer if known else None, offer)
            self._live = LiveOffers(self._live.generation + 1, [*kept, in_force])
        return "written"

    def live(self) -> LiveOffers:
        return self._live

    def shards_left(self, offers: Collection[Offer]) -> dict[str, list[int]]:
        return {
            offer.offer_id: self.left[offer.offer_id][: offer.budget.shards]
            for offer in offers
            if offer.budget is not None and offer.launched_at is not None
        }

    def budget_left(self, offers: Collection[Offer]) -> dict[str, int]:
        return {offer_id: sum(left) for offer_id, left in self.shards_left(offers).items()}

    def scarce(self) -> Collection[str]:
        return self._scarce

    def note_scarce(self, offer_ids: Collection[str]) -> None:
        self._scarce |= set(offer_ids)

    def holds(self, change: BudgetChange) -> bool:
        """Whether a fake ledger can write a change."""
        shards = self.left.get(change.offer_id, [])
        return change.shard < len(shards) and shards[change.shard] + change.amount >= 0

    def apply(self, change: BudgetChange) -> None:
        """Write a change."""
        self.left[change.offer_id][change.shard] += change.amount
