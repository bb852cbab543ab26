"""What the service says of itself: that it is there, its contract, and the page that shows it."""

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from chalicelib.api.shell import PUBLIC, Answer, Call, Instant, Routes
from chalicelib.domain.instants import printed

routes = Routes(__name__)

_DOCS_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the viewer writes its styles into its own elements
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_FILES_MAY_BE_KEPT = {"Cache-Control": "public, max-age=300"}


class Health(msgspec.Struct, frozen=True):
    """The service answers requests. now: by its own clock."""

    status: Literal["ok"]
    now: Instant


@routes.get(
    "/v1/health",
    opens=PUBLIC,
    summary="Ask whether the service answers",
    answers={200: Health},
)
def get_health(call: Call[None, None]) -> Answer:
    return Answer(200, Health("ok", printed(call.now)))


@routes.get(
    "/v1/openapi.json",
    opens=PUBLIC,
    summary="Read the contract as OpenAPI 3.1",
    answers={200: "application/json"},
)
def get_document(_: Call[None, None]) -> Answer:
    return Answer(200, _file("openapi.json"), headers=_FILES_MAY_BE_KEPT)


@routes.get(
    "/v1/docs",
    opens=PUBLIC,
    summary="Read the contract as a page",
    answers={200: "text/html; charset=utf-8"},
)
def get_docs(_: Call[None, None]) -> Answer:
    headers = {**_FILES_MAY_BE_KEPT, "Content-Security-Policy": _DOCS_POLICY}
    return Answer(200, _file("docs.html"), headers=headers)


@routes.get(
    "/v1/docs/viewer.js",
    opens=PUBLIC,
    summary="The viewer of the page",
    answers={200: "text/javascript; charset=utf-8"},
)
def get_viewer(_: Call[None, None]) -> Answer:
    return Answer(200, _file("viewer.js"), headers=_FILES_MAY_BE_KEPT)


@cache
def _file(name: str) -> str:
    return (resources.files("chalicelib.api") / "static" / name).read_text(encoding="utf-8")
