"""A platform or a queue is connected: purchases come in by it under a source of its own."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.connections import MATCHES, Connection, Provider, problems_of
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.names import new_id
from chalicelib.domain.refusals import Conflict, InvalidContent
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class CreateConnection:
    """match: None for all that the platform's events can name members by. secret: the platform's,
    None for a queue; sender: who sends, None for a platform."""

    provider: Provider
    source: str
    match: tuple[Kind, ...] | None
    sender: str | None
    secret: str | None = field(repr=False)


def create_connection(
    ports: Ports, caller: Caller, command: CreateConnection, now: datetime
) -> Connection:
    """Connect a platform or a queue. A repeated call makes another connection of a platform.

    Raises InvalidContent, and Conflict with `sender_taken`.
    """
    match = MATCHES[command.provider] if command.match is None else command.match
    errors = problems_of(command.provider, command.source, match, command.sender, command.secret)
    if errors:
        raise InvalidContent(errors=errors)
    connection = Connection(
        connection_id=new_id("conn", ports.entropy(16)),
        provider=command.provider,
        source=command.source,
        match=match,
        sender=command.sender,
        created_at=whole_milliseconds(now),
    )
    note(ports, caller, "connection.created", now, subject=connection.connection_id)
    if not ports.connections.add(connection, command.secret):
        raise Conflict(reason="sender_taken")
    return connection
