"""What a purchase is told of offers, in the member's language: from its record, so that a repeat
says what was said first."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.applied_offers import NotApplied
from chalicelib.domain.offer_texts import why_not
from chalicelib.domain.offers import Offer
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import PurchaseRecord
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class ToldOffer:
    """An offer that a member could have had with a purchase, and what it would have taken."""

    missed: NotApplied
    text: str


def offers_given(ports: Ports, record: PurchaseRecord) -> Mapping[str, Offer]:
    """The offers that gave something to a purchase, by id, in the version that did. Raises
    StoreUnavailable."""
    return {one.offer_id: ports.offers.version(one.offer_id, one.version) for one in record.offers}


def offers_missed(ports: Ports, record: PurchaseRecord, program: Program) -> tuple[ToldOffer, ...]:
    """The offers that gave nothing to a purchase though they were its member's. program: the
    version that priced it. Raises StoreUnavailable."""
    given = offers_given(ports, record)
    return tuple(
        ToldOffer(
            missed,
            why_not(
                ports.offers.version(missed.offer_id, missed.version),
                missed,
                program,
                record.language,
                given.get(missed.of or ""),
            ),
        )
        for missed in record.not_applied
    )
