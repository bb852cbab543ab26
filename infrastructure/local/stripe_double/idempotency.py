"""Stripe's Idempotency-Key: the first answer again for the same request, a refusal for another
one, and for one that comes while the first is still at work. Keys live for 24 hours.
"""

import hashlib
import json
import threading
from dataclasses import dataclass, field

from infrastructure.local.stripe_double.forms import Params
from infrastructure.local.stripe_double.objects import Json
from infrastructure.local.stripe_double.refused import Refused
from infrastructure.local.stripe_double.state import State

_KEPT_SECONDS = 24 * 3600


@dataclass(slots=True)
class Keys:
    """The keys in use; the answers themselves are in the state."""

    state: State
    working: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, key: str, path: str, params: Params, now: int) -> Json | None:
        """The stored answer, or None when the caller is to do the work and `keep` or `drop`."""
        if len(key) > 255:
            raise Refused(400, "Idempotency keys can be at most 255 characters.", kept=False)
        with self.lock:
            if key in self.working:
                raise _in_use(key)
            kept = self.state.answers.get(key)
            if kept is not None and now - kept["at"] < _KEPT_SECONDS:
                _same(key, kept, path, params)
                return kept
            self.working.add(key)
            return None

    def keep(self, key: str, path: str, params: Params, now: int, answer: Json) -> None:
        """Remember an answer under its key."""
        with self.lock:
            self.state.answers[key] = {
                "path": path,
                "params": _fingerprint(params),
                "at": now,
                **answer,
            }
            self.working.discard(key)

    def drop(self, key: str) -> None:
        """Forget a claim whose request never reached its endpoint."""
        with self.lock:
            self.working.discard(key)


def _fingerprint(params: Params) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def _same(key: str, kept: Json, path: str, params: Params) -> None:
    if kept["path"] != path:
        raise _other(f"endpoint they were first used for ('{kept['path']}' vs '{path}')", key)
    if kept["params"] != _fingerprint(params):
        raise _other("parameters they were first used with", key)


def _other(what: str, key: str) -> Refused:
    return Refused(
        400,
        f"Keys for idempotent requests can only be used for the same {what}. Try using a key other "
        f"than '{key}' if you meant to execute a different request.",
        "idempotency_error",
        kept=False,
    )


def _in_use(key: str) -> Refused:
    return Refused(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably "
        "means you submitted twice, and the other request is still going through): "
        f"{key}. Please try again later.",
        "idempotency_error",
        kept=False,
        code="idempotency_key_in_use",
    )
