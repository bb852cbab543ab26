"""The bodies and answers of returns, and how bodies become commands."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.points import MOST_LINES, ExplainedPoints, Identity, Minor
from chalicelib.api.shell import Instant
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.returned import ReturnedLine
from chalicelib.usecases.return_purchase import ReturnPurchase


class ReturnedLineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """quantity: 0 where only money goes back."""

    line_id: Identity
    quantity: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    amount_minor: Minor


class ReturnBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either the lines that come back, or an amount alone."""

    return_id: Identity
    lines: (
        Annotated[list[ReturnedLineBody], msgspec.Meta(min_length=1, max_length=MOST_LINES)] | None
    ) = None
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=10**12)] | None = None


class TakenPoints(msgspec.Struct, frozen=True):
    """taken: all that went, `new_debt` among it. returned_to_member: points that had been spent on
    what comes back."""

    taken: int
    from_pending: int
    from_available: int
    new_debt: int
    returned_to_member: int
    available_after: int
    pending_after: int
    debt_after: int


class ReturnAnswer(msgspec.Struct, frozen=True):
    return_id: str
    purchase_id: str
    points: TakenPoints
    explanation: list[ExplainedPoints]


class ReturnAwaiting(msgspec.Struct, frozen=True):
    """The purchase has not come yet (or had not, when this return came): it is applied with it, and
    the purchase's answer says what it took."""

    return_id: str
    purchase_id: str
    status: Literal["awaiting_purchase"]


class WaitedReturn(msgspec.Struct, frozen=True):
    """A return that came before its purchase. points: what it took; null where it was refused, for
    the reason in `refused` (`return_exceeds_purchase`, `unknown_line`)."""

    return_id: str
    points: TakenPoints | None
    refused: str | None


class KeptReturn(msgspec.Struct, frozen=True):
    return_id: str
    at: Instant
    lines: list[ReturnedLineBody]
    points: TakenPoints


class KeptRefusal(msgspec.Struct, frozen=True):
    """A return that came before its purchase and did not fit it."""

    return_id: str
    at: Instant
    refused: str


def return_command(purchase_id: str, body: ReturnBody) -> ReturnPurchase:
    """What a till takes back, as a command. InvalidContent unless it is lines or an amount."""
    if (body.lines is None) == (body.amount_minor is None):
        detail = "Send either `lines` or `amount_minor`."
        raise InvalidContent(errors=[FieldError("", "one_of", detail)])
    if body.amount_minor is not None:
        return ReturnPurchase(purchase_id, body.return_id, body.amount_minor)
    empty = [
        FieldError(f"/lines/{place}", "empty", "Give a quantity or an amount that comes back.")
        for place, line in enumerate(body.lines or ())
        if not line.quantity and not line.amount_minor
    ]
    if empty:
        raise InvalidContent(errors=empty)
    lines = tuple(
        ReturnedLine(line.line_id, line.quantity, line.amount_minor) for line in body.lines or ()
    )
    return ReturnPurchase(purchase_id, body.return_id, lines)
