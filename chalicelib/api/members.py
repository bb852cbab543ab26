"""Becoming a member, proving an address, and being found, over HTTP."""

from typing import Annotated, Any, Literal

import msgspec

from chalicelib.api.join_rules import join_rules
from chalicelib.api.member_models import (
    AddressBody,
    AttributeBody,
    Consents,
    NameBody,
    PreferencesBody,
    Text,
    preferences_draft,
    statements,
)
from chalicelib.api.points import TierAnswer, tier_answer
from chalicelib.api.refused import IdempotencyKeyMalformed
from chalicelib.api.shell import PUBLIC, Answer, Call, Routes
from chalicelib.api.shell.reader import idempotency_key_of
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import CallerKind, Scope
from chalicelib.domain.codes import VALID_FOR
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.members import Name, PostalAddress
from chalicelib.domain.refusals import (
    AlreadyMember,
    CaptchaRefused,
    CodeRefused,
    Conflict,
    ConflictingReplay,
    FieldError,
    InvalidContent,
    MemberNotFound,
    ScopeMissing,
    TooManyRequests,
)
from chalicelib.usecases.enrol_member import enrol_member
from chalicelib.usecases.find_member import find_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.identify import identified
from chalicelib.usecases.read_newcomer import Joining, JoinRequest
from chalicelib.usecases.read_person import PersonDraft
from chalicelib.usecases.resend_code import resend_code
from chalicelib.usecases.sign_up import sign_up
from chalicelib.usecases.verify_channel import VerifyChannel, verify_channel

routes = Routes(__name__)


class JoinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An e-mail address or a phone is needed. phone: with + and the country's code. birth_date:
    such as 1990-01-31. referred_by: a member's card number or id. captcha_token: without an API
    key only. external_id: with an API key only."""

    consents: Consents
    email: Text | None = None
    phone: Text | None = None
    name: NameBody | None = None
    birth_date: Text | None = None
    postal_address: AddressBody | None = None
    locale: Text | None = None
    external_id: Text | None = None
    attributes: dict[str, AttributeBody] | None = None
    preferences: PreferencesBody | None = None
    referred_by: Text | None = None
    captcha_token: Annotated[str, msgspec.Meta(max_length=4_096)] | None = None


class JoiningAnswer(msgspec.Struct, frozen=True):
    member_id: str
    card_number: str
    status: AccountStatus


class SignUpAnswer(msgspec.Struct, frozen=True):
    """signup_id: what a code is sent back with."""

    signup_id: str


ChannelName = Literal["email", "phone", "mail", "sms"]
"""`mail` and `sms`, as messages name the same two ways, are taken too."""

_CHANNELS = {
    "email": Channel.EMAIL,
    "mail": Channel.EMAIL,
    "phone": Channel.PHONE,
    "sms": Channel.PHONE,
}


OurId = Annotated[str, msgspec.Meta(max_length=64)]
"""An id that we made. Longer ones are none, and past 2,048 bytes no key of a table holds them."""


class VerifyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either signup_id or member_id. code: the six digits."""

    channel: ChannelName
    code: Annotated[str, msgspec.Meta(max_length=32)]
    signup_id: OurId | None = None
    member_id: OurId | None = None


class ResendBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either signup_id or member_id."""

    channel: ChannelName
    signup_id: OurId | None = None
    member_id: OurId | None = None


class ResendAnswer(msgspec.Struct, frozen=True):
    """valid_for_seconds: how long the new code is good, if there is somebody to send one to."""

    channel: str
    valid_for_seconds: int


class LookUpBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of them."""

    email: Text | None = None
    phone: Text | None = None
    card_number: Text | None = None
    external_id: Text | None = None
    payment_fingerprint: Text | None = None


class FoundAnswer(msgspec.Struct, frozen=True):
    """card_number: masked but for its last four digits."""

    member_id: str
    given_name: str | None
    card_number: str
    tier: TierAnswer | None


def may_join(call: Call[Any, Any]) -> None:
    """Staff enrol nobody, and a till only with the scope for it; people sign up by themselves."""
    kind, scopes = call.caller.kind, call.caller.scopes
    if kind is CallerKind.STAFF or (
        kind is CallerKind.CHECKOUT and Scope.MEMBERS_ENROL not in scopes
    ):
        raise ScopeMissing(Scope.MEMBERS_ENROL)


@routes.post(
    "/v1/members",
    opens=PUBLIC,
    summary="Enrol a member (with an API key) or sign up (without)",
    body=JoinBody,
    rules=join_rules,
    answers={201: JoiningAnswer, 202: SignUpAnswer},
    refuses=(
        AlreadyMember,
        ConflictingReplay,
        CaptchaRefused,
        IdempotencyKeyMalformed,
        ScopeMissing,
        TooManyRequests,
    ),
    headers={"Idempotency-Key": "With an API key: repeats the first answer instead of a 409."},
    exists=may_join,
)
def post_member(call: Call[JoinBody, None]) -> Answer:
    may_join(call)
    request = join_request(call.body)
    if call.caller.kind is CallerKind.CHECKOUT:
        key = idempotency_key_of(call.headers)
        outcome = enrol_member(call.ports, call.caller, request, key, call.now, call.request_id)
        return Answer(201, _joining(outcome.answer), replayed=outcome.replayed)
    token = call.body.captcha_token
    signup_id = sign_up(call.ports, request, token, call.address, call.now, call.request_id)
    return Answer(202, SignUpAnswer(signup_id))


@routes.post(
    "/v1/members/verify",
    opens=PUBLIC,
    summary="Prove an address by the code that was sent to it",
    body=VerifyBody,
    answers={200: JoiningAnswer},
    refuses=(CodeRefused, Conflict, TooManyRequests),
)
def post_verify(call: Call[VerifyBody, None]) -> Answer:
    command = VerifyChannel(
        _subject(call.body),
        _CHANNELS[call.body.channel],
        call.body.code.strip(),
        call.address,
        call.request_id,
    )
    return Answer(200, _joining(verify_channel(call.ports, call.caller, command, call.now)))


@routes.post(
    "/v1/members/verify/resend",
    opens=PUBLIC,
    summary="Send a new code; the one before is dead",
    body=ResendBody,
    answers={202: ResendAnswer},
    refuses=(TooManyRequests,),
)
def post_resend(call: Call[ResendBody, None]) -> Answer:
    channel = _CHANNELS[call.body.channel]
    resend_code(call.ports, _subject(call.body), channel, call.address, call.now)
    return Answer(202, ResendAnswer(channel, int(VALID_FOR.total_seconds())))


@routes.post(
    "/v1/members/lookup",
    opens=(Scope.MEMBERS_LOOKUP,),
    summary="Find a member by anything that leads to it",
    body=LookUpBody,
    audited="member.looked_up",
    answers={200: FoundAnswer},
    refuses=(MemberNotFound, TooManyRequests),
)
def post_lookup(call: Call[LookUpBody, None]) -> Answer:
    found = find_member(call.ports, call.caller, _identifier(call.body), call.now)
    tier = tier_answer(found.tier)
    answer = FoundAnswer(found.member_id, found.given_name, found.card_number, tier)
    return Answer(200, answer, concerns=(found.member_id,))


def join_request(body: JoinBody) -> JoinRequest:
    """A request to join, as it was written."""
    name, address = body.name, body.postal_address
    person = PersonDraft(
        email=body.email,
        phone=body.phone,
        name=Name(name.given, name.family) if name else None,
        birth_date=body.birth_date,
        postal_address=(
            PostalAddress(
                address.street,
                address.city,
                address.country,
                address.postal_code,
                address.region,
            )
            if address
            else None
        ),
        locale=body.locale,
        external_id=body.external_id,
        attributes=body.attributes or {},
        referred_by=body.referred_by,
    )
    wanted = preferences_draft(body.preferences) if body.preferences else None
    return JoinRequest(person, statements(body.consents), wanted)


def _joining(joining: Joining) -> JoiningAnswer:
    return JoiningAnswer(joining.member_id, joining.card_number, joining.status)


def _subject(body: VerifyBody | ResendBody) -> SubjectRef:
    if (body.signup_id is None) == (body.member_id is None):
        detail = "Write either signup_id or member_id."
        raise InvalidContent(errors=[FieldError("", "one_of", detail)])
    return SubjectRef(body.signup_id, body.member_id)


def _identifier(body: LookUpBody) -> Identifier:
    given = [(name, text) for name, text in msgspec.structs.asdict(body).items() if text]
    if len(given) != 1:
        detail = "Name the member by exactly one of its identifiers."
        raise InvalidContent(errors=[FieldError("", "one_of", detail)])
    name, text = given[0]
    return identified(Kind(name), text, f"/{name}")
