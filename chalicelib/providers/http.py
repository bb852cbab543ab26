"""One small HTTP request to an outside system that is not AWS.

Only https, or http on this machine (doubles); no redirects; bounded in time and size. Must not
know what the answer means.
"""

from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from chalicelib.usecases.ports import StoreUnavailable

_SECONDS = 2.0
_MOST_BYTES = 256 * 1024
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def check_address(url: str) -> str:
    """The address itself when it may be asked: https, or http on this machine. Else ValueError."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in _HERE:
        return url
    raise ValueError(f"{url!r} is neither https nor http on this machine")


def asked(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """The answer's body to a GET, or to a POST of `body`; that of a 4xx too.

    Raises StoreUnavailable when no whole answer came, or a 5xx or redirect; ValueError for an
    address that `check_address` refuses.
    """
    host = urlsplit(url).netloc
    try:
        status, answer = _exchange(Request(check_address(url), body, dict(headers or {})))  # noqa: S310  # checked
    except (OSError, HTTPException) as error:  # URLError and time-outs are OSErrors
        raise StoreUnavailable(f"{host}: {type(error).__name__}") from error
    if status >= 500 or 300 <= status < 400 or len(answer) > _MOST_BYTES:
        raise StoreUnavailable(f"{host} answered {status} and {len(answer)} bytes")
    return answer


def _exchange(request: Request) -> tuple[int, bytes]:
    here = urlsplit(request.full_url).hostname in _HERE
    opener = build_opener(_NoRedirect, *([ProxyHandler({})] if here else []))
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            return answer.status, answer.read(_MOST_BYTES + 1)
    except HTTPError as error:
        with error:
            return error.code, error.read(_MOST_BYTES + 1)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nothing: an address that moved is a change for a person to make."""
