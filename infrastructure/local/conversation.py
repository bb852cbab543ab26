"""Speaks HTTP with a service and writes down what was said, for people to read."""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_WIDTH = 96
_TIMEOUT_SECONDS = 30
_HIDDEN = ("hash", "client_secret", "token", "etag")


class Unexpected(Exception):
    """An answer had another status than the story says."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer. `body`: parsed JSON, None without one."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Conversation:
    """One connection's worth of requests to one service."""

    def __init__(self, base_url: str, say: Callable[[str], None]) -> None:
        self._address = urlsplit(base_url).netloc
        self._say = say

    def chapter(self, title: str) -> None:
        """What comes next."""
        self._say(f"\n=== {title}")

    def ask(
        self,
        who: str,
        line: str,
        body: object = None,
        *,
        status: int = 200,
        quiet: bool = False,
        **headers: str,
    ) -> Heard:
        """Send a request and write both sides down.

        line: such as `GET /v1/program`. headers: with underscores for dashes. status: what must
        come back, Unexpected otherwise. quiet: for what is not part of the story.
        """
        method, path = line.split(" ", 1)
        heard = self._exchange(method, path, body, headers)
        if not quiet or heard.status != status:
            self._say(f"\n{who}: {line}")
            if body is not None:
                self._say(_indented("> ", _shortened(body)))
            self._say(_indented(f"< {heard.status} ", _shortened(heard.body)))
        if heard.status != status:
            raise Unexpected(f"{line} was answered {heard.status}, not {status}")
        return heard

    def _exchange(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Heard:
        connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_SECONDS)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None
        if isinstance(body, str):  # a form, as Stripe takes it
            content, kind = body, "application/x-www-form-urlencoded"
        elif body is not None:
            content, kind = json.dumps(body), "application/json"
        if content is not None:
            sent.setdefault("Content-Type", kind)
        try:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return Heard(answer.status, dict(answer.headers), json.loads(text) if text else None)


def _indented(lead: str, value: object) -> str:
    """JSON under its lead, on one line where it fits; a form as it is."""
    if value is None:
        return f"  {lead}".rstrip()
    return "  " + lead + (value if isinstance(value, str) else _laid_out(value, len(lead) + 2))


def _laid_out(value: Any, column: int) -> str:
    """JSON that begins in a column: what fits into a line stands in one."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) + column <= _WIDTH:
        return line
    inner = column + 2
    if isinstance(value, list):
        rows = [_laid_out(item, inner) for item in value]
    else:
        rows = [
            f"{json.dumps(key)}: {_laid_out(item, inner + len(key) + 4)}"
            for key, item in value.items()
        ]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    return f"{opening} {(f',{chr(10)}' + ' ' * inner).join(rows)} {closing}"


def _shortened(value: Any) -> Any:
    """Without the long texts that say nothing to a person."""
    match value:
        case dict():
            return {
                key: f"{item[:12]}..."
                if key in _HIDDEN and isinstance(item, str)
                else _shortened(item)
                for key, item in value.items()
            }
        case list():
            return [_shortened(item) for item in value]
    return value
