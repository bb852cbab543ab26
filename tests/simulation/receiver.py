"""A receiver of webhooks on loopback, as an integrator writes one: it verifies what comes, drops
what it has seen, and now and then fails.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from standardwebhooks import Webhook


class Receiver:
    """failing: the part of all deliveries that is answered 503, or taken and not answered. events:
    what was taken, without what had been there. forged: how many did not prove themselves.
    refuse_next: so many of the next are answered 503, whatever chance says."""

    def __init__(self, seed: int, failing: float) -> None:
        self.secret = ""
        self.events: list[dict[str, Any]] = []
        self.tries = 0
        self.forged = 0
        self.url = ""
        self.refuse_next = 0
        self._failing = failing
        self._chance = random.Random(seed)
        self._seen: set[str] = set()
        self._guard = Lock()

    def take(self, headers: dict[str, str], body: bytes) -> int | None:
        """The status to answer; None to hang up without one."""
        with self._guard:
            self.tries += 1
            if self.refuse_next:
                self.refuse_next -= 1
                return 503
            if not self._is_ours(headers, body):
                self.forged += 1
                return 400
            fails = self._chance.random() < self._failing
            if fails and self._chance.random() < 0.5:
                return 503
            event = json.loads(body)
            if headers["webhook-id"] not in self._seen:
                self._seen.add(headers["webhook-id"])
                self.events.append(event)
            return None if fails else 204

    def _is_ours(self, headers: dict[str, str], body: bytes) -> bool:
        """By the specification's own library. It is not asked how old a delivery is: the service's
        clock is moved by days here."""
        sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        text = body.decode()
        signed = Webhook(self.secret).sign(headers["webhook-id"], sent_at, text)
        return signed in headers["webhook-signature"].split(" ")


@contextmanager
def receiving(receiver: Receiver) -> Iterator[None]:
    """Listen on a free port while it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(headers, body)
            if status is not None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
