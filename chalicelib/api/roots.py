"""The signed roots of the days over HTTP, for everybody: their worth is that all see the same."""

from datetime import date

import msgspec

from chalicelib.api.proof_models import RootAnswer, root_answer
from chalicelib.api.shell import PUBLIC, Answer, Call, Page, Routes, cursor_after, position_of
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.read_roots import list_roots, read_root

routes = Routes(__name__)


class RootList(msgspec.Struct, frozen=True):
    items: list[RootAnswer]
    next_cursor: str | None


@routes.get(
    "/v1/roots",
    opens=PUBLIC,
    summary="List the signed roots of the days, newest first",
    query=Page,
    answers={200: RootList},
)
def get_roots(call: Call[None, Page]) -> Answer:
    """Each is one hash over the newest entries of all accounts, signed. It names nobody."""
    before = None
    if call.query.cursor is not None:
        before = date.fromisoformat(str(position_of(call, "", call.query.cursor)[0]))
    found = list_roots(call.ports, before, call.query.limit)
    more = len(found) == call.query.limit
    cursor = cursor_after(call, "", [found[-1].root.day.isoformat()]) if more else None
    return Answer(200, RootList([root_answer(signed) for signed in found], cursor))


@routes.get(
    "/v1/roots/{root_date}",
    opens=PUBLIC,
    summary="Read the signed root of a day",
    answers={200: RootAnswer},
    refuses=(NotFound,),
)
def get_root(call: Call[None, None], root_date: str) -> Answer:
    """`latest` for the newest. A root that stands never changes."""
    return Answer(200, root_answer(read_root(call.ports, root_day(root_date))))


def root_day(text: str) -> date | None:
    """The day that a request names, None for `latest`. NotFound for what is no day."""
    if text == "latest":
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("root") from error
    if day.isoformat() != text:  # a day has one address
        raise NotFound("root")
    return day
