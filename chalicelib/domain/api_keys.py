"""API keys: what a checkout proves itself by. Knows no storage, no tokens, no requests.

A key belongs to a source (an integration such as `till-berlin`); purchase ids and idempotency keys
are unique within a source, for ever, whichever of its keys posts them.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import CHECKOUT_SCOPES, Scope
from chalicelib.domain.names import crockford
from chalicelib.domain.refusals import FieldError

SECRET_BYTES = 32
LIVE_KEYS_A_SOURCE = 2
"""Two, so that a source can move from an old key to a new one without a gap."""

SOURCE_PATTERN = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
"""1 to 40 lower-case letters, digits and dashes, no dash at either end. `member:<id>` and
`staff:<sub>` cannot be written so: a key never speaks for a person. `direct` can: it is an ordinary
source, for callers that have no integration."""

_SECRET = re.compile("sk_[0-9a-hjkmnp-tv-z]{52}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, without its secret.

    numeric_ids: whether the source may use ids that look like card numbers; the same for all keys
    of a source, for ever. revoked_at: None while the key is live.
    """

    key_id: str
    source: str
    scopes: frozenset[Scope]
    numeric_ids: bool
    created_at: datetime
    revoked_at: datetime | None = None


def new_secret(random_bytes: bytes) -> str:
    """The secret of a new key, `sk_` and 52 characters, from 32 unguessable bytes."""
    if len(random_bytes) != SECRET_BYTES:
        raise ValueError(f"a secret is made of {SECRET_BYTES} bytes")
    return f"sk_{crockford(random_bytes).lower()}"


def looks_like_secret(text: str) -> bool:
    """Whether this could be a secret of ours; what cannot be is not worth a look-up."""
    return _SECRET.fullmatch(text) is not None


def secret_hash(secret: str) -> str:
    """SHA-256 in hex, all that is stored of a secret: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def problems_of(source: str, scopes: frozenset[Scope]) -> list[FieldError]:
    """Everything wrong with the source and the scopes asked for a new key."""
    errors = []
    if not re.fullmatch(SOURCE_PATTERN, source):
        errors.append(
            FieldError(
                "/source",
                "pattern",
                "1 to 40 lower-case letters, digits and dashes, no dash at either end.",
            )
        )
    if not scopes:
        errors.append(FieldError("/scopes", "empty", "A key needs at least one scope."))
    if foreign := sorted(scopes - CHECKOUT_SCOPES):
        detail = f"A key can be given only: {', '.join(sorted(CHECKOUT_SCOPES))}."
        errors.append(FieldError("/scopes", "not_for_keys", f"{detail} Not {', '.join(foreign)}."))
    return errors
