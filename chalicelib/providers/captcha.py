"""Asks Cloudflare Turnstile whether a captcha was solved. Must not know what it opens."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

from chalicelib.providers import http
from chalicelib.usecases.ports import StoreUnavailable

_MOST_CHARACTERS = 2048  # Turnstile's own limit of a token
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_NOT_SOLVED = frozenset(
    {"missing-input-response", "invalid-input-response", "timeout-or-duplicate"}
)


class Turnstile:
    """A Captcha. `secret` is asked for at each check, so that it can be rotated."""

    def __init__(self, url: str, secret: Callable[[], str]) -> None:
        self._url = http.check_address(url)
        self._secret = secret

    def solved(self, token: str, address: str) -> bool:
        """Whether the token proves a person at this network address; good once.

        Raises StoreUnavailable when Turnstile does not answer, or not what it was asked (a wrong
        secret of ours among them): then nobody knows whether the token was used up.
        """
        if not token or len(token) > _MOST_CHARACTERS:
            return False
        fields = {"secret": self._secret(), "response": token, "remoteip": address}
        body = urlencode(fields, errors="replace").encode()  # a lone surrogate is no token
        answer = _read(http.asked(self._url, body, _FORM))
        if answer.get("success") is True:
            return True
        codes = answer.get("error-codes")
        if isinstance(codes, list) and codes and _NOT_SOLVED.issuperset(map(str, codes)):
            return False
        raise StoreUnavailable(f"Turnstile says {codes!r}")


def _read(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise StoreUnavailable("Turnstile's answer is no JSON") from error
    return answer if isinstance(answer, dict) else {}
