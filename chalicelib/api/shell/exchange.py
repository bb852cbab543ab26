"""The request that this thread is answering, and what is noted about it on the way.

Chalice keeps the current request on the application, which threads share: two requests at once
would read each other's headers. The middleware puts the right one here instead.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from chalice.app import Request

from chalicelib.api import refused
from chalicelib.domain.card_numbers import holds_card_number

_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True)
class Exchange:
    """One request and what the log will say of it. `route` stays "unknown" until one matched."""

    request: Request
    request_id: str
    route: str = "unknown"
    caller: str = "unknown"
    code: str | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whatever their case."""
        headers: Mapping[str, str] = self.request.headers
        return headers

    @property
    def address(self) -> str:
        """The client's network address, "" when the gateway does not say."""
        return str(self.request.context.get("identity", {}).get("sourceIp") or "")

    def raw_body(self) -> bytes:
        """The body's bytes; NotUtf8 when the gateway passed on what no bytes stand for."""
        try:
            raw = self.request.raw_body
        except UnicodeEncodeError as error:
            raise refused.NotUtf8 from error
        return raw if isinstance(raw, bytes) else raw.encode()

    def query_parameters(self) -> Mapping[str, list[str]]:
        """Each query parameter with all of its values, in order."""
        parameters = self.request.query_params
        return {name: parameters.getlist(name) for name in parameters} if parameters else {}


def harmless_id(sent: str) -> bool:
    """Whether a caller's request id can be answered and logged: short, plain, no card's number."""
    return _PLAIN_ID.fullmatch(sent) is not None and not holds_card_number(sent)


current: ContextVar[Exchange] = ContextVar("exchange")


def begun(request: Request) -> Exchange:
    """A new exchange. The caller's request id is kept where it is harmless, else there is ours."""
    sent = request.headers.get("x-request-id", "")
    given = request.context.get("requestId") or getattr(
        request.lambda_context, "aws_request_id", "unknown"
    )
    return Exchange(request, sent if harmless_id(sent) else str(given))
