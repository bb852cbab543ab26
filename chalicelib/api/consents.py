"""A member's consents over HTTP. They have no ETag: a PUT names the purposes that it changes, and
all that was ever said stays in the history."""

from typing import Any

import msgspec

from chalicelib.api.member_models import Consents, statements
from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_after, position_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.consents import Consent, Evidence, How
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import MemberNotFound, TooManyRequests, UseErasure
from chalicelib.usecases.read_consents import (
    last_record,
    read_consent_history,
    read_consents,
)
from chalicelib.usecases.set_consents import set_consents

routes = Routes(__name__)


class ConsentAnswer(msgspec.Struct, frozen=True):
    """at: when it was said or confirmed. source: who passed it on (`member`, `sign_up`, a till's
    source, `confirmation`, `unsubscribe_link`). confirmed: nothing is missing for it to count;
    false while the link of its double opt-in has not come back."""

    purpose: str
    granted: bool
    policy_version: str
    at: Instant
    source: str
    confirmed: bool


class EvidenceAnswer(msgspec.Struct, frozen=True):
    """how: on which way it was said. request_id: of the request that said it."""

    how: How
    request_id: str


class RecordedConsentAnswer(ConsentAnswer, frozen=True):
    """evidence: null in records of older releases."""

    evidence: EvidenceAnswer | None


class ConsentsAnswer(msgspec.Struct, frozen=True):
    consents: list[ConsentAnswer]


class ConsentsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The purposes to change; the others stay."""

    consents: Consents


class ConsentHistoryAnswer(msgspec.Struct, frozen=True):
    items: list[RecordedConsentAnswer]
    next_cursor: str | None


def consents_exist(call: Call[Any, Any], member_id: str) -> None:
    """Raises MemberNotFound."""
    last_record(call.ports, member_id)


@routes.get(
    "/v1/members/{member_id}/consents",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Read what a member said last for each purpose",
    audited="member.consents.read",
    answers={200: ConsentsAnswer},
    refuses=(MemberNotFound,),
    exists=consents_exist,
)
def get_consents(call: Call[None, None], member_id: str) -> Answer:
    return _answer(read_consents(call.ports, member_id))


@routes.put(
    "/v1/members/{member_id}/consents",
    opens=(Scope.SELF,),
    summary="Grant or withdraw consent for the purposes that are named",
    body=ConsentsBody,
    answers={200: ConsentsAnswer},
    refuses=(MemberNotFound, UseErasure, TooManyRequests),
    exists=consents_exist,
)
def put_consents(call: Call[ConsentsBody, None], member_id: str) -> Answer:
    """A withdrawal takes effect at once, everywhere. What needs a double opt-in counts when the
    link of the mail came back that is sent now; said again, it is sent again."""
    said = statements(call.body.consents)
    evidence = Evidence(How.APP, call.request_id)
    return _answer(set_consents(call.ports, member_id, said, call.now, evidence))


@routes.get(
    "/v1/members/{member_id}/consents/history",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Read all that was ever said about consent, newest first",
    query=Page,
    audited="member.consents.read",
    answers={200: ConsentHistoryAnswer},
    refuses=(MemberNotFound,),
    exists=consents_exist,
)
def get_consent_history(call: Call[None, Page], member_id: str) -> Answer:
    before = None
    if call.query.cursor is not None:
        before = int(position_of(call, member_id, call.query.cursor)[0])
    page = read_consent_history(call.ports, member_id, before, call.query.limit)
    more = page.more_before
    cursor = cursor_after(call, member_id, [more]) if more is not None else None
    return Answer(200, ConsentHistoryAnswer([_recorded(r.said) for r in page.records], cursor))


def _answer(consents: list[Consent]) -> Answer:
    return Answer(200, ConsentsAnswer([consent_answer(consent) for consent in consents]))


def consent_answer(consent: Consent) -> ConsentAnswer:
    """A consent as it is answered."""
    return ConsentAnswer(
        consent.purpose,
        consent.granted,
        consent.policy_version,
        printed(consent.at),
        consent.source,
        consent.confirmed,
    )


def _recorded(consent: Consent) -> RecordedConsentAnswer:
    evidence = consent.evidence
    shown = msgspec.structs.asdict(consent_answer(consent))
    proof = EvidenceAnswer(evidence.how, evidence.request_id) if evidence else None
    return RecordedConsentAnswer(**shown, evidence=proof)
