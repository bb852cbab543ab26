"""The privacy officers' worklist over HTTP."""

import msgspec

from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.usecases.read_privacy_requests import (
    PrivacyRequest,
    RequestKind,
    read_privacy_requests,
)

routes = Routes(__name__)


class PrivacyRequestAnswer(msgspec.Struct, frozen=True):
    """request_id: the erasure's or export's id, null for a hold. status: of an erasure requested or
    erasing, of an export preparing or failed, of a hold held. since: when it was asked for or put.
    due: from when on it is done. held: whether a hold keeps it from being done."""

    kind: RequestKind
    member_id: str
    request_id: str | None
    status: str
    since: Instant
    due: Instant | None
    held: bool


class PrivacyRequestsAnswer(msgspec.Struct, frozen=True):
    items: list[PrivacyRequestAnswer]


@routes.get(
    "/v1/privacy/requests",
    opens=(Scope.PRIVACY,),
    summary="List what is open: erasures by the day they are due, copies to be made, holds",
    audited="privacy.requests.read",
    answers={200: PrivacyRequestsAnswer},
)
def get_privacy_requests(call: Call[None, None]) -> Answer:
    """At most 500 of each kind. It holds ids alone: what is known of a member is in its file."""
    found = read_privacy_requests(call.ports, call.now)
    return Answer(200, PrivacyRequestsAnswer([_request(one) for one in found]))


def _request(one: PrivacyRequest) -> PrivacyRequestAnswer:
    return PrivacyRequestAnswer(
        kind=one.kind,
        member_id=one.member_id,
        request_id=one.request_id,
        status=one.status,
        since=printed(one.since),
        due=printed(one.due) if one.due is not None else None,
        held=one.held,
    )
