"""The connections there are. Never their secrets: only who checks a signature reads those."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.connections import Connection
from chalicelib.domain.instants import printed
from chalicelib.usecases.ports import Ports

Place = tuple[str, str]
"""When a connection was made, to the millisecond, and its id."""


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """more: whether the list goes on after these."""

    items: Sequence[Connection]
    more: bool


def list_connections(ports: Ports, after: Place | None, limit: int) -> ConnectionPage:
    """Connections, newest first, from behind a place, whatever became of the one that was there."""
    found = [one for one in ports.connections.all() if after is None or place_of(one) < after]
    return ConnectionPage(found[:limit], more=len(found) > limit)


def place_of(connection: Connection) -> Place:
    """Where a connection stands among all."""
    return printed(connection.created_at), connection.connection_id
