"""Who calls: from an Authorization header to a Caller, and whose resource a path names.

Deny by default. Knows no routes; unknown and revoked keys, unknown and foreign members look alike.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.api_keys import looks_like_secret, secret_hash
from chalicelib.domain.callers import (
    CHECKOUT_SCOPES,
    GROUP_SCOPES,
    MEMBER_SCOPES,
    Caller,
    CallerKind,
    Scope,
)
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.refusals import MemberNotFound, NotAuthenticated
from chalicelib.usecases.ports import Claims, Ports, TokenVerifier

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]{1,8192}=*) *")
_KEY_PREFIX = "sk_"

ANONYMOUS = Caller(CallerKind.ANONYMOUS, source="anonymous", scopes=frozenset(), subject="")
"""Nobody in particular: only what is public opens."""


def authenticate(
    headers: Mapping[str, str], ports: Ports, tokens: TokenVerifier, now: datetime
) -> Caller:
    """Who sent these headers; ANONYMOUS without an Authorization header.

    Raises NotAuthenticated for every header that proves nothing.
    """
    header = headers.get("authorization")
    if header is None:
        return ANONYMOUS
    match = _BEARER.fullmatch(header)
    if match is None:
        raise NotAuthenticated("malformed")
    secret = match[1]
    if secret.startswith(_KEY_PREFIX):
        return _checkout(secret, ports, now)
    return _person(tokens.verify(secret, now), ports)


def own_member_id(caller: Caller, member_id: str) -> str:
    """The member a path names: `me` is the caller's own. MemberNotFound for another's."""
    if member_id == "me":
        if caller.member_id is None:
            raise MemberNotFound
        return caller.member_id
    if caller.kind is CallerKind.MEMBER and caller.member_id != member_id:
        raise MemberNotFound
    return member_id


def _checkout(secret: str, ports: Ports, now: datetime) -> Caller:
    key = ports.keys.find(secret_hash(secret)) if looks_like_secret(secret) else None
    if key is None or (key.revoked_at is not None and key.revoked_at <= now):
        raise NotAuthenticated("invalid")
    return Caller(
        CallerKind.CHECKOUT,
        source=key.source,
        scopes=key.scopes & CHECKOUT_SCOPES,
        subject=key.key_id,
        numeric_ids=key.numeric_ids,
    )


def _person(claims: Claims, ports: Ports) -> Caller:
    groups = claims.groups & GROUP_SCOPES.keys()
    if groups:
        return _staff(claims, frozenset(groups))
    member_id = claims.member_id or ports.people.find(Identifier(Kind.SUBJECT, claims.subject))
    return Caller(
        CallerKind.MEMBER,
        source=f"member:{member_id or claims.subject}",
        scopes=MEMBER_SCOPES,
        subject=claims.subject,
        member_id=member_id,
        signed_in_at=claims.auth_time,
    )


def _staff(claims: Claims, groups: frozenset[str]) -> Caller:
    scopes = frozenset[Scope]().union(*(GROUP_SCOPES[group] for group in groups))
    return Caller(
        CallerKind.STAFF,
        source=f"staff:{claims.subject}",
        scopes=scopes,
        subject=claims.subject,
        groups=groups,
        signed_in_at=claims.auth_time,
    )
