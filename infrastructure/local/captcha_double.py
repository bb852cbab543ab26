"""A double of Turnstile's siteverify over HTTP, and the captchas it believes.

Behaves as https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ says:
form or JSON, the secret checked, a token good once and for five minutes. Has no widget: whoever
holds the double issues tokens. Knows nothing of the service that asks it.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl

_GOOD_FOR = timedelta(minutes=5)
_MOST_CHARACTERS = 2048
_MOST_BYTES = 64 * 1024
_POLL_SECONDS = 0.05  # how long stopping takes at most


class CaptchaDouble:
    """Issues tokens, and verifies them for whoever knows `secret`."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._secret = secret
        self._clock = clock
        self._issued: dict[str, datetime] = {}
        self._spent: set[str] = set()
        self._guard = Lock()

    def issue(self) -> str:
        """A token of a captcha that somebody has just solved."""
        token = f"captcha-{secrets.token_urlsafe(24)}"
        with self._guard:
            self._issued[token] = self._clock()
        return token

    def siteverify(self, fields: Mapping[str, object]) -> dict[str, object]:
        """What siteverify answers to the fields of a request."""
        secret, token = fields.get("secret"), fields.get("response")
        if not secret:
            return _failure("missing-input-secret")
        if secret != self._secret:
            return _failure("invalid-input-secret")
        if not token:
            return _failure("missing-input-response")
        if not isinstance(token, str) or len(token) > _MOST_CHARACTERS:
            return _failure("invalid-input-response")
        return self._spend(token)

    def _spend(self, token: str) -> dict[str, object]:
        with self._guard:
            issued_at = self._issued.get(token)
            duplicate = token in self._spent
            self._spent.add(token)
        if issued_at is None:
            return _failure("invalid-input-response")
        if duplicate or self._clock() - issued_at > _GOOD_FOR:
            return _failure("timeout-or-duplicate")
        solved_at = issued_at.astimezone(UTC).isoformat(timespec="milliseconds")
        return {
            "success": True,
            "challenge_ts": solved_at.replace("+00:00", "Z"),
            "hostname": "127.0.0.1",
            "error-codes": [],
            "action": "",
            "cdata": "",
        }


@contextmanager
def serving(double: CaptchaDouble) -> Iterator[str]:
    """Serve a double on a free loopback port while the block runs; gives its siteverify's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/turnstile/v0/siteverify"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _failure(code: str) -> dict[str, object]:
    return {"success": False, "error-codes": [code], "messages": []}


def _handler(double: CaptchaDouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), _MOST_BYTES))
            fields = _fields(self.headers.get("Content-Type", ""), body)
            if self.path != "/turnstile/v0/siteverify" or fields is None:
                self._answer(400, _failure("bad-request"))
                return
            self._answer(200, double.siteverify(fields))

        def do_GET(self) -> None:
            self._answer(405, _failure("bad-request"))

        def _answer(self, status: int, answer: Mapping[str, object]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the service logs its own requests."""

    return Handler


def _fields(content_type: str, body: bytes) -> Mapping[str, object] | None:
    """The fields of a form or JSON body, None for anything else."""
    try:
        if content_type.startswith("application/json"):
            read = json.loads(body)
            return read if isinstance(read, dict) else None
        if content_type.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except (ValueError, RecursionError):
        return None
    return None
