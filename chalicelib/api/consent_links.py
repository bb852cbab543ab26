"""What the links of mails do, without a token but the link's own: confirm a consent (double opt-in)
and end letters (RFC 8058)."""

from typing import Annotated

import msgspec

from chalicelib.api.link_pages import (
    ACCEPT_LANGUAGE,
    FORMS,
    HTML,
    ask_page,
    way_out_page,
)
from chalicelib.api.shell import PUBLIC, Answer, Call, Routes
from chalicelib.domain.refusals import LinkRefused, MemberErased, TooManyRequests
from chalicelib.usecases.confirm_consent import Asked, confirm_consent, read_ask
from chalicelib.usecases.unsubscribe import read_way_out, unsubscribe

routes = Routes(__name__)


class ConfirmBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """token: the last part of the link in the mail."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class ConfirmedAnswer(msgspec.Struct, frozen=True):
    """The consent is in force."""

    purpose: str
    granted: bool = True
    confirmed: bool = True


@routes.post(
    "/v1/consents/confirm",
    opens=PUBLIC,
    summary="Confirm a consent by the link of its mail",
    body=ConfirmBody,
    answers={200: ConfirmedAnswer},
    refuses=(LinkRefused, MemberErased, TooManyRequests),
)
def post_consent_confirmation(call: Call[ConfirmBody, None]) -> Answer:
    """For an app that has opened the link itself. Good for seven days; again, the same answer."""
    return Answer(200, ConfirmedAnswer(_confirm(call, call.body.token).purpose))


@routes.get(
    "/v1/consents/confirm/{token}",
    opens=PUBLIC,
    summary="See what the link of a mail asks to confirm",
    headers=ACCEPT_LANGUAGE,
    answers={200: HTML},
    refuses=(LinkRefused,),
)
def get_consent_confirmation(call: Call[None, None], token: str) -> Answer:
    """A page with one button. Reading it confirms nothing."""
    asked = read_ask(call.ports, token, call.now)
    return ask_page(asked, done=False, accepted=_accepted(call))


@routes.post(
    "/v1/consents/confirm/{token}",
    opens=PUBLIC,
    summary="Confirm a consent on the page of its link",
    raw_body=True,
    raw_kinds=FORMS,
    headers=ACCEPT_LANGUAGE,
    answers={200: HTML},
    refuses=(LinkRefused, MemberErased, TooManyRequests),
)
def post_consent_page(call: Call[None, None], token: str) -> Answer:
    """What the page's button sends. The link is all that counts, whatever the body says."""
    return ask_page(_confirm(call, token), done=True, accepted=_accepted(call))


@routes.get(
    "/v1/unsubscribe/{token}",
    opens=PUBLIC,
    summary="See what the link of a mail would end",
    headers=ACCEPT_LANGUAGE,
    answers={200: HTML},
    refuses=(LinkRefused,),
)
def get_way_out(call: Call[None, None], token: str) -> Answer:
    """A page with one button. Reading it ends nothing."""
    way = read_way_out(call.ports, token)
    return way_out_page(way, done=False, accepted=_accepted(call))


@routes.post(
    "/v1/unsubscribe/{token}",
    opens=PUBLIC,
    summary="End the letters that the link was in, in one click",
    raw_body=True,
    raw_kinds=FORMS,
    headers=ACCEPT_LANGUAGE,
    answers={200: HTML},
    refuses=(LinkRefused, MemberErased),
)
def post_way_out(call: Call[None, None], token: str) -> Answer:
    """As RFC 8058 has it, and as the page's button sends it. The consent to the letter's purpose is
    withdrawn; of letters that belong to the membership the channel leaves the preferences. The link
    is all that counts, whatever the body says, and it is good for ever."""
    way = unsubscribe(call.ports, token, call.request_id, call.now)
    return way_out_page(way, done=True, accepted=_accepted(call))


def _confirm(call: Call[ConfirmBody, None] | Call[None, None], token: str) -> Asked:
    return confirm_consent(call.ports, token, call.address, call.request_id, call.now)


def _accepted(call: Call[None, None]) -> str:
    return call.headers.get("accept-language", "")
