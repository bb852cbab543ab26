"""The connections there are. Never their secrets: only who checks a signature reads those."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.connections import Connection
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """more: whether the list goes on after these."""

    items: Sequence[Connection]
    more: bool


def list_connections(ports: Ports, after: str | None, limit: int) -> ConnectionPage:
    """Connections, newest first, from behind the connection `after`."""
    found = ports.connections.all()
    ids = [one.connection_id for one in found]
    start = ids.index(after) + 1 if after in ids else 0
    return ConnectionPage(found[start : start + limit], more=len(found) > start + limit)
