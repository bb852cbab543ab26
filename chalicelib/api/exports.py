"""Copies of all that is held of a member, over HTTP: asked for, made in the background, downloaded
by the member alone."""

from typing import Any

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.exports import Export, ExportStatus
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import MemberErased, MemberNotFound, NotFound, TooManyRequests
from chalicelib.usecases.read_export import ExportView, list_exports, read_export
from chalicelib.usecases.request_export import request_export

routes = Routes(__name__)


class ExportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """status: `preparing` (minutes at most), `ready`, `expired` or `failed`: ask again then.
    expires_at: until when a ready one can be downloaded."""

    export_id: str
    status: str
    requested_at: Instant
    expires_at: Instant | None


class ExportAnswer(ExportSummary, frozen=True, kw_only=True):
    """download_url: for five minutes, and for the member alone; it needs no other credential, so
    keep it to yourself. Ask again for another one."""

    download_url: str | None


class ExportList(msgspec.Struct, frozen=True):
    items: list[ExportSummary]


def export_exists(call: Call[Any, Any], member_id: str, export_id: str) -> None:
    """Asked when a request for an export is malformed. Raises MemberNotFound, NotFound."""
    read_export(call.ports, call.caller, member_id, export_id, call.now)


@routes.post(
    "/v1/members/{member_id}/export",
    opens=(Scope.SELF, Scope.PRIVACY),
    summary="Ask for a copy of everything that is held of a member",
    idempotency_key=True,
    answers={202: ExportAnswer},
    refuses=(MemberNotFound, MemberErased, TooManyRequests),
    exists=member_exists,
)
def post_export(call: Call[None, None], member_id: str) -> Answer:
    """A zip file with a README in plain words, and every kind of data as JSON and as CSV. It is
    made in the background: ask for it by its id. At most three a day."""
    outcome = request_export(call.ports, call.caller, member_id, call.idempotency_key, call.now)
    export = outcome.answer
    view = ExportView(export, export.as_of(call.now), None)
    return Answer(202, _answer(view), replayed=outcome.replayed)


@routes.get(
    "/v1/members/{member_id}/export/{export_id}",
    opens=(Scope.SELF, Scope.PRIVACY),
    summary="See how far an export is, and where to download it",
    audited="member.export.read",
    answers={200: ExportAnswer},
    refuses=(MemberNotFound, NotFound),
    exists=export_exists,
)
def get_export(call: Call[None, None], member_id: str, export_id: str) -> Answer:
    view = read_export(call.ports, call.caller, member_id, export_id, call.now)
    return Answer(200, _answer(view))


@routes.get(
    "/v1/members/{member_id}/export",
    opens=(Scope.SELF, Scope.PRIVACY),
    summary="List the exports that were asked for, newest first",
    audited="member.export.read",
    answers={200: ExportList},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def get_exports(call: Call[None, None], member_id: str) -> Answer:
    found = list_exports(call.ports, member_id)
    summaries = [ExportSummary(**_told(export, export.as_of(call.now))) for export in found]
    return Answer(200, ExportList(summaries))


def _answer(view: ExportView) -> ExportAnswer:
    told = _told(view.export, view.status)
    return ExportAnswer(**told, download_url=view.download.url if view.download else None)


def _told(export: Export, status: ExportStatus) -> dict[str, Any]:
    return {
        "export_id": export.export_id,
        "status": str(status),
        "requested_at": printed(export.requested_at),
        "expires_at": printed(export.expires_at) if export.expires_at else None,
    }
