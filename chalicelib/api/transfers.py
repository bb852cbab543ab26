"""Points from member to member over HTTP: send, look, call back."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from chalicelib.api.access_reasons import ACCESS_REASON, access_reason
from chalicelib.api.points import MOST_POINTS, DryRun, Word, member_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.findings import Findings
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    FieldError,
    InsufficientPoints,
    InvalidContent,
    MemberNotFound,
    NotFound,
    ReceiverNotFound,
    StepUpRequired,
    TooManyRequests,
    TransferFinal,
    TransferLimitReached,
    TransferNotAllowed,
)
from chalicelib.domain.transfers import Transfer
from chalicelib.usecases.cancel_transfer import cancel_transfer
from chalicelib.usecases.identify import identify
from chalicelib.usecases.read_transfer import Side, TransferSeen, read_transfer, seen_by
from chalicelib.usecases.resolve_member import MemberId, MemberRef
from chalicelib.usecases.transfer_points import TransferPoints, transfer_points

routes = Routes(__name__)

_WHY = {ACCESS_REASON: "Why a member of staff does it; it is recorded."}


class ReceiverBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of these names the member who receives."""

    member_id: Word | None = None
    card_number: Word | None = None


class TransferBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    to: ReceiverBody
    points: Annotated[int, msgspec.Meta(ge=1, le=MOST_POINTS)]


class TransferMade(msgspec.Struct, frozen=True):
    """status: cooling_off while it can be called back, or done. matures_on: the first day on which
    the receiver can spend the points. available_after: the sender's."""

    transfer_id: str
    points: int
    status: str
    matures_on: str
    available_after: int


class TransferAnswer(msgspec.Struct, frozen=True):
    """direction: sent or received, as the member sees it; staff see who sent and who received.
    status: cooling_off, done or cancelled. cancelled_at: null unless it was called back."""

    transfer_id: str
    direction: str | None
    points: int
    status: str
    sent_at: Instant
    matures_on: str
    cancelled_at: Instant | None
    from_member_id: str | msgspec.UnsetType = msgspec.UNSET
    to_member_id: str | msgspec.UnsetType = msgspec.UNSET


class TransferCancelledAnswer(msgspec.Struct, frozen=True):
    """available_after: of the sender, who has the points again."""

    transfer_id: str
    points: int
    status: str
    cancelled_at: Instant
    available_after: int


def transfer_rules(raw: Mapping[str, object]) -> list[FieldError]:
    """What is wrong with a transfer beyond the types of its fields."""
    findings, to = Findings(), raw.get("to")
    if isinstance(to, dict):
        _receiver(to, findings)
    return findings.errors


@routes.post(
    "/v1/members/{member_id}/transfers",
    opens=(Scope.SELF, Scope.ADJUSTMENTS),
    summary="Send points to another member, where the program allows it",
    body=TransferBody,
    rules=transfer_rules,
    query=DryRun,
    answers={201: TransferMade},
    refuses=(
        MemberNotFound,
        ReceiverNotFound,
        TransferNotAllowed,
        TransferLimitReached,
        InsufficientPoints,
        ConflictingReplay,
        StepUpRequired,
        TooManyRequests,
        InvalidContent,
    ),
    idempotency_key=True,
    headers=_WHY,
    exists=member_exists,
)
def add_transfer(call: Call[TransferBody, DryRun], member_id: str) -> Answer:
    findings = Findings()
    to = _receiver(msgspec.structs.asdict(call.body.to), findings)
    if to is None:
        member_exists(call, member_id)
        raise InvalidContent(errors=findings.errors)
    reason = access_reason(call)
    command = TransferPoints(member_id, to, call.body.points, call.idempotency_key, reason)
    outcome = transfer_points(
        call.ports, call.caller, command, call.now, dry_run=call.query.dry_run
    )
    return Answer(201, _made(outcome.answer), replayed=outcome.replayed)


def transfer_exists(call: Call[Any, Any], transfer_id: str) -> None:
    """Whether the caller has to do with it, asked when a request to it is malformed."""
    seen_by(call.ports, call.caller, transfer_id)


@routes.get(
    "/v1/transfers/{transfer_id}",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Read a transfer; each side sees its own",
    audited="transfer.read",
    answers={200: TransferAnswer},
    refuses=(NotFound,),
    exists=transfer_exists,
)
def get_transfer(call: Call[None, None], transfer_id: str) -> Answer:
    seen = read_transfer(call.ports, call.caller, transfer_id, call.now)
    both = (seen.transfer.from_member, seen.transfer.to_member)
    return Answer(200, _seen(seen), concerns=both)


@routes.post(
    "/v1/transfers/{transfer_id}/cancel",
    opens=(Scope.SELF, Scope.ADJUSTMENTS),
    summary="Call a transfer back within its cooling-off",
    answers={200: TransferCancelledAnswer},
    refuses=(NotFound, TransferFinal, Conflict),
    headers=_WHY,
    exists=transfer_exists,
)
def mark_transfer_cancelled(call: Call[None, None], transfer_id: str) -> Answer:
    outcome = cancel_transfer(call.ports, call.caller, transfer_id, access_reason(call), call.now)
    cancelled = outcome.answer
    answer = TransferCancelledAnswer(
        transfer_id=cancelled.transfer_id,
        points=cancelled.points,
        status="cancelled",
        cancelled_at=printed(cancelled.cancelled_at),
        available_after=cancelled.available_after,
    )
    return Answer(200, answer, replayed=outcome.replayed)


def _receiver(named: Mapping[str, object], findings: Findings) -> MemberRef | None:
    member_id, card_number = named.get("member_id"), named.get("card_number")
    if (member_id is None) == (card_number is None):
        detail = "Name the member who receives by its id or by its card number."
        findings.errors.append(FieldError("/to", "one_of", detail))
        return None
    if isinstance(member_id, str):
        return MemberId(member_id)
    if not isinstance(card_number, str):
        return None  # its type is wrong, which is told elsewhere
    return findings.read("/to/card_number", identify, Kind.CARD_NUMBER, card_number)


def _made(transfer: Transfer) -> TransferMade:
    return TransferMade(
        transfer_id=transfer.transfer_id,
        points=transfer.points,
        status="cooling_off" if transfer.cools_off else "done",
        matures_on=str(transfer.matures_on),
        available_after=transfer.available_after,
    )


def _seen(seen: TransferSeen) -> TransferAnswer:
    transfer, is_staff = seen.transfer, seen.side is Side.BOTH
    return TransferAnswer(
        transfer_id=transfer.transfer_id,
        direction=None if is_staff else seen.side,
        points=transfer.points,
        status=seen.status,
        sent_at=printed(transfer.at),
        matures_on=str(transfer.matures_on),
        cancelled_at=printed(seen.cancelled_at) if seen.cancelled_at else None,
        from_member_id=transfer.from_member if is_staff else msgspec.UNSET,
        to_member_id=transfer.to_member if is_staff else msgspec.UNSET,
    )
