"""Lists: how long, from where, and cursors that are good only for their own route and owner."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

import msgspec

from chalicelib.api.refused import BadCursor
from chalicelib.api.shell.call import Call
from chalicelib.domain.names import Namer

Position = list[str | int]
"""Where a list goes on, in whatever terms its route finds useful."""

_MAC_BYTES = 16


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a list. cursor: `next_cursor` of the page before."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 25
    cursor: Annotated[str, msgspec.Meta(max_length=1024)] | None = None


def cursor_after(call: Call[Any, Any], owner: str, position: Position) -> str:
    """The cursor that continues this route's list of this owner after a position."""
    text = msgspec.json.encode(position)
    return urlsafe_b64encode(_mac(call.ports.namer, call.route, owner, text) + text).decode()


def position_of(call: Call[Any, Any], owner: str, cursor: str) -> Position:
    """The position in a cursor. BadCursor when it was not given for this route and owner."""
    try:
        sealed = urlsafe_b64decode(cursor.encode("ascii"))
        mac, text = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(call.ports.namer, call.route, owner, text)):
            raise BadCursor
        return msgspec.json.decode(text, type=Position)
    except (ValueError, msgspec.MsgspecError) as error:
        raise BadCursor from error


def id_after(call: Call[Any, Any]) -> str | None:
    """The id that a page of the caller's list begins behind, None for the first page. BadCursor
    when its cursor was not given to this caller."""
    cursor = call.query.cursor
    return None if cursor is None else str(position_of(call, call.caller.source, cursor)[0])


def cursor_behind(call: Call[Any, Any], last: str | None) -> str | None:
    """The cursor behind the id that a page of the caller's list ends with. last: None where nothing
    follows, and no cursor leads there."""
    return None if last is None else cursor_after(call, call.caller.source, [last])


def _mac(namer: Namer, route: str, owner: str, text: bytes) -> bytes:
    return namer.digest("cursor", route, owner, text)[:_MAC_BYTES]
