"""Believes access tokens of one OpenID Connect issuer: a Cognito user pool, or any other.

The library checks the signature; what the token claims is checked here, against the service's own
clock. Must not know routes, scopes or members.
"""

import json
import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.refusals import NotAuthenticated
from chalicelib.providers.jwks import KeySet, VerifyingKey
from chalicelib.usecases.ports import Claims

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_MOST_CHARACTERS = 8192
_MOST_NAME_CHARACTERS = 255
_MOST_GROUPS = 100
_LEEWAY_SECONDS = 60
_YEAR_9999 = 253_402_300_799


class OidcVerifier:
    """A TokenVerifier for one issuer and one audience."""

    def __init__(self, issuer: str, audience: str, keys: KeySet) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def verify(self, token: str, now: datetime) -> Claims:
        """What a token says, once signature, issuer, audience and times are right.

        Raises NotAuthenticated for every token that is not believed, whatever is wrong with it;
        StoreUnavailable when the issuer's keys cannot be had.
        """
        if len(token) > _MOST_CHARACTERS or not _COMPACT.fullmatch(token):
            raise NotAuthenticated("malformed")
        payload = _signed_payload(token, self._key_of(token))
        self._check_origin(payload)
        _check_times(payload, now)
        return _claims(payload)

    def _key_of(self, token: str) -> VerifyingKey:
        encoded = token.partition(".")[0]
        try:
            header = _json_object(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        except ValueError as error:  # binascii's is one
            raise NotAuthenticated("malformed") from error
        key_id = header.get("kid")
        if not isinstance(key_id, str) or "crit" in header or "b64" in header:
            raise NotAuthenticated("malformed")
        key = self._keys.find(key_id)
        if key is None:
            raise NotAuthenticated("unknown_key")
        return key

    def _check_origin(self, payload: dict[str, Any]) -> None:
        if payload.get("iss") != self._issuer:
            raise NotAuthenticated("issuer")
        # Cognito's access tokens carry `client_id` in place of `aud`. Where there is an `aud`, it
        # alone decides: the client's name then only says for whom it was made.
        audience = payload["aud"] if "aud" in payload else payload.get("client_id")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise NotAuthenticated("audience")
        if payload.get("token_use", "access") != "access":
            raise NotAuthenticated("token_use")


def _signed_payload(token: str, key: VerifyingKey) -> dict[str, Any]:
    from jwt import PyJWS, PyJWTError  # lazily: 45 ms that only callers with tokens need

    try:
        # The key's own algorithm, never the token's choice: no `none`, no HMAC with a public key.
        payload: bytes = PyJWS([key.algorithm]).decode(token, key.key, [key.algorithm])
    except PyJWTError as error:
        raise NotAuthenticated("signature") from error
    try:
        return _json_object(payload)
    except ValueError as error:
        raise NotAuthenticated("malformed") from error


def _json_object(data: bytes) -> dict[str, Any]:
    """A JSON object; ValueError for anything else (bad UTF-8 and deep nesting too)."""
    try:
        value = json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _check_times(payload: dict[str, Any], now: datetime) -> None:
    seconds = now.timestamp()
    expires = _instant(payload, "exp")
    if expires is None:
        raise NotAuthenticated("malformed")
    if expires + _LEEWAY_SECONDS <= seconds:
        raise NotAuthenticated("expired")
    for claim in ("nbf", "iat"):
        begins = _instant(payload, claim)
        if begins is not None and begins - _LEEWAY_SECONDS > seconds:
            raise NotAuthenticated("not_yet_valid")


def _claims(payload: dict[str, Any]) -> Claims:
    subject = _name(payload.get("sub"))
    member_id = payload.get("member_id")
    groups = payload.get("cognito:groups", payload.get("groups", []))
    if not isinstance(groups, list) or len(groups) > _MOST_GROUPS:
        raise NotAuthenticated("malformed")
    signed_in = _instant(payload, "auth_time")
    return Claims(
        subject=subject,
        member_id=None if member_id is None else _name(member_id),
        groups=frozenset(_name(group) for group in groups),
        auth_time=None if signed_in is None else datetime.fromtimestamp(signed_in, UTC),
    )


def _name(value: object) -> str:
    """A name that can be stored and printed; lone surrogates and control characters are none."""
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_NAME_CHARACTERS:
        raise NotAuthenticated("malformed")
    if not value.isprintable():
        raise NotAuthenticated("malformed")
    return value


def _instant(payload: dict[str, Any], claim: str) -> float | None:
    """Seconds since 1970, None without the claim."""
    value = payload.get(claim)
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= _YEAR_9999:  # NaN is in no range
        raise NotAuthenticated("malformed")
    return float(value)
