"""Connections over HTTP, for admins: the platforms and queues that purchases come in from."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_after, position_of
from chalicelib.domain.api_keys import SOURCE_PATTERN
from chalicelib.domain.callers import Scope
from chalicelib.domain.connections import SENDER_PATTERN, Connection, Provider, path_of
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import Conflict, InvalidContent, NotFound
from chalicelib.usecases.change_connection import (
    change_secret,
    read_connection,
    remove_connection,
)
from chalicelib.usecases.create_connection import CreateConnection, create_connection
from chalicelib.usecases.list_connections import list_connections, place_of

routes = Routes(__name__)

MatchedBy = Literal["external_id", "email", "phone"]
Secret = Annotated[str, msgspec.Meta(min_length=16, max_length=256)]


class ConnectionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """source: as of an API key; purchase ids are unique within it, for ever. match: by what members
    are looked for, in this order, all that the platform tells when left out; `external_id` is its
    own id of its customer. secret: the platform's, which signs its events. sender: of a queue
    alone, the unique id of the role or user that sends."""

    provider: Literal["shopify", "square", "queue"]
    source: Annotated[str, msgspec.Meta(pattern=SOURCE_PATTERN)]
    match: list[MatchedBy] | None = None
    secret: Secret | None = None
    sender: Annotated[str, msgspec.Meta(pattern=SENDER_PATTERN)] | None = None


class SecretBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secret: Secret


class ConnectionAnswer(msgspec.Struct, frozen=True):
    """A connection, without its secret, which is never shown. address: where the platform is to
    send its events, null for a queue. former_until: until when the secret before the last change is
    good."""

    connection_id: str
    provider: Literal["shopify", "square", "queue"]
    source: str
    match: list[MatchedBy]
    sender: str | None
    address: str | None
    created_at: Instant
    former_until: Instant | None


class ConnectionList(msgspec.Struct, frozen=True):
    items: list[ConnectionAnswer]
    next_cursor: str | None


def connection_exists(call: Call[SecretBody, None], connection_id: str) -> None:
    """Asked when a request to it is malformed."""
    read_connection(call.ports, connection_id)


@routes.post(
    "/v1/connections",
    opens=(Scope.CONNECTIONS,),
    summary="Connect a platform or a queue that purchases come in from",
    body=ConnectionBody,
    answers={201: ConnectionAnswer},
    refuses=(InvalidContent, Conflict),
)
def post_connection(call: Call[ConnectionBody, None]) -> Answer:
    """A sender has one connection at most: else 409 `conflict` with reason `sender_taken`."""
    body = call.body
    match = tuple(map(Kind, body.match)) if body.match is not None else None
    command = CreateConnection(
        Provider(body.provider), body.source, match, body.sender, secret=body.secret
    )
    created = create_connection(call.ports, call.caller, command, call.now)
    return Answer(201, _answer(call.ports.public_url, created))


@routes.get(
    "/v1/connections",
    opens=(Scope.CONNECTIONS,),
    summary="List the connections, newest first",
    query=Page,
    answers={200: ConnectionList},
)
def get_connections(call: Call[None, Page]) -> Answer:
    owner, after = call.caller.source, None
    if call.query.cursor is not None:
        made_at, connection_id = position_of(call, owner, call.query.cursor)
        after = str(made_at), str(connection_id)
    page = list_connections(call.ports, after, call.query.limit)
    cursor = cursor_after(call, owner, [*place_of(page.items[-1])]) if page.more else None
    shown = [_answer(call.ports.public_url, one) for one in page.items]
    return Answer(200, ConnectionList(shown, cursor))


@routes.get(
    "/v1/connections/{connection_id}",
    opens=(Scope.CONNECTIONS,),
    summary="Read a connection",
    answers={200: ConnectionAnswer},
    refuses=(NotFound,),
)
def get_connection(call: Call[None, None], connection_id: str) -> Answer:
    found = read_connection(call.ports, connection_id)
    return Answer(200, _answer(call.ports.public_url, found))


@routes.post(
    "/v1/connections/{connection_id}/secret",
    opens=(Scope.CONNECTIONS,),
    summary="Change the secret that a platform signs with",
    body=SecretBody,
    answers={200: ConnectionAnswer},
    refuses=(NotFound, InvalidContent),
    exists=connection_exists,
)
def post_connection_secret(call: Call[SecretBody, None], connection_id: str) -> Answer:
    """The one before stays good for a day. The same secret again changes nothing."""
    changed = change_secret(call.ports, call.caller, connection_id, call.body.secret, call.now)
    return Answer(200, _answer(call.ports.public_url, changed))


@routes.delete(
    "/v1/connections/{connection_id}",
    opens=(Scope.CONNECTIONS,),
    summary="End a connection; what came by it stays",
    answers={204: None},
    refuses=(NotFound,),
)
def delete_connection(call: Call[None, None], connection_id: str) -> Answer:
    remove_connection(call.ports, call.caller, connection_id, call.now)
    return Answer(204)


def _answer(public_url: str, connection: Connection) -> ConnectionAnswer:
    path, until = path_of(connection), connection.former_until
    return ConnectionAnswer(
        connection_id=connection.connection_id,
        provider=connection.provider.value,
        source=connection.source,
        match=[msgspec.convert(kind.value, MatchedBy) for kind in connection.match],
        sender=connection.sender,
        address=f"{public_url}{path}" if path is not None else None,
        created_at=printed(connection.created_at),
        former_until=printed(until) if until is not None else None,
    )
