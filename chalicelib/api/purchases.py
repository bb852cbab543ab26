"""Purchases over HTTP: post, quote, read, return, claim."""

from typing import Any

import msgspec

from chalicelib.api.points import DryRun, Identity
from chalicelib.api.purchase_answers import (
    claim_answer,
    kept_purchase,
    purchase_answer,
    return_answer,
)
from chalicelib.api.purchase_models import (
    RESERVED_ID,
    ClaimAnswer,
    ClaimBody,
    ClaimCodeBody,
    KeptPurchase,
    PurchaseAnswer,
    PurchaseBody,
    member_ref,
    purchase_command,
    purchase_rules,
)
from chalicelib.api.return_models import (
    ReturnAnswer,
    ReturnAwaiting,
    ReturnBody,
    return_command,
)
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import (
    ClaimNotFound,
    ConflictingReplay,
    CurrencyNotAccepted,
    InTheFuture,
    InvalidContent,
    MemberErased,
    MemberNotFound,
    PurchaseAlreadyClaimed,
    PurchaseNotFound,
    RedemptionAlreadyEnded,
    RedemptionAlreadySpent,
    RedemptionNotFound,
    ReturnExceedsPurchase,
    TooFarBack,
    TooManyReturnsWaiting,
)
from chalicelib.usecases.claim_purchase import claim_by_code, claim_purchase
from chalicelib.usecases.post_purchase import post_purchase
from chalicelib.usecases.read_purchase import read_purchase
from chalicelib.usecases.return_purchase import return_purchase

routes = Routes(__name__)

_POSTING = (
    MemberNotFound,
    MemberErased,
    ConflictingReplay,
    CurrencyNotAccepted,
    TooFarBack,
    InTheFuture,
    RedemptionNotFound,
    RedemptionAlreadyEnded,
    RedemptionAlreadySpent,
    InvalidContent,
)


def purchase_exists(call: Call[Any, Any], purchase_id: str) -> None:
    """Whether the caller's source posted it, asked when a request to it is malformed."""
    read_purchase(call.ports, call.caller, purchase_id)


def purchase_may_come(_: Call[Any, Any], purchase_id: str) -> None:
    """Whether it can be posted, if it was not yet: no return waits for what can never come."""
    try:
        msgspec.convert(purchase_id, Identity)
    except msgspec.ValidationError as error:
        raise PurchaseNotFound() from error
    if purchase_id == RESERVED_ID:
        raise PurchaseNotFound()


@routes.post(
    "/v1/purchases",
    opens=(Scope.PURCHASES,),
    summary="Post a purchase",
    body=PurchaseBody,
    rules=purchase_rules,
    query=DryRun,
    answers={201: PurchaseAnswer},
    refuses=_POSTING,
)
def add_purchase(call: Call[PurchaseBody, DryRun]) -> Answer:
    command = purchase_command(call.body)
    outcome = post_purchase(call.ports, call.caller, command, call.now, dry_run=call.query.dry_run)
    return Answer(201, purchase_answer(outcome.answer), replayed=outcome.replayed)


@routes.post(
    "/v1/purchases/quote",
    opens=(Scope.PURCHASES,),
    summary="See what a purchase would earn, without posting it",
    body=PurchaseBody,
    rules=purchase_rules,
    answers={200: PurchaseAnswer},
    refuses=_POSTING,
)
def quote_purchase(call: Call[PurchaseBody, None]) -> Answer:
    command = purchase_command(call.body)
    outcome = post_purchase(call.ports, call.caller, command, call.now, dry_run=True)
    return Answer(200, purchase_answer(outcome.answer), replayed=outcome.replayed)


@routes.get(
    "/v1/purchases/{purchase_id}",
    opens=(Scope.PURCHASES,),
    summary="Read a purchase with its returns",
    audited="purchase.read",
    answers={200: KeptPurchase},
    refuses=(PurchaseNotFound,),
    exists=purchase_exists,
)
def get_purchase(call: Call[None, None], purchase_id: str) -> Answer:
    kept = kept_purchase(read_purchase(call.ports, call.caller, purchase_id))
    return Answer(200, kept, concerns=(kept.member_id,) if kept.member_id else ())


@routes.post(
    "/v1/purchases/{purchase_id}/returns",
    opens=(Scope.PURCHASES,),
    summary="Return a purchase, or a part of it; before the purchase came, it waits for it",
    body=ReturnBody,
    query=DryRun,
    answers={201: ReturnAnswer, 202: ReturnAwaiting},
    refuses=(
        PurchaseNotFound,
        ReturnExceedsPurchase,
        ConflictingReplay,
        TooManyReturnsWaiting,
        InvalidContent,
    ),
    exists=purchase_may_come,
)
def add_return(call: Call[ReturnBody, DryRun], purchase_id: str) -> Answer:
    purchase_may_come(call, purchase_id)
    command = return_command(purchase_id, call.body)
    outcome = return_purchase(
        call.ports, call.caller, command, call.now, dry_run=call.query.dry_run
    )
    answer = return_answer(purchase_id, outcome.answer)
    status = 202 if isinstance(answer, ReturnAwaiting) else 201
    return Answer(status, answer, replayed=outcome.replayed)


@routes.post(
    "/v1/purchases/{purchase_id}/claim",
    opens=(Scope.PURCHASES,),
    summary="Give a purchase that was posted without a member to one",
    body=ClaimBody,
    answers={201: ClaimAnswer},
    refuses=(PurchaseNotFound, MemberNotFound, PurchaseAlreadyClaimed, InvalidContent),
    exists=purchase_exists,
)
def add_claim(call: Call[ClaimBody, None], purchase_id: str) -> Answer:
    member = member_ref(call.body.member)
    outcome = claim_purchase(call.ports, call.caller, purchase_id, member, call.now)
    return Answer(201, claim_answer(outcome.answer), replayed=outcome.replayed)


@routes.post(
    "/v1/claims",
    opens=(Scope.SELF,),
    summary="Claim a purchase with the code on its receipt",
    body=ClaimCodeBody,
    answers={201: ClaimAnswer},
    refuses=(ClaimNotFound, MemberNotFound, PurchaseAlreadyClaimed),
)
def claim_with_code(call: Call[ClaimCodeBody, None]) -> Answer:
    member_id = call.caller.member_id
    if member_id is None:
        raise MemberNotFound()
    outcome = claim_by_code(call.ports, member_id, call.body.claim_code, call.now)
    return Answer(201, claim_answer(outcome.answer), replayed=outcome.replayed)
