"""The parts of the OpenAPI document that are the same whatever the routes are."""

from typing import Any

Json = dict[str, Any]

INTRODUCTION = """\
A loyalty program's service. Tills post purchases, members watch and spend their points, staff run
the program.

Every write is safe to repeat: the same id or `Idempotency-Key` with the same content gives the
first answer again. Errors are problem documents (RFC 9457); programs go by `code`. Integers are
written as integers, unknown fields are refused, and no text may hold a payment card's number.
`x-scopes` lists the scopes of which any one opens an operation; none means that it is public.
"""

HEADERS: Json = {
    "X-Request-Id": {
        "description": "Names this request; the caller's own where it is harmless.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The version of the resource, for If-Match.",
        "schema": {"type": "string"},
    },
    "Idempotent-Replayed": {
        "description": "An earlier request had done this; its answer again.",
        "schema": {"const": "true"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request is sent again.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "How to prove who asks (RFC 6750).",
        "schema": {"type": "string"},
    },
}

PARAMETERS: Json = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Made by the caller, once for each thing it wants done; kept for ever.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version that this change is made to.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
}

SECURITY_SCHEMES: Json = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "sk_...",
        "description": "The API key of a checkout.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An OIDC access token of a member, or of staff (by its groups).",
    },
}
