"""What purchases, returns and claims answer."""

import msgspec

from chalicelib.api.points import earned_points, explained_points, tier_answer
from chalicelib.api.purchase_models import (
    ClaimAnswer,
    GivenOffer,
    KeptPurchase,
    LineBody,
    NotApplied,
    PurchaseAnswer,
    TenderBody,
)
from chalicelib.api.return_models import (
    KeptRefusal,
    KeptReturn,
    ReturnAnswer,
    ReturnAwaiting,
    ReturnedLineBody,
    TakenPoints,
    WaitedReturn,
)
from chalicelib.domain.instants import printed
from chalicelib.domain.purchases import PurchaseFile, Taken
from chalicelib.domain.returned import RefusedReturn
from chalicelib.usecases.claim_purchase import PurchaseClaimed
from chalicelib.usecases.post_purchase import PurchasePosted
from chalicelib.usecases.return_purchase import PurchaseReturned, ReturnKept


def purchase_answer(posted: PurchasePosted) -> PurchaseAnswer:
    return PurchaseAnswer(
        purchase_id=posted.purchase_id,
        member_id=posted.member_id,
        points=earned_points(posted.points),
        returns_applied=[
            WaitedReturn(
                waited.return_id,
                taken_points(waited.taken) if waited.taken else None,
                waited.refused,
            )
            for waited in posted.returns_applied
        ],
        explanation=explained_points(posted.explanation),
        not_applied=[
            NotApplied(
                offer_id=told.missed.offer_id,
                version=told.missed.version,
                reason=told.missed.reason,
                missing=told.missed.missing,
                unit=told.missed.unit,
                of=told.missed.of,
                text=told.text,
            )
            for told in posted.not_applied
        ],
        tier=tier_answer(posted.tier),
        claim_code=posted.claim_code or msgspec.UNSET,
    )


def return_answer(
    purchase_id: str, returned: PurchaseReturned | ReturnKept
) -> ReturnAnswer | ReturnAwaiting:
    if isinstance(returned, ReturnKept):
        return ReturnAwaiting(returned.return_id, purchase_id, "awaiting_purchase")
    return ReturnAnswer(
        return_id=returned.return_id,
        purchase_id=purchase_id,
        points=taken_points(returned.points),
        explanation=explained_points(returned.explanation),
    )


def taken_points(taken: Taken) -> TakenPoints:
    """The points of a return as they are answered."""
    return msgspec.convert(taken, TakenPoints, from_attributes=True)


def claim_answer(claimed: PurchaseClaimed) -> ClaimAnswer:
    return ClaimAnswer(
        purchase_id=claimed.purchase_id,
        member_id=claimed.member_id,
        points=earned_points(claimed.points),
        explanation=explained_points(claimed.explanation),
        tier=tier_answer(claimed.tier),
    )


def kept_purchase(file: PurchaseFile) -> KeptPurchase:
    """A purchase with its returns, as it is shown to the source that posted it."""
    record, purchase = file.record, file.record.purchase
    return KeptPurchase(
        purchase_id=purchase.purchase_id,
        member_id=file.member_id,
        occurred_at=printed(purchase.occurred_at),
        posted_at=printed(record.at),
        currency=purchase.currency,
        lines=msgspec.convert(purchase.lines, list[LineBody], from_attributes=True),
        tenders=msgspec.convert(purchase.tenders, list[TenderBody], from_attributes=True),
        channel=purchase.channel,
        store_id=purchase.store_id,
        external=purchase.external,
        program_version=record.program_version,
        points=earned_points(file.answered),
        offers=[GivenOffer(one.offer_id, one.version, one.points) for one in record.offers],
        returns=[
            KeptReturn(
                return_id=event.return_id,
                at=printed(event.at),
                lines=[
                    ReturnedLineBody(purchase.lines[index].line_id, quantity, amount_minor)
                    for index, quantity, amount_minor in event.lines
                ],
                points=taken_points(event.taken),
            )
            for event in file.returns
        ],
        returns_refused=[
            KeptRefusal(event.return_id, printed(event.at), event.code)
            for event in file.events
            if isinstance(event, RefusedReturn)
        ],
    )
