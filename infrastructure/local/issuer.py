"""A local OpenID Connect issuer: its key, its JWKS document, and tokens.

Its tokens look like those of a Cognito user pool. Serves nothing itself; knows no members.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

_LIFE_SECONDS = 3600


class Issuer:
    """Makes tokens of `issuer` for `audience`, at the instants that `clock` gives."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        clock: Callable[[], datetime],
        key: rsa.RSAPrivateKey | None = None,
    ) -> None:
        """key: signs the tokens; a new one when there is none to go on with."""
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._header = {"kid": f"local-{public['n'][:12]}"}
        self._public = public | self._header | {"alg": "RS256", "use": "sig"}

    def jwks(self) -> bytes:
        """The document of its public keys, as JSON."""
        return json.dumps({"keys": [self._public]}).encode()

    def token(
        self,
        sub: str,
        groups: Sequence[str] = (),
        expires_in: int = _LIFE_SECONDS,
        claims: Mapping[str, object] | None = None,
    ) -> str:
        """A signed access token, good for `expires_in` seconds, made as if just signed in.

        A `sub` that is a member id names that member, unless there are groups. `claims` stand over
        the usual ones; None takes one away.
        """
        now = int(self._clock().timestamp())
        usual: dict[str, object] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": sub,
            "token_use": "access",
            "iat": now,
            "auth_time": now,
            "exp": now + expires_in,
        }
        if groups:
            usual["cognito:groups"] = list(groups)
        elif sub.startswith("mem_"):
            usual["member_id"] = sub
        said = usual | dict(claims or {})
        said = {name: value for name, value in said.items() if value is not None}
        # Not `jwt.encode`, which refuses the wrong claims that a test may want.
        return jwt.PyJWS().encode(json.dumps(said).encode(), self._key, "RS256", self._header)
