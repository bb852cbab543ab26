"""What API Gateway and Lambda do between a request and the app: the same `app` that is packaged.

A request becomes the event of a REST API's proxy integration, the app's answer becomes a response.
Knows the app's routes and nothing of what they do.
"""

import base64
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from chalice.app import Chalice
from chalice.local import LocalChalice

from chalicelib.api import problems, refused
from chalicelib.api.problems import Problem
from chalicelib.api.shell.exchange import harmless_id
from chalicelib.api.shell.routes import CORS
from chalicelib.domain.refusals import Refusal
from infrastructure.local.server import BODY_LIMIT_BYTES, Request, Response

_MEMORY_MB = 512
_TIMEOUT_SECONDS = 28.0  # API Gateway gives up after 29


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a function about the call. seconds: how long it may take."""

    function_name: str
    seconds: float = _TIMEOUT_SECONDS
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    memory_limit_in_mb: int = _MEMORY_MB
    function_version: str = "$LATEST"
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would end the call."""
        return int((self.started + self.seconds - time.monotonic()) * 1000)


class Gateway:
    """Routes requests into the app. Threads may share it."""

    def __init__(self, app: Chalice) -> None:
        # One Lambda serves one request at a time; here the app must keep them apart by thread.
        app.__class__ = type("ThreadedApp", (LocalChalice, type(app)), {})
        self._app = app
        self._patterns = sorted(
            ((_matcher(template), template) for template in app.routes),
            key=lambda row: [part.startswith("{") for part in row[1].split("/")],
        )

    def answer(self, request: Request) -> Response:
        """The app's answer, or the gateway's own to preflights and unknown paths."""
        template, parameters = self._route(request.path)
        if template is None:
            return refusal(404, request)
        if request.method == "OPTIONS":
            return _preflight(sorted(self._app.routes[template]))
        event = proxy_event(request, template, parameters, self._app.api.binary_types)
        return _response(self._app(event, Context("stampbook-local-api")))

    def _route(self, path: str) -> tuple[str | None, dict[str, str]]:
        for pattern, template in self._patterns:
            if match := pattern.fullmatch(path):
                return template, match.groupdict()
        return None, {}


def refusal(status: int, request: Request | None) -> Response:
    """The gateway's own refusal: 404, 413 or 400 (anything else that cannot be read)."""
    known: dict[int, Refusal] = {
        404: refused.RouteNotFound(),
        413: refused.BodyTooLarge(BODY_LIMIT_BYTES),
    }
    problem = problems.problem_of(known[status]) if status in known else None
    problem = problem or Problem(400, "bad_request", "This is not a request that HTTP knows.")
    sent = (request.header("X-Request-Id") if request else None) or ""
    request_id = sent if harmless_id(sent) else str(uuid.uuid4())
    headers = {"X-Request-Id": request_id, "Content-Type": problems.MEDIA_TYPE}
    document = json.dumps(problem.document(request_id)).encode()
    return Response(problem.status, document, [*_cors(), *headers.items()])


def _preflight(methods: list[str]) -> Response:
    allowed = ("Access-Control-Allow-Methods", ",".join([*methods, "OPTIONS"]))
    return Response(200, b"", [*_cors(), allowed])


def _cors() -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in CORS.get_access_control_headers().items()]


def proxy_event(
    request: Request, template: str, parameters: Mapping[str, str], binary_types: list[str]
) -> dict[str, Any]:
    """The event (payload 1.0) of a REST API's Lambda proxy integration for a request."""
    content_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    binary = bool(request.body) and content_type in binary_types
    query = parse_qsl(request.query, keep_blank_values=True)
    return {
        "resource": template,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(request.headers) or None,
        "multiValueHeaders": _gathered(request.headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _gathered(query),
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _request_context(request, template),
        "body": _body(request.body, binary),
        "isBase64Encoded": binary,
    }


def _request_context(request: Request, template: str) -> dict[str, Any]:
    now = time.time()
    return {
        "resourcePath": template,
        "path": request.path,
        "httpMethod": request.method,
        "protocol": "HTTP/1.1",
        "stage": "local",
        "requestId": str(uuid.uuid4()),
        "requestTimeEpoch": int(now * 1000),
        "identity": {
            "sourceIp": request.address,
            "userAgent": request.header("User-Agent"),
        },
    }


def _body(body: bytes, binary: bool) -> str | None:
    """Bytes of a binary type in base 64; of any other as text, broken UTF-8 replaced."""
    if not body:
        return None
    return base64.b64encode(body).decode() if binary else body.decode("utf-8", "replace")


def _gathered(pairs: list[tuple[str, str]]) -> dict[str, list[str]] | None:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return gathered or None


def _response(answer: Mapping[str, Any]) -> Response:
    body = answer.get("body") or ""
    encoded = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
    headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    return Response(int(answer["statusCode"]), encoded, headers)


def _matcher(template: str) -> re.Pattern[str]:
    """`/v1/members/{member_id}` as a pattern; a parameter is one segment, never empty."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))
