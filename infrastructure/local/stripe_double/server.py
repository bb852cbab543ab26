"""The double as an HTTP server on loopback, for a process of its own or inside another one.

Reads requests and writes answers; what they mean is in `service.py`.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from infrastructure.local.stripe_double import state
from infrastructure.local.stripe_double.objects import Json
from infrastructure.local.stripe_double.obstacles import Obstacle
from infrastructure.local.stripe_double.service import Answered, Asked, ReplyLost, Service
from infrastructure.local.stripe_double.webhooks import Courier, Endpoint

_MOST_BYTES = 1_000_000


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MOST_BYTES:
            self.close_connection = True
            return
        body = self.rfile.read(length).decode(errors="replace")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answered = self.server.service.answer(Asked(self.command, self.path, headers, body))
        except ReplyLost:
            self.close_connection = True
            return
        self.wfile.write(_bytes(answered))  # headers and body in one write: no delayed ACK

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815  # http.server looks them up by these names

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the service that calls logs its own side."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    service: Service


def _bytes(answered: Answered) -> bytes:
    body = json.dumps(answered.body, indent=2).encode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **answered.headers,
    }
    lines = [f"HTTP/1.1 {answered.status} Answer"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Double:
    """A running double. `url` is its API base; `close()` ends it."""

    def __init__(self, server: _Server, courier: Courier | None) -> None:
        self._server = server
        self._courier = courier
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:43210`."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def events(self) -> list[Json]:
        """Every event so far, oldest first, delivered or not."""
        service = self._server.service
        with service.lock:
            return list(service.state.events.values())

    def meet(self, obstacle: Obstacle) -> None:
        """Let the next request meet an obstacle; several are met in turn."""
        self._server.service.obstacles.append(obstacle)

    def clear_obstacles(self) -> None:
        """Take away the obstacles that no request has met."""
        self._server.service.obstacles.clear()

    def drain(self, timeout_seconds: float = 30) -> bool:
        """Wait until every webhook was accepted or given up; False when that took too long."""
        return self._courier is None or self._courier.drain(timeout_seconds)

    def close(self) -> None:
        """End the server and the courier."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._courier is not None:
            self._courier.close()


def start(
    api_key: str,
    clock: Callable[[], float],
    *,
    webhook: Endpoint | None = None,
    port: int = 0,
    file: Path | None = None,
    seed: int = 1,
) -> Double:
    """Start a double on loopback.

    clock: epoch seconds, the clock of objects, keys and signatures (the receiver's own, if its
      clock can be moved). webhook: where events go; without it they are only listed.
    file: keeps the state over restarts. seed: of which webhooks come twice or late.
    """
    server = _Server(("127.0.0.1", port), _Handler)
    kept = state.load(file)
    kept.webhooks = 0 if webhook is None else 1
    service = server.service = Service(api_key, clock, kept, file)

    def delivered(event_id: str) -> None:
        with service.lock:
            if kept.events[event_id]["pending_webhooks"]:
                kept.events[event_id]["pending_webhooks"] = 0
                state.save(kept, file)

    courier = None
    if webhook is not None:
        courier = Courier(webhook, clock, seed, delivered)
        service.told = courier.post
        for event in list(kept.events.values()):
            if event["pending_webhooks"]:
                courier.post(event)
    return Double(server, courier)
