"""An issuer's public keys, fetched once and kept. Must not know tokens.

Each key comes with the one algorithm that its own type allows, so that no token chooses.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from chalicelib.providers import http
from chalicelib.usecases.ports import StoreUnavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_FRESH_SECONDS = 600.0
_COOL_DOWN_SECONDS = 30.0  # between fetches for keys that we do not know
_RETRY_SECONDS = 5.0  # between fetches while the issuer fails
_LEAST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key and the algorithm it verifies: RS256 or ES256."""

    algorithm: str
    key: "RSAPublicKey | EllipticCurvePublicKey"


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: Mapping[str, VerifyingKey]
    fetched_at: float


class KeySet:
    """The keys at one address, as of ten minutes ago at most while the issuer answers.

    A failing issuer leaves us with what we have. Safe to share between threads: only one fetches,
    and those that find their key do not wait for it.
    """

    def __init__(
        self,
        url: str,
        fetch: Callable[[str], bytes] = http.asked,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._url = http.check_address(url)
        self._fetch = fetch
        self._seconds = seconds
        self._kept: _Kept | None = None
        self._tried_at: float | None = None
        self._fetching = Lock()

    def find(self, key_id: str) -> VerifyingKey | None:
        """The key of this id, None when the issuer has none.

        Raises StoreUnavailable when the issuer does not answer and nothing is kept.
        """
        kept = self._current()
        if key_id not in kept.keys and self._waited(_COOL_DOWN_SECONDS):
            kept = self._refreshed(kept)
        return kept.keys.get(key_id)

    def _current(self) -> _Kept:
        kept = self._kept
        if kept is None:
            with self._fetching:  # everybody waits: there is nothing to go on with
                kept = self._kept or self._fetched()
        elif self._seconds() - kept.fetched_at >= _FRESH_SECONDS and self._waited(_RETRY_SECONDS):
            kept = self._refreshed(kept)
        return kept

    def _refreshed(self, kept: _Kept) -> _Kept:
        """Newer keys; the given ones while somebody else fetches or when the issuer fails."""
        if not self._fetching.acquire(blocking=False):
            return kept
        try:
            return self._fetched()
        except StoreUnavailable:
            return kept
        finally:
            self._fetching.release()

    def _fetched(self) -> _Kept:
        if not self._waited(_RETRY_SECONDS):
            raise StoreUnavailable("the issuer's keys could not be had a moment ago")
        self._tried_at = self._seconds()
        keys = usable_keys(self._fetch(self._url))
        if not keys:
            raise StoreUnavailable("the issuer publishes no key that we can use")
        self._kept = _Kept(keys, self._tried_at)
        return self._kept

    def _waited(self, seconds: float) -> bool:
        tried_at = self._tried_at
        return tried_at is None or self._seconds() - tried_at >= seconds


def usable_keys(document: bytes) -> dict[str, VerifyingKey]:
    """The signing keys of a JWKS document by key id, without those that we do not use."""
    try:
        listed = json.loads(document)["keys"]
        entries: list[dict[str, Any]] = [entry for entry in listed if isinstance(entry, dict)]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    found = {str(entry.get("kid", "")): _verifying_key(entry) for entry in entries}
    return {key_id: key for key_id, key in found.items() if key is not None and key_id}


def _verifying_key(entry: Mapping[str, Any]) -> VerifyingKey | None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # lazily: 30 ms
    from jwt import PyJWK, PyJWTError

    algorithm = _ALGORITHMS.get((str(entry.get("kty")), str(entry.get("crv"))))
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    if entry.get("use", "sig") != "sig" or "d" in entry:  # for encryption, or a private key
        return None
    try:
        key = PyJWK(dict(entry), algorithm).key
    except (PyJWTError, ValueError, TypeError, KeyError):  # what it raises for malformed numbers
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        return None
    return VerifyingKey(algorithm, key)


_ALGORITHMS = {("RSA", "None"): "RS256", ("EC", "P-256"): "ES256"}
