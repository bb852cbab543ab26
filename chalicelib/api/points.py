"""What several resources say of points and money in the same words: the shapes of answers."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from chalicelib.api.shell import Call
from chalicelib.domain.explanations import Explanation
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.purchases import Earned
from chalicelib.domain.refusals import FieldError, MemberNotFound

MOST_MINOR = 10**12
MOST_POINTS = 10**9
MOST_LINES = 200

Identity = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
"""An id of the caller's own."""

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Minor = Annotated[int, msgspec.Meta(ge=0, le=MOST_MINOR)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant in a body: RFC 3339 with its offset."""

Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class DryRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """dry_run: the same checks and the same answer, and nothing is written."""

    dry_run: bool = False


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """amount_minor: in minor units of the currency (cents)."""

    amount_minor: Minor
    currency: Currency


class EarnedPoints(msgspec.Struct, frozen=True):
    """pending: the part of `earned` that matures later."""

    earned: int
    pending: int
    debt_paid: int
    available_after: int
    pending_after: int
    debt_after: int


class ExplainedPoints(msgspec.Struct, frozen=True):
    """Which rule or offer gave (or, negative, took) how many points, in words."""

    rule_or_offer: str
    version: int
    points: int
    text: str


def earned_points(earned: Earned) -> EarnedPoints:
    """The points of a purchase as they are answered."""
    return EarnedPoints(
        earned=earned.earned,
        pending=earned.pending,
        debt_paid=earned.debt_paid,
        available_after=earned.available_after,
        pending_after=earned.pending_after,
        debt_after=earned.debt_after,
    )


def explained_points(explanation: tuple[Explanation, ...]) -> list[ExplainedPoints]:
    """An explanation as it is answered."""
    return [
        ExplainedPoints(row.rule_or_offer, row.version, row.points, row.text) for row in explanation
    ]


def member_exists(call: Call[Any, Any], member_id: str) -> None:
    """Whether a member exists, asked when a request to it is refused as malformed."""
    if call.ports.ledger.head(member_id) is None:
        raise MemberNotFound()


def moment(value: datetime | None, pointer: str, errors: list[FieldError]) -> datetime | None:
    """An instant as it is kept; one that its offset leads out of the calendar is noted as wrong."""
    try:
        return whole_milliseconds(value) if value is not None else None
    except OverflowError:
        detail = "Write an instant of the years 1 to 9999."
        errors.append(FieldError(pointer, "out_of_range", detail))
        return None
