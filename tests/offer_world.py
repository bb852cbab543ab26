"""A world of points in which offers are live."""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.account import OfferUse
from chalicelib.domain.applied_offers import AppliedOffer
from chalicelib.domain.earning import Line
from chalicelib.domain.offers import Effect, Offer, OfferStatus, OfferText
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.usecases.ports import Outcome
from chalicelib.usecases.post_purchase import PostPurchase, PurchasePosted, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from tests.ledger_world import NOW, TILL, World, purchase

LONG_AGO = NOW.replace(year=2024)


@dataclass(frozen=True, slots=True)
class Shop:
    """A world with offers. tag: ends their ids and names its store, where other worlds have offers
    in the same tables."""

    world: World
    tag: str = ""

    def launch(self, label: str, effect: Effect, **changes: Any) -> Offer:
        """A new offer that is live for long; `changes` are fields of Offer."""
        offer = Offer(
            f"off_{label}{self.tag}",
            self.world.ports.offers.next_number(),
            1,
            label,
            effect,
            {"en": OfferText(label)},
            status=OfferStatus.LAUNCHED,
            launched_at=LONG_AGO,
            since=LONG_AGO,
        )
        offer = replace(offer, **changes)
        if self.tag:
            basket = replace(offer.basket, stores=frozenset({self.tag}))
            offer = replace(offer, basket=basket)
        assert self.world.ports.offers.put(offer, NOW) == "written"
        return offer

    def change(self, offer: Offer, **changes: Any) -> Offer:
        """The next version of an offer."""
        changed = replace(offer, version=offer.version + 1, **changes)
        assert self.world.ports.offers.put(changed, NOW) == "written"
        return changed

    def post(
        self, label: str, member_id: str | None, *lines: Line, dry_run: bool = False
    ) -> Outcome[PurchasePosted]:
        """Post a purchase of these lines, or quote it."""
        bought = purchase(self.world.purchase_id(label), *lines)
        bought = replace(bought, store_id=self.tag or None)
        command = PostPurchase(bought, MemberId(member_id) if member_id else None)
        return post_purchase(self.world.ports, TILL, command, NOW, dry_run=dry_run)

    def uses(self, member_id: str) -> tuple[OfferUse, ...]:
        """What the member's account counts of limited offers."""
        head = self.world.ports.ledger.head(member_id)
        assert head is not None
        return head.entry.account().offer_uses

    def shards(self, offer: Offer) -> list[int]:
        """What each shard of its budget holds."""
        return self.world.ports.offers.shards_left([offer])[offer.offer_id]

    def left(self, offer: Offer) -> int:
        """What is left of its budget."""
        return self.world.ports.offers.budget_left([offer])[offer.offer_id]

    def kept(self, label: str) -> PurchaseFile:
        """A purchase as it is kept."""
        name = self.world.ports.namer.name("purchase", TILL.source, self.world.purchase_id(label))
        file = self.world.ports.ledger.purchase(name)
        assert isinstance(file, PurchaseFile)
        return file

    def applied(self, label: str) -> tuple[AppliedOffer, ...]:
        """What is kept of the offers of a purchase."""
        return self.kept(label).record.offers
