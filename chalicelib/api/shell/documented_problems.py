"""What the OpenAPI document says of refusals: which a route can answer, and how each looks."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, get_type_hints

import msgspec

from chalicelib.api import problems, refused
from chalicelib.api.shell.paths import unknown
from chalicelib.api.shell.route import PUBLIC, Route
from chalicelib.domain import refusals
from chalicelib.domain.refusals import FieldError, Refusal

Json = dict[str, Any]

_OF_EVERY_ROUTE = (
    refusals.NotAuthenticated,
    refusals.InvalidContent,
    refusals.CardNumberRefused,
    refusals.TooManyRequests,
    refusals.TryAgain,
)
_OF_BODIES = (
    refused.MalformedJson,
    refused.NotUtf8,
    refused.LoneSurrogate,
    refused.NotANumber,
    refused.DuplicateKey,
    refused.TooDeep,
    refused.BodyTooLarge,
    refused.MediaTypeNotSupported,
)

_PROBLEM: Json = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457). Programs go by `code`, people by `detail`.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}
_FIELD_ERROR: Json = {
    "title": "FieldError",
    "description": "One thing wrong with one field.",
    "type": "object",
    "properties": {
        "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)."},
        "code": {"type": "string"},
        "detail": {"type": "string", "description": "What to write instead."},
    },
    "required": ["pointer", "code", "detail"],
}


def refusals_of(route: Route) -> list[type[Refusal]]:
    """Everything that a route can refuse, by status and code, each once."""
    found = {*_OF_EVERY_ROUTE, *route.refuses}
    if route.opens is not PUBLIC:
        found.add(refusals.ScopeMissing)
    found.update(type(unknown(name)) for name in route.parameters)
    if refusals.MemberNotFound in found:
        found.add(refusals.MemberErased)
    found.update(_of_its_body(route))
    if route.idempotency_key:
        found.add(refused.IdempotencyKeyMissing)
    if route.idempotency_key or "Idempotency-Key" in route.headers:
        found.add(refused.IdempotencyKeyMalformed)
    if route.if_match:
        found.update((refused.IfMatchMissing, refusals.VersionStale))
    if route.query is not None and "cursor" in route.query.__struct_fields__:
        found.add(refused.BadCursor)
    return sorted(found, key=lambda kind: (problems.STATUSES[kind], kind.code))


def _of_its_body(route: Route) -> Iterable[type[Refusal]]:
    if route.raw_body:
        return (refused.BodyTooLarge,)
    if route.body is not None:
        return (refused.BodyMissing, *_OF_BODIES)
    # One that needs no body reads the one that is sent all the same.
    return () if route.method in ("GET", "DELETE") else _OF_BODIES


def responses_of(kinds: Sequence[type[Refusal]]) -> Json:
    """The responses of an operation, one for each status; `kinds` come sorted by status."""
    return {
        str(status): _response(status, list(group))
        for status, group in groupby(kinds, key=problems.STATUSES.__getitem__)
    }


def problem_schemas(routes: Iterable[Route]) -> Json:
    """The schemas of all problems that these routes can answer."""
    kinds = {kind for route in routes for kind in refusals_of(route)}
    schemas = {_name(kind): _schema(kind) for kind in kinds}
    return {"Problem": _PROBLEM, "FieldError": _FIELD_ERROR} | dict(sorted(schemas.items()))


def _response(status: int, kinds: Sequence[type[Refusal]]) -> Json:
    references = [{"$ref": f"#/components/schemas/{_name(kind)}"} for kind in kinds]
    headers = ["X-Request-Id", *_HEADERS.get(status, ())]
    return {
        "description": ", ".join(f"`{kind.code}`" for kind in kinds),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {
            problems.MEDIA_TYPE: {
                "schema": references[0] if len(references) == 1 else {"oneOf": references}
            }
        },
    }


_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


def _name(kind: type[Refusal]) -> str:
    return f"{kind.__name__}Problem"


def _schema(kind: type[Refusal]) -> Json:
    status = problems.STATUSES[kind]
    properties: Json = {"status": {"const": status}, "code": {"const": kind.code}}
    required = ["errors"] if status == 422 else []
    hints = get_type_hints(kind)
    for field in fields(kind):
        if hints[field.name] != list[FieldError]:
            properties[field.name] = msgspec.json.schema(hints[field.name])
            if not _may_be_none(hints[field.name]):
                required.append(field.name)
    own: Json = {"type": "object", "properties": properties, "description": kind.detail}
    return {"allOf": [{"$ref": "#/components/schemas/Problem"}, own | {"required": required}]}


def _may_be_none(hint: Any) -> bool:
    return type(None) in getattr(hint, "__args__", ())
