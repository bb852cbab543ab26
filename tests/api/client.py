"""A caller of the real application, in this process: through the gateway that serves it locally.

Speaks HTTP's words (method, path, headers, bytes), so that routing, reading and answering are real.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalice.app import Chalice

from infrastructure.local.gateway import Gateway
from infrastructure.local.server import Request


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's code; KeyError when this is no problem document."""
        return str(self.json()["code"])

    @property
    def pointers(self) -> dict[str, str]:
        """The codes of a problem's field errors by their pointers."""
        return {error["pointer"]: error["code"] for error in self.json()["errors"]}


@cache
def gateway_of(app: Chalice) -> Gateway:
    """One gateway for an application: making one changes the application's class."""
    return Gateway(app)


class Client:
    """Calls an application; `bearer` is sent with each call that says nothing else."""

    def __init__(self, app: Chalice, bearer: str | None = None) -> None:
        self._gateway = gateway_of(app)
        self._bearer = bearer
        self.address = "192.0.2.1"  # where on the network its calls come from

    def call(
        self,
        method: str,
        path: str,
        json_body: object = None,
        *,
        bearer: str | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One call. `json_body` is sent as JSON; `body` as it is, with no Content-Type."""
        sent: dict[str, str] = {}
        if json_body is not None:
            body, sent["Content-Type"] = json.dumps(json_body).encode(), "application/json"
        if token := bearer or self._bearer:
            sent["Authorization"] = f"Bearer {token}"
        sent |= headers or {}
        address, _, query = path.partition("?")
        request = Request(method, address, query, list(sent.items()), body or b"", self.address)
        response = self._gateway.answer(request)
        received = {name.lower(): value for name, value in response.headers}
        return Reply(response.status, received, response.body)

    def get(self, path: str, **how: Any) -> Reply:
        """A GET; see `call`."""
        return self.call("GET", path, **how)

    def post(self, path: str, json_body: object = None, **how: Any) -> Reply:
        """A POST; see `call`."""
        return self.call("POST", path, json_body, **how)

    def put(self, path: str, json_body: object = None, **how: Any) -> Reply:
        """A PUT; see `call`."""
        return self.call("PUT", path, json_body, **how)

    def patch(self, path: str, json_body: object = None, **how: Any) -> Reply:
        """A PATCH; see `call`."""
        return self.call("PATCH", path, json_body, **how)

    def delete(self, path: str, **how: Any) -> Reply:
        """A DELETE; see `call`."""
        return self.call("DELETE", path, **how)
