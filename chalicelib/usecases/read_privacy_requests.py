"""What a privacy officer has to look after: who asked to be forgotten or for a copy, and who may
not be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from chalicelib.domain.exports import ExportStatus
from chalicelib.usecases.ports import Ports

MOST = 500
"""Requests of a kind that are told at once."""


class RequestKind(StrEnum):
    ERASURE = "erasure"
    EXPORT = "export"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """request_id: of the erasure or export, None for a hold. due: when it is to be done, None where
    nothing is. held: whether a hold keeps it from being done."""

    kind: RequestKind
    member_id: str
    request_id: str | None
    status: str
    since: datetime
    due: datetime | None = None
    held: bool = False


def read_privacy_requests(ports: Ports, now: datetime) -> list[PrivacyRequest]:
    """All that is open: erasures by the day they are due, then exports that were not made, then
    holds, each the oldest first."""
    exports = sorted(_exports(ports, now), key=lambda one: one.since)
    holds = sorted(_holds(ports), key=lambda one: one.since)
    return [*_erasures(ports), *exports, *holds]


def _erasures(ports: Ports) -> Iterator[PrivacyRequest]:
    for erasure_id in islice(ports.erasures.open(), MOST):
        erasure = ports.erasures.get(erasure_id)
        if erasure is not None and erasure.is_open:
            yield PrivacyRequest(
                kind=RequestKind.ERASURE,
                member_id=erasure.member_id,
                request_id=erasure_id,
                status=erasure.status,
                since=erasure.requested_at,
                due=erasure.erase_after,
                held=ports.erasures.is_held(erasure.member_id),
            )


def _exports(ports: Ports, now: datetime) -> Iterator[PrivacyRequest]:
    """Those under way, and those that failed unless one was made since."""
    for member_id, export_id in islice(ports.exports.open(), MOST):
        of_member = ports.exports.of_member(member_id)
        export = next((one for one in of_member if one.export_id == export_id), None)
        if export is None:  # its member has gone
            continue
        status = export.as_of(now)
        made_since = any(
            one.expires_at is not None and one.requested_at > export.requested_at
            for one in of_member
        )
        if status in (ExportStatus.PREPARING, ExportStatus.FAILED) and not made_since:
            yield PrivacyRequest(
                RequestKind.EXPORT, member_id, export_id, status, export.requested_at
            )


def _holds(ports: Ports) -> Iterator[PrivacyRequest]:
    for member_id in islice(ports.erasures.held(), MOST):
        hold = ports.erasures.hold(member_id)
        if hold is not None:
            yield PrivacyRequest(RequestKind.HOLD, member_id, None, "held", hold.at)
