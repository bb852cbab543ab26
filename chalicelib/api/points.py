"""What several resources say of points and money in the same words: the shapes of answers."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from chalicelib.api.shell import Call
from chalicelib.domain.explanations import Explanation
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.program import TierBasis
from chalicelib.domain.purchases import Earned
from chalicelib.domain.refusals import FieldError
from chalicelib.usecases.current import own_head
from chalicelib.usecases.read_account import TierView

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


_ALL_YEARS = range(1, 10_000)


class DryRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """dry_run: the same checks and the same answer, and nothing is written."""

    dry_run: bool = False


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """amount_minor: in minor units of the currency (cents)."""

    amount_minor: Minor
    currency: Currency


class TierAnswer(msgspec.Struct, frozen=True):
    """id: null below the lowest tier. until: the last day that it is sure of, null for ever. next,
    missing: the next higher tier and what it takes, as `points`, `spend_minor` or `visits`.
    to_keep: what is missing, and by when, to have the tier beyond `until`."""

    id: str | None
    name: str | None
    since: str | None
    until: str | None
    next: str | None
    next_name: str | None
    missing: dict[str, int] | None
    to_keep: "ToKeep | None"


class ToKeep(msgspec.Struct, frozen=True):
    """missing: as in the tier. by: the last day for it."""

    missing: dict[str, int]
    by: str


class EarnedPoints(msgspec.Struct, frozen=True):
    """pending: the part of `earned` that matures later. held: the part of `pending` that cannot be
    spent until somebody has looked at the account."""

    earned: int
    pending: int
    held: int
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
        held=earned.held,
        debt_paid=earned.debt_paid,
        available_after=earned.available_after,
        pending_after=earned.pending_after,
        debt_after=earned.debt_after,
    )


def tier_answer(view: TierView | None) -> TierAnswer | None:
    """Where a member stands as it is answered; None where the program has no tiers."""
    if view is None:
        return None
    place, unit = view.standing, UNITS[view.tiers.basis]
    names = {level.tier_id: level.name for level in view.tiers.levels}
    to_keep = None
    if place.to_keep is not None:
        to_keep = ToKeep({unit: place.to_keep}, str(place.keep_by))
    return TierAnswer(
        id=place.tier_id,
        name=names.get(place.tier_id or ""),
        since=str(place.since) if place.since else None,
        until=str(place.until) if place.until else None,
        next=place.next_id,
        next_name=names.get(place.next_id or ""),
        missing={unit: place.missing} if place.missing is not None else None,
        to_keep=to_keep,
    )


UNITS = {
    TierBasis.POINTS: "points",
    TierBasis.SPEND: "spend_minor",
    TierBasis.VISITS: "visits",
}
"""What a tier's figures are called where they are answered."""


def explained_points(explanation: tuple[Explanation, ...]) -> list[ExplainedPoints]:
    """An explanation as it is answered."""
    return [
        ExplainedPoints(row.rule_or_offer, row.version, row.points, row.text) for row in explanation
    ]


def member_exists(call: Call[Any, Any], member_id: str) -> None:
    """Whether a member exists, asked when a request to it is refused as malformed."""
    own_head(call.ports, member_id)


def moment(
    value: datetime | None, pointer: str, errors: list[FieldError], years: range = _ALL_YEARS
) -> datetime | None:
    """An instant as it is kept; one that is of no year of these is noted as wrong, as is one that
    its offset leads out of the calendar."""
    if value is None:
        return None
    try:
        instant = whole_milliseconds(value)
        if instant.year in years:
            return instant
    except OverflowError:
        pass  # of no year at all
    detail = f"Write an instant of the years {years[0]} to {years[-1]}."
    errors.append(FieldError(pointer, "out_of_range", detail))
    return None
