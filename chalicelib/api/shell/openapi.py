"""The OpenAPI 3.1 document of declared routes, made from the models that check requests.

Runs when the document is built, never when a request is answered.
"""

import sys
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from chalicelib.api.access_reasons import ACCESS_REASON
from chalicelib.api.shell.documented_parts import (
    HEADERS,
    INTRODUCTION,
    PARAMETERS,
    SECURITY_SCHEMES,
)
from chalicelib.api.shell.documented_problems import problem_schemas, refusals_of, responses_of
from chalicelib.api.shell.route import PUBLIC, Route
from chalicelib.domain.callers import CHECKOUT_SCOPES
from chalicelib.domain.refusals import ConflictingReplay

Json = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"


def document(routes: Iterable[Route]) -> Json:
    """The document of these routes. ValueError when two views have one name."""
    declared = list(routes)
    ordered = sorted(declared, key=lambda route: (route.path, route.method))
    schemas = _schemas(ordered)
    versioned = {route.path for route in ordered if route.if_match}
    paths: Json = {}
    for route in ordered:
        operation = _operation(route, schemas, route.path in versioned)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    _check_names(ordered)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stampbook", "version": "1.0.0", "description": INTRODUCTION},
        "tags": _tags(declared),
        "paths": paths,
        "components": {
            "schemas": schemas | problem_schemas(ordered),
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _schemas(routes: Sequence[Route]) -> Json:
    models = {
        model
        for route in routes
        for model in (route.body, route.query, *route.answers.values())
        if isinstance(model, type)
    }
    ordered = sorted(models, key=lambda model: (model.__module__, model.__qualname__))
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    return {name: _simpler(schema) for name, schema in sorted(schemas.items())}


def _simpler(schema: Any) -> Any:
    """The same schema with "this or null" written as one type, as readers and viewers like it."""
    if isinstance(schema, list):
        return [_simpler(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    match {name: _simpler(member) for name, member in schema.items()}:
        case {"anyOf": [{"type": str() as kind, **rest}, {"type": "null"}], **others}:
            return {"type": [kind, "null"], **rest, **others}
        case simpler:
            return simpler


def _tag(route: Route) -> str:
    """The resource: the module that declares the route, in words."""
    return route.view.__module__.rpartition(".")[2].replace("_", " ")


def _tags(routes: Iterable[Route]) -> list[Json]:
    """Each resource with what its module says of itself, in the order of declaration."""
    modules = {_tag(route): sys.modules[route.view.__module__] for route in routes}
    return [
        {"name": name, "description": (module.__doc__ or "").partition("\n\n")[0].strip()}
        for name, module in modules.items()
    ]


def _check_names(routes: Sequence[Route]) -> None:
    names = [route.view.__name__ for route in routes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two views have one name: {', '.join(sorted(twice))}")


def _operation(route: Route, schemas: Json, versioned: bool) -> Json:
    operation: Json = {
        "operationId": route.view.__name__,
        "summary": route.summary,
        "tags": [_tag(route)],
        "x-scopes": [] if route.opens is PUBLIC else [scope.value for scope in route.opens],
        "security": _security(route),
    }
    operation["description"] = _description(route)
    if parameters := _parameters(route, schemas):
        operation["parameters"] = parameters
    if body := _request_body(route):
        operation["requestBody"] = body
    operation["responses"] = {
        str(status): _response(route, status, versioned) for status in sorted(route.answers)
    } | responses_of(refusals_of(route))
    return operation


def _description(route: Route) -> str:
    if route.opens is PUBLIC:
        who = "Open to everybody."
    else:
        who = "Scopes, any one of: " + ", ".join(f"`{scope}`" for scope in route.opens) + "."
    return " ".join([*(route.view.__doc__ or "").split(), who])


def _security(route: Route) -> list[Json]:
    if route.opens is PUBLIC:
        return [{}, {"key": []}, {"token": []}]
    return [
        {scheme: [scope.value]}
        for scheme in ("key", "token")
        for scope in route.opens
        if scheme == "token" or scope in CHECKOUT_SCOPES
    ]


def _parameters(route: Route, schemas: Json) -> list[Json]:
    path: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in route.parameters
    ]
    headers = {"IdempotencyKey": route.idempotency_key, "IfMatch": route.if_match}
    return [
        *path,
        *_query_parameters(route, schemas),
        *({"$ref": f"#/components/parameters/{name}"} for name, asked in headers.items() if asked),
        *(
            {"name": name, "in": "header", "description": says, "schema": {"type": "string"}}
            for name, says in {**_reason(route), **route.headers}.items()
        ),
    ]


def _reason(route: Route) -> dict[str, str]:
    """Where a read is recorded, whoever is recorded may say why."""
    if route.audited is None:
        return {}
    return {ACCESS_REASON: "Why staff or a till read this; it is recorded beside who and when."}


def _query_parameters(route: Route, schemas: Json) -> list[Json]:
    if route.query is None:
        return []
    [reference], _ = msgspec.json.schema_components([route.query], ref_template=_REFERENCE)
    schema = schemas[reference["$ref"].rpartition("/")[2]]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": property_schema,
        }
        for name, property_schema in schema["properties"].items()
    ]


def _request_body(route: Route) -> Json | None:
    if route.raw_body:
        content: Json = {kind: {"schema": {}} for kind in route.raw_kinds}
        return {"required": "application/json" in content, "content": content}
    if route.body is None:
        return None
    kinds = ["application/json"]
    if route.method == "PATCH":
        kinds.append("application/merge-patch+json")
    content = {"schema": _reference(route.body)}
    return {"required": True, "content": dict.fromkeys(kinds, content)}


def _response(route: Route, status: int, versioned: bool) -> Json:
    declared = route.answers[status]
    names = ["X-Request-Id"]
    if versioned and declared is not None:
        names.append("ETag")
    if route.idempotency_key or ConflictingReplay in route.refuses:
        names.append("Idempotent-Replayed")
    response: Json = {
        "description": _DESCRIPTIONS.get(status, "Done"),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if isinstance(declared, str):
        kind = declared.partition(";")[0]
        form = "object" if kind == "application/json" else "string"
        response["content"] = {kind: {"schema": {"type": form}}}
    elif declared is not None:
        response["content"] = {"application/json": {"schema": _reference(declared)}}
    if status == HTTPStatus.OK and route.also is not None:
        response["content"][route.also.partition(";")[0]] = {"schema": {"type": "string"}}
    return response


_DESCRIPTIONS = {200: "The answer", 201: "Done and recorded", 202: "Taken on", 204: "Done"}


def _reference(model: type[msgspec.Struct]) -> Json:
    [reference], _ = msgspec.json.schema_components([model], ref_template=_REFERENCE)
    return dict(reference)
