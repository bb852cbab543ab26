"""A connection's secret is changed, or the connection ends."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.connections import Connection, secret_problems
from chalicelib.domain.refusals import InvalidContent, NotFound
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports


def read_connection(ports: Ports, connection_id: str) -> Connection:
    """A connection as it is. Raises NotFound."""
    connection = ports.connections.get(connection_id)
    if connection is None:
        raise NotFound(what="connection")
    return connection


def change_secret(
    ports: Ports, caller: Caller, connection_id: str, secret: str, now: datetime
) -> Connection:
    """Believe another secret from now on, and the one before for a day more.

    Raises NotFound, also for a queue, which has none; InvalidContent.
    """
    read_connection(ports, connection_id)
    if errors := secret_problems(secret):
        raise InvalidContent(errors=errors)
    note(ports, caller, "connection.secret_changed", now, subject=connection_id)
    changed = ports.connections.change_secret(connection_id, secret, now)
    if changed is None:
        raise NotFound(what="connection")
    return changed


def remove_connection(ports: Ports, caller: Caller, connection_id: str, now: datetime) -> None:
    """End a connection: what comes by it from now on is refused. What came stays, and counts as
    before under a new connection of the same source. Raises NotFound."""
    read_connection(ports, connection_id)
    note(ports, caller, "connection.removed", now, subject=connection_id)
    if not ports.connections.remove(connection_id):
        raise NotFound(what="connection")
