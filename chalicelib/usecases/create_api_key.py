"""A new API key for a source; its secret is known to nobody but who reads this one answer."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.api_keys import SECRET_BYTES, ApiKey, new_secret, problems_of, secret_hash
from chalicelib.domain.callers import CHECKOUT_SCOPES, Caller, Scope
from chalicelib.domain.names import new_id
from chalicelib.domain.refusals import Conflict, InvalidContent
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """scopes: None for everything that a key can be given. numeric_ids: None for what the source
    has already (not allowed, for a new one)."""

    source: str
    scopes: Set[Scope] | None
    numeric_ids: bool | None


@dataclass(frozen=True, slots=True)
class ApiKeyCreated:
    key: ApiKey
    secret: str


def create_api_key(
    ports: Ports, caller: Caller, command: CreateApiKey, now: datetime
) -> ApiKeyCreated:
    """Create a key. A repeated call makes another key: a secret is not kept to be shown again.

    Raises InvalidContent, and Conflict with `two_live_keys` or `numeric_ids_differ`.
    """
    scopes = CHECKOUT_SCOPES if command.scopes is None else frozenset(command.scopes)
    if errors := problems_of(command.source, scopes):
        raise InvalidContent(errors=errors)
    key_id = new_id("key", ports.entropy(16))
    key = ApiKey(key_id, command.source, scopes, _numeric_ids(ports, command), now)
    secret = new_secret(ports.entropy(SECRET_BYTES))
    note(ports, caller, "key.created", now, subject=key_id)
    added = ports.keys.add(key, secret_hash(secret))
    if added != "added":
        raise Conflict(reason=added)
    return ApiKeyCreated(key, secret)


def _numeric_ids(ports: Ports, command: CreateApiKey) -> bool:
    if command.numeric_ids is not None:
        return command.numeric_ids
    return any(key.numeric_ids for key in ports.keys.all() if key.source == command.source)
