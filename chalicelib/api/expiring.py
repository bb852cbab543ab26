"""What would expire, over HTTP, before it does. Sums alone, no personal data."""

from datetime import date
from typing import Annotated

import msgspec

from chalicelib.api.points import Money
from chalicelib.api.shell import Answer, Call, Instant, Routes, cursor_after, position_of
from chalicelib.domain.allowances import ANALYTICS
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import cost_minor
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.usecases.due_rounds import side_by_side
from chalicelib.usecases.foresee_expiry import ExpiringDay, Foreseen, Position, foresee_expiry
from chalicelib.usecases.ledger_pass import for_seconds

routes = Routes(__name__)

_WORK_SECONDS = 8.0
_LANES = 8
_LATEST_YEAR = 2200


class ExpiringQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """on: a last day, in the program's zone. cursor: `next_cursor` of the part before."""

    on: date
    cursor: Annotated[str, msgspec.Meta(max_length=1024)] | None = None


class ExpiringOn(msgspec.Struct, frozen=True):
    """Points whose last day this is, in so many accounts, and what they cost the shop."""

    expires_on: str
    points: int
    accounts: int
    value: Money


class ExpiringAnswer(msgspec.Struct, frozen=True):
    """What would have expired when the day `on` is over, if nothing happened to anybody's points
    until then, by last day, earliest first.

    Of all accounts where `complete`. Else of a part of them: `next_cursor` gives the next part, and
    the parts add up. accounts: of this part, those that would lose any points.
    """

    on: str
    as_of: Instant
    items: list[ExpiringOn]
    points: int
    accounts: int
    value: Money
    complete: bool
    next_cursor: str | None


@routes.get(
    "/v1/analytics/expiring",
    opens=(Scope.ANALYTICS_READ,),
    summary="Read what would expire until a day, before it does",
    query=ExpiringQuery,
    answers={200: ExpiringAnswer},
    rationed=ANALYTICS,
)
def get_expiring(call: Call[None, ExpiringQuery]) -> Answer:
    """A dry run of the daily expiry. What has expired and no entry tells yet counts, too."""
    on = call.query.on
    if on.year > _LATEST_YEAR:
        detail = f"Write a day up to the year {_LATEST_YEAR}."
        raise InvalidContent(errors=[FieldError("/on", "out_of_range", detail)])
    position = _position(call)
    keep_going = for_seconds(call.ports.patience, _WORK_SECONDS)
    with side_by_side(_LANES) as lanes:
        foreseen = foresee_expiry(call.ports, on, position, keep_going, lanes)
    return Answer(200, _answer(call, foreseen, first=call.query.cursor is None))


def _position(call: Call[None, ExpiringQuery]) -> Position:
    if call.query.cursor is None:
        return Position()
    shard, behind = position_of(call, call.query.on.isoformat(), call.query.cursor)
    return Position(int(shard), str(behind) or None)


def _answer(call: Call[None, ExpiringQuery], foreseen: Foreseen, *, first: bool) -> ExpiringAnswer:
    on, following = call.query.on.isoformat(), None
    if foreseen.position is not None:
        position = foreseen.position
        following = cursor_after(call, on, [position.shard, position.cursor or ""])
    points = sum(day.points for day in foreseen.days)
    return ExpiringAnswer(
        on=on,
        as_of=printed(call.now),
        items=[_item(day, foreseen.program) for day in foreseen.days],
        points=points,
        accounts=foreseen.accounts,
        value=_value(points, foreseen.program),
        complete=first and following is None,
        next_cursor=following,
    )


def _item(day: ExpiringDay, program: Program) -> ExpiringOn:
    value = _value(day.points, program)
    return ExpiringOn(day.last_day.isoformat(), day.points, day.accounts, value)


def _value(points: int, program: Program) -> Money:
    return Money(cost_minor(program, points), program.currency)
