"""Announcements over HTTP: an offer is told of by mail, tried out first, followed in figures."""

from typing import Any

from chalicelib.api.announcement_models import (
    AnnouncementAnswer,
    AnnouncementBody,
    AnnouncementList,
    TestLetterBody,
    announcement_answer,
    draft_of,
    words_of,
)
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    NotFound,
    TooManyRequests,
)
from chalicelib.usecases.announce_offer import (
    announce_offer,
    list_announcements,
    read_announcement,
)
from chalicelib.usecases.save_offer import known_offer
from chalicelib.usecases.try_letter import try_letter

routes = Routes(__name__)


def announced_offer_exists(call: Call[Any, Any], offer_id: str) -> str:
    """The offer's ETag. Raises NotFound."""
    return str(known_offer(call.ports, offer_id).version)


@routes.post(
    "/v1/offers/{offer_id}/announcements",
    opens=(Scope.OFFERS_WRITE,),
    summary="Tell members of an offer by mail",
    body=AnnouncementBody,
    answers={202: AnnouncementAnswer},
    refuses=(InvalidContent, NotFound, ConflictingReplay, Conflict),
    idempotency_key=True,
    exists=announced_offer_exists,
)
def post_announcement(call: Call[AnnouncementBody, None], offer_id: str) -> Answer:
    """Whoever the offer is for now gets a letter, once, as its consents and preferences say: in its
    quiet hours, or when it has had its letters of the week, later, until the offer ends. Who is
    held out gets none. Before it is launched, and after it, it is 409 `conflict` with reason
    `offer_not_launched`."""
    draft = draft_of(offer_id, call.body)
    outcome = announce_offer(call.ports, call.caller, draft, call.idempotency_key, call.now)
    return Answer(202, announcement_answer(outcome.answer), replayed=outcome.replayed)


@routes.post(
    "/v1/offers/{offer_id}/announcements/test",
    opens=(Scope.OFFERS_WRITE,),
    summary="Send a letter to yourself first",
    body=TestLetterBody,
    answers={204: None},
    refuses=(InvalidContent, NotFound, TooManyRequests),
    exists=announced_offer_exists,
)
def post_announcement_test(call: Call[TestLetterBody, None], offer_id: str) -> Answer:
    """As members would get it, to one address; 20 a day."""
    body = call.body
    texts = words_of(body.texts)
    try_letter(call.ports, call.caller, offer_id, texts, body.to, body.language, call.now)
    return Answer(204)


@routes.get(
    "/v1/offers/{offer_id}/announcements",
    opens=(Scope.OFFERS_READ,),
    summary="List the announcements of an offer",
    answers={200: AnnouncementList},
    refuses=(NotFound,),
)
def get_announcements(call: Call[None, None], offer_id: str) -> Answer:
    views = list_announcements(call.ports, offer_id)
    return Answer(200, AnnouncementList([announcement_answer(view) for view in views]))


@routes.get(
    "/v1/offers/{offer_id}/announcements/{announcement_id}",
    opens=(Scope.OFFERS_READ,),
    summary="Read what an announcement has come to",
    answers={200: AnnouncementAnswer},
    refuses=(NotFound,),
)
def get_announcement(call: Call[None, None], offer_id: str, announcement_id: str) -> Answer:
    return Answer(
        200, announcement_answer(read_announcement(call.ports, offer_id, announcement_id))
    )
