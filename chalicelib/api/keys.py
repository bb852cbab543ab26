"""API keys over HTTP, for admins."""

from typing import Annotated, Literal

import msgspec

from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_behind, id_after
from chalicelib.domain.api_keys import SOURCE_PATTERN, ApiKey
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import Conflict, InvalidContent, NotFound
from chalicelib.usecases.create_api_key import CreateApiKey, create_api_key
from chalicelib.usecases.list_api_keys import list_api_keys
from chalicelib.usecases.revoke_api_key import revoke_api_key

routes = Routes(__name__)

KeyScope = Literal[
    "members:enrol",
    "members:lookup",
    "purchases:write",
    "redemptions:write",
    "rewards:read",
    "vouchers:use",
]
"""What a key can be given, `domain.callers.CHECKOUT_SCOPES` (a test compares them)."""


class KeyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """source: the integration, such as `till-berlin`; `direct` for callers without one. scopes: all
    that a key can have when left out. numeric_ids: whether the source may use ids that look like
    card numbers; the same for all of its keys, for ever."""

    source: Annotated[str, msgspec.Meta(pattern=SOURCE_PATTERN)]
    scopes: Annotated[list[KeyScope], msgspec.Meta(min_length=1)] | None = None
    numeric_ids: bool | None = None


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without its secret. revoked_at: null while it is live."""

    key_id: str
    source: str
    scopes: list[str]
    numeric_ids: bool
    created_at: Instant
    revoked_at: Instant | None


class KeyCreatedAnswer(KeyAnswer, frozen=True, kw_only=True):
    """secret: shown here and never again; send it as `Authorization: Bearer sk_...`."""

    secret: str


class KeyList(msgspec.Struct, frozen=True):
    items: list[KeyAnswer]
    next_cursor: str | None


@routes.post(
    "/v1/keys",
    opens=(Scope.KEYS,),
    summary="Create an API key",
    body=KeyBody,
    answers={201: KeyCreatedAnswer},
    refuses=(InvalidContent, Conflict),
)
def post_key(call: Call[KeyBody, None]) -> Answer:
    """At most two keys of a source are live at once, so that it can move to a new one: else 409
    `conflict` with reason `two_live_keys`. Nobody keeps the secret: when the answer was lost,
    revoke the key and create another."""
    scopes = frozenset(map(Scope, call.body.scopes)) if call.body.scopes is not None else None
    command = CreateApiKey(call.body.source, scopes, call.body.numeric_ids)
    created = create_api_key(call.ports, call.caller, command, call.now)
    shown = msgspec.structs.asdict(_answer(created.key))
    return Answer(201, KeyCreatedAnswer(**shown, secret=created.secret))


@routes.get(
    "/v1/keys",
    opens=(Scope.KEYS,),
    summary="List the API keys",
    query=Page,
    answers={200: KeyList},
)
def get_keys(call: Call[None, Page]) -> Answer:
    page = list_api_keys(call.ports, id_after(call), call.query.limit)
    last = page.keys[-1].key_id if page.more else None
    cursor = cursor_behind(call, last)
    return Answer(200, KeyList([_answer(key) for key in page.keys], cursor))


@routes.post(
    "/v1/keys/{key_id}/revoke",
    opens=(Scope.KEYS,),
    summary="Revoke an API key",
    answers={200: KeyAnswer},
    refuses=(NotFound,),
)
def post_key_revocation(call: Call[None, None], key_id: str) -> Answer:
    """In force everywhere within 30 seconds. A key that is revoked already stays as it is."""
    return Answer(200, _answer(revoke_api_key(call.ports, call.caller, key_id, call.now)))


def _answer(key: ApiKey) -> KeyAnswer:
    return KeyAnswer(
        key_id=key.key_id,
        source=key.source,
        scopes=sorted(key.scopes),
        numeric_ids=key.numeric_ids,
        created_at=printed(key.created_at),
        revoked_at=printed(key.revoked_at) if key.revoked_at is not None else None,
    )
