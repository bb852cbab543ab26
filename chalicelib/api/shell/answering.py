"""From an Answer or a Problem to what Chalice sends. Knows no request."""

from http import HTTPStatus
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.api import problems
from chalicelib.api.problems import Problem
from chalicelib.api.shell.call import Answer
from chalicelib.api.shell.route import Route


def answered(route: Route, answer: Answer) -> Response:
    """The response of a view. TypeError when it is not one that the route declares."""
    declared = route.answers[answer.status]
    headers = dict(answer.headers)
    if answer.etag is not None:
        headers["ETag"] = f'"{answer.etag}"'
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    match answer.body:
        case msgspec.Struct() as body:
            if not (isinstance(declared, type) and isinstance(body, declared)):
                raise TypeError(f"{route.name} does not declare {type(body).__name__}")
            return _response(answer.status, headers, _json(body), "application/json")
        case None if declared is None:
            return _response(answer.status, headers, "", None)
        case str() | bytes() as body if isinstance(declared, str):
            return _response(answer.status, headers, body, declared)
        case str() as body if answer.status == HTTPStatus.OK and route.also is not None:
            return _response(answer.status, headers, body, route.also)
        case body:
            raise TypeError(f"{route.name} does not declare {type(body).__name__}")


def problem_answer(problem: Problem, request_id: str) -> Response:
    """The response of a problem, as RFC 9457 has it."""
    document = _json(problem.document(request_id))
    return _response(problem.status, dict(problem.headers), document, problems.MEDIA_TYPE)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _response(
    status: int, headers: dict[str, Any], body: str | bytes, kind: str | None
) -> Response:
    if kind is not None:
        headers["Content-Type"] = kind
    return Response(body=body, headers=headers, status_code=status)
