"""A threaded HTTP/1.1 server on loopback: bytes in, `Request`; `Response`, bytes out.

Keeps connections alive, limits what it reads, writes each answer at once. Knows nothing of what
answers: that is a function it is given.
"""

import contextlib
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_WR
from typing import Any
from urllib.parse import urlsplit

BODY_LIMIT_BYTES = 10 * 1024 * 1024  # API Gateway's own
_IDLE_SECONDS = 75
_LAST_ANSWERS_SECONDS = 10.0
_LINGER_BYTES = 64 * 1024 * 1024  # of a refused body we read and forget, to get the answer across


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire. `path` as it was sent (not decoded), `query` without its `?`."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    address: str

    def header(self, name: str) -> str | None:
        """The last header of this name, whatever its case."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Response:
    """What goes over the wire; `Content-Length` and `Connection` are the server's business."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


Answerer = Callable[[Request], Response]
Refuser = Callable[[int, Request | None], Response]
"""(status, request as far as it was read) -> the answer to what the server itself refuses."""


class Server:
    """Listens on `http://127.0.0.1:<port>` from its making on; answers after `start`."""

    def __init__(self, port: int, answer: Answerer, refuse: Refuser) -> None:
        """port 0: a free one. OSError when it is taken."""
        self._http = _Threaded(("127.0.0.1", port), type("Handler", (_Handler,), {}))
        self._http.answer = answer
        self._http.refuse = refuse
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    def start(self) -> None:
        """Answer from now on, on threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, and wait for the answers that are under way."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        with self._http.changed:
            self._http.stopped = True
            self._http.changed.wait_for(lambda: self._http.under_way == 0, _LAST_ANSWERS_SECONDS)


class _Threaded(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an idle connection would hold the end up
    request_queue_size = 256
    answer: Answerer
    refuse: Refuser

    def __init__(self, *arguments: Any) -> None:
        self.changed = threading.Condition()
        self.under_way = 0
        self.stopped = False
        super().__init__(*arguments)

    @contextlib.contextmanager
    def answering(self) -> Iterator[bool]:
        """Counts an answer while it is made and sent; False when none must be made any more."""
        with self.changed:
            self.under_way += 1
            going_on = not self.stopped
        try:
            yield going_on
        finally:
            with self.changed:
                self.under_way -= 1
                self.changed.notify_all()

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is not our error; anything else is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            traceback.print_exc()


class _Refused(Exception):
    """The request cannot be read: `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _Threaded

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is handled alike: `http.server` looks for a `do_<METHOD>`."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        try:
            request = self._request(self._body())
        except _Refused as refused:
            self._refuse(refused.status, self._request(b""))
            return
        with self.server.answering() as going_on:
            if going_on:
                self._send(self.server.answer(request), head=request.method == "HEAD")
            else:
                self.close_connection = True

    def _request(self, body: bytes) -> Request:
        target = urlsplit(self.path if self.path.startswith("/") else f"/{self.path}")
        return Request(
            method=self.command,
            path=target.path,
            query=target.query,
            headers=list(self.headers.items()),
            body=body,
            address=str(self.client_address[0]),
        )

    def _body(self) -> bytes:
        lengths = set(self.headers.get_all("Content-Length", []))
        if "Transfer-Encoding" in self.headers:
            if lengths or self.headers["Transfer-Encoding"].lower() != "chunked":
                raise _Refused(400)
            return self._chunks()
        if len(lengths) > 1:
            raise _Refused(400)
        text = lengths.pop() if lengths else "0"
        if not (text.isascii() and text.isdigit()):
            raise _Refused(400)
        if len(text) > 9 or int(text) > BODY_LIMIT_BYTES:
            raise _Refused(413)
        body = self.rfile.read(int(text))
        if len(body) < int(text):
            raise _Refused(400)
        return body

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > BODY_LIMIT_BYTES:
                raise _Refused(413)
            body += self.rfile.read(size)
            if self.rfile.readline(3) != b"\r\n":
                raise _Refused(400)
        while self.rfile.readline(65536) not in (b"\r\n", b"\n", b""):
            pass  # trailers say nothing to us
        return bytes(body)

    def _chunk_size(self) -> int:
        digits = self.rfile.readline(1024).partition(b";")[0].strip()
        if not digits.isalnum() or len(digits) > 8:
            raise _Refused(400)
        try:
            return int(digits, 16)
        except ValueError as error:
            raise _Refused(400) from error

    def send_error(self, code: int, *_: str | None, **__: str | None) -> None:
        """What `http.server` itself refuses (a broken request line, too many headers)."""
        self._refuse(code, None)

    def _refuse(self, status: int, request: Request | None) -> None:
        """Answer and hang up, once what the client still sends has been read (else it is lost)."""
        self.close_connection = True
        self._send(self.server.refuse(status, request), head=False)
        with contextlib.suppress(OSError):
            self.connection.shutdown(SHUT_WR)
            self.connection.settimeout(1)
            left = _LINGER_BYTES
            while left > 0 and (chunk := self.connection.recv(65536)):
                left -= len(chunk)

    def _send(self, response: Response, *, head: bool) -> None:
        """Headers and body in one write: two of them cost the client 40 ms (delayed ACK)."""
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.status >= 200 and response.status != 204:
            lines.append(f"Content-Length: {len(response.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        content = b"" if head or response.status == 204 else response.body
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: whoever answers writes the line."""
