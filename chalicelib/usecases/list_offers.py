"""The offers there are, for staff, with what is left of their budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.offers import Offer, OfferStatus, shown_status
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_offer import known_offer


@dataclass(frozen=True, slots=True)
class OfferView:
    """budget_left: in the budget's unit; None without one, or before the offer was launched."""

    offer: Offer
    budget_left: int | None


@dataclass(frozen=True, slots=True)
class OfferPage:
    """more: whether the list goes on after these."""

    views: Sequence[OfferView]
    more: bool


def list_offers(
    ports: Ports, status: str | None, after: str | None, limit: int, now: datetime
) -> OfferPage:
    """Offers, newest first, from behind the offer `after`. status: as it is shown by the clock;
    None for all that are not archived. Costs one query and one read for a hundred counters."""
    offers = ports.offers.all()
    ids = [offer.offer_id for offer in offers]
    start = ids.index(after) + 1 if after in ids else 0
    rest = [offer for offer in offers[start:] if _is_asked_for(offer, status, now)]
    return OfferPage(_views(ports, rest[:limit]), more=len(rest) > limit)


def read_offer(ports: Ports, offer_id: str) -> OfferView:
    """One offer. Raises NotFound."""
    return view_of(ports, known_offer(ports, offer_id))


def view_of(ports: Ports, offer: Offer) -> OfferView:
    """An offer with what is left of its budget."""
    [view] = _views(ports, [offer])
    return view


def _is_asked_for(offer: Offer, status: str | None, now: datetime) -> bool:
    if status is None:
        return offer.status is not OfferStatus.ARCHIVED
    return shown_status(offer, now) == status


def _views(ports: Ports, offers: Sequence[Offer]) -> list[OfferView]:
    left = ports.offers.budget_left(offers) if offers else {}
    return [OfferView(offer, left.get(offer.offer_id)) for offer in offers]
