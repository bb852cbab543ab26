"""What a view is given and what it gives back. Knows no Chalice and no JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec

from chalicelib.domain.callers import Caller
from chalicelib.usecases.ports import Ports
from chalicelib.wiring import Services

Body = TypeVar("Body")
Query = TypeVar("Query")

Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""An instant in an answer: `domain.instants.printed` makes it, with its milliseconds."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Body, Query]):
    """One request, read and checked. Views without a body or query take `Call[None, None]`.

    route: `POST /v1/purchases`, the template and not the address. raw: the bytes of the body.
    idempotency_key, if_match: the headers' values (if_match without its quotes), "" where the
    route does not ask for them. address: the client's network address. now: the service's clock.
    reason: why staff or a key read it, where what they read is recorded and they said so.
    """

    services: Services
    caller: Caller
    now: datetime
    route: str
    request_id: str
    address: str
    headers: Mapping[str, str]
    body: Body
    query: Query
    raw: bytes = b""
    idempotency_key: str = ""
    if_match: str = ""
    reason: str | None = None

    @property
    def ports(self) -> Ports:
        """What a use case needs of the outside."""
        return self.services.ports


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers. body: the Struct that the route declares for this status, or text or
    bytes, whose Content-Type stands in `headers`. etag: without quotes. replayed: an earlier try
    had done the work. concerns: the members whom it tells something of, beside the one of the path;
    unmasked: it shows what staff see only where they say why. Both are for the audit."""

    status: int
    body: msgspec.Struct | str | bytes | None = None
    etag: str | None = None
    replayed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    concerns: tuple[str, ...] = ()
    unmasked: bool = False
