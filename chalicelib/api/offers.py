"""Offers over HTTP: written, launched, approved, paused and ended by staff."""

from typing import Any, Literal

from chalicelib.api.etags import version_in
from chalicelib.api.offer_documents import draft_of, offer_answer
from chalicelib.api.offer_models import OfferAnswer, OfferBody, OfferList
from chalicelib.api.offer_rules import offer_rules
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_behind, id_after
from chalicelib.api.shell.reader import if_match_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.offers import Offer, OfferStatus
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    NotFound,
    SecondPersonRequired,
    VersionStale,
)
from chalicelib.usecases.create_offer import create_offer
from chalicelib.usecases.launch_offer import (
    approve_offer,
    launch_offer,
    reject_offer,
    resume_offer,
)
from chalicelib.usecases.list_offers import OfferView, list_offers, read_offer, view_of
from chalicelib.usecases.replace_offer import replace_offer
from chalicelib.usecases.save_offer import known_offer
from chalicelib.usecases.stop_offer import archive_offer, end_offer, pause_offer

routes = Routes(__name__)

ShownStatus = Literal[
    "draft", "awaiting_approval", "scheduled", "live", "paused", "ended", "archived"
]


class OfferQuery(Page, frozen=True, forbid_unknown_fields=True):
    """status: by the clock; all but archived ones when it is left out."""

    status: ShownStatus | None = None


def offer_exists(call: Call[Any, Any], offer_id: str) -> str:
    """The offer's ETag, asked when a request to it is malformed. Raises NotFound."""
    return str(known_offer(call.ports, offer_id).version)


_BEGINNING = (NotFound, Conflict, InvalidContent)
_DECIDING = (NotFound, Conflict, InvalidContent, SecondPersonRequired, VersionStale)
_IF_READ = {"If-Match": "The ETag that was read: where it was changed since, nothing is decided."}


@routes.post(
    "/v1/offers",
    opens=(Scope.OFFERS_WRITE,),
    summary="Write an offer, as a draft",
    body=OfferBody,
    rules=offer_rules,
    answers={201: OfferAnswer},
    refuses=(InvalidContent, ConflictingReplay, Conflict),
    idempotency_key=True,
)
def post_offer(call: Call[OfferBody, None]) -> Answer:
    """It gives nothing until it is launched."""
    draft = draft_of(call.body)
    outcome = create_offer(call.ports, call.caller, draft, call.idempotency_key, call.now)
    return _shown(call, OfferView(outcome.answer, None), 201, outcome.replayed)


@routes.get(
    "/v1/offers",
    opens=(Scope.OFFERS_READ,),
    summary="List the offers",
    query=OfferQuery,
    answers={200: OfferList},
)
def get_offers(call: Call[None, OfferQuery]) -> Answer:
    page = list_offers(call.ports, call.query.status, id_after(call), call.query.limit, call.now)
    last = page.views[-1].offer.offer_id if page.more else None
    cursor = cursor_behind(call, last)
    program = call.ports.programs.active()
    items = [offer_answer(view, program, call.now) for view in page.views]
    return Answer(200, OfferList(items, cursor))


@routes.get(
    "/v1/offers/{offer_id}",
    opens=(Scope.OFFERS_READ,),
    summary="Read an offer",
    answers={200: OfferAnswer},
    refuses=(NotFound,),
)
def get_offer(call: Call[None, None], offer_id: str) -> Answer:
    return _shown(call, read_offer(call.ports, offer_id))


@routes.put(
    "/v1/offers/{offer_id}",
    opens=(Scope.OFFERS_WRITE,),
    summary="Replace an offer",
    body=OfferBody,
    rules=offer_rules,
    answers={200: OfferAnswer},
    refuses=(InvalidContent, NotFound, VersionStale, Conflict),
    if_match=True,
    exists=offer_exists,
)
def put_offer(call: Call[OfferBody, None], offer_id: str) -> Answer:
    """Of a launched offer the new version takes effect at once, everywhere within ten seconds;
    occasion, audience, challenge and holdout stay as they were launched. `budget` is in all, what
    was given too: below that it is 409 `conflict` with reason `budget_below_spent`. A change that
    needs an approval is made while the offer is paused: else the reason is
    `approval_needed_pause_first`."""
    draft, version = draft_of(call.body), version_in(call.if_match)
    offer = replace_offer(call.ports, call.caller, offer_id, version, draft, call.now)
    return _shown(call, view_of(call.ports, offer))


@routes.post(
    "/v1/offers/{offer_id}/launch",
    opens=(Scope.OFFERS_WRITE,),
    summary="Launch an offer",
    answers={200: OfferAnswer, 202: OfferAnswer},
    refuses=_BEGINNING,
    exists=offer_exists,
)
def post_offer_launch(call: Call[None, None], offer_id: str) -> Answer:
    """202 with the status `awaiting_approval` where it has no budget, or one that costs more than
    the program's `limits.offer_without_approval_minor`: another person of staff approves it."""
    return _begun(call, launch_offer(call.ports, call.caller, offer_id, call.now))


@routes.post(
    "/v1/offers/{offer_id}/resume",
    opens=(Scope.OFFERS_WRITE,),
    summary="Let a paused offer go on",
    answers={200: OfferAnswer, 202: OfferAnswer},
    refuses=_BEGINNING,
    exists=offer_exists,
)
def post_offer_resume(call: Call[None, None], offer_id: str) -> Answer:
    """202 where it would cost more than was approved: as launching it."""
    return _begun(call, resume_offer(call.ports, call.caller, offer_id, call.now))


@routes.post(
    "/v1/offers/{offer_id}/approve",
    opens=(Scope.OFFERS_WRITE,),
    summary="Approve an offer that somebody else wants to launch",
    answers={200: OfferAnswer},
    refuses=_DECIDING,
    headers=_IF_READ,
    exists=offer_exists,
)
def post_offer_approval(call: Call[None, None], offer_id: str) -> Answer:
    """That launches it."""
    version = _version_read(call)
    return _changed(call, approve_offer(call.ports, call.caller, offer_id, version, call.now))


@routes.post(
    "/v1/offers/{offer_id}/reject",
    opens=(Scope.OFFERS_WRITE,),
    summary="Reject an offer that somebody else wants to launch",
    answers={200: OfferAnswer},
    refuses=_DECIDING,
    headers=_IF_READ,
    exists=offer_exists,
)
def post_offer_rejection(call: Call[None, None], offer_id: str) -> Answer:
    """It is a draft again, or paused where it had been launched before."""
    version = _version_read(call)
    return _changed(call, reject_offer(call.ports, call.caller, offer_id, version, call.now))


@routes.post(
    "/v1/offers/{offer_id}/pause",
    opens=(Scope.OFFERS_WRITE,),
    summary="Pause an offer: it gives nothing, everywhere within ten seconds",
    answers={200: OfferAnswer},
    refuses=(NotFound, Conflict),
    exists=offer_exists,
)
def post_offer_pause(call: Call[None, None], offer_id: str) -> Answer:
    """What was bought before has it, also when a till posts it later. At most 50 times: then 409
    `conflict` with reason `paused_too_often`; end it, or give the next one days and hours."""
    return _changed(call, pause_offer(call.ports, call.caller, offer_id, call.now))


@routes.post(
    "/v1/offers/{offer_id}/end",
    opens=(Scope.OFFERS_WRITE,),
    summary="End an offer for good",
    answers={200: OfferAnswer},
    refuses=(NotFound, Conflict),
    exists=offer_exists,
)
def post_offer_end(call: Call[None, None], offer_id: str) -> Answer:
    """A purchase from before that comes late still has it."""
    return _changed(call, end_offer(call.ports, call.caller, offer_id, call.now))


@routes.post(
    "/v1/offers/{offer_id}/archive",
    opens=(Scope.OFFERS_WRITE,),
    summary="Put a draft aside for good",
    answers={200: OfferAnswer},
    refuses=(NotFound, Conflict),
    exists=offer_exists,
)
def post_offer_archive(call: Call[None, None], offer_id: str) -> Answer:
    return _changed(call, archive_offer(call.ports, call.caller, offer_id, call.now))


def _version_read(call: Call[Any, Any]) -> int | None:
    sent = if_match_of(call.headers)
    return None if sent is None else version_in(sent)


def _begun(call: Call[Any, Any], offer: Offer) -> Answer:
    status = 202 if offer.status is OfferStatus.AWAITING_APPROVAL else 200
    return _shown(call, view_of(call.ports, offer), status)


def _changed(call: Call[Any, Any], offer: Offer) -> Answer:
    return _shown(call, view_of(call.ports, offer))


def _shown(
    call: Call[Any, Any], view: OfferView, status: int = 200, replayed: bool = False
) -> Answer:
    answer = offer_answer(view, call.ports.programs.active(), call.now)
    return Answer(status, answer, etag=str(view.offer.version), replayed=replayed)
