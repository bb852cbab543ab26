"""The local HTTP server reads what clients send, however they send it, and answers at once."""

import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infrastructure.local.server import BODY_LIMIT_BYTES, Request, Response, Server


def echo(request: Request) -> Response:
    text = f"{request.method} {request.path}?{request.query} {len(request.body)}"
    return Response(200, text.encode(), [("Content-Type", "text/plain")])


def refuse(status: int, request: Request | None) -> Response:
    return Response(status, f"refused {request.path if request else '?'}".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(0, echo, refuse)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    yield connection
    connection.close()


def raw(server: Server, data: bytes) -> bytes:
    """What comes back for these bytes until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as wire:
        wire.sendall(data)
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def test_a_connection_is_kept_for_many_requests(client: http.client.HTTPConnection) -> None:
    for number in range(3):
        client.request("POST", f"/a%20b/{number}?x=1&x=2", b"12345")
        answer = client.getresponse()
        assert answer.read() == f"POST /a%20b/{number}?x=1&x=2 5".encode()
        assert client.sock is not None


def test_headers_and_body_leave_in_one_write(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.recv(65536).endswith(b"GET /? 0")


def test_a_head_answer_has_the_length_and_no_body(client: http.client.HTTPConnection) -> None:
    client.request("HEAD", "/x")
    answer = client.getresponse()
    assert (answer.getheader("Content-Length"), answer.read()) == ("10", b"")


def test_any_method_reaches_the_answer(client: http.client.HTTPConnection) -> None:
    client.request("BREW", "/pot")
    assert client.getresponse().read() == b"BREW /pot? 0"


def test_a_body_in_chunks_is_read_whole(client: http.client.HTTPConnection) -> None:
    client.request("POST", "/", iter([b"abc", b"defg"]), encode_chunked=True)
    assert client.getresponse().read() == b"POST /? 7"


def test_a_body_at_the_limit_is_read_and_one_above_it_is_refused_in_words(
    client: http.client.HTTPConnection,
) -> None:
    client.request("POST", "/", b"x" * BODY_LIMIT_BYTES)
    assert client.getresponse().read() == f"POST /? {BODY_LIMIT_BYTES}".encode()
    client.request("POST", "/big", b"x" * (BODY_LIMIT_BYTES + 1))
    answer = client.getresponse()
    assert (answer.status, answer.read()) == (413, b"refused /big")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"GET / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_in_words(server: Server, request_bytes: bytes) -> None:
    answer = raw(server, request_bytes)
    assert answer.split()[1][:1] == b"4"
    assert b"refused" in answer


def test_a_hundred_clients_at_once_are_answered(server: Server) -> None:
    together = threading.Barrier(100)

    def ask(number: int) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        together.wait()
        connection.request("GET", f"/{number}")
        answer = connection.getresponse().read()
        connection.close()
        return answer

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(ask, range(100)))
    assert answers == [f"GET /{number}? 0".encode() for number in range(100)]


def test_stopping_waits_for_the_answer_that_is_under_way() -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def slow(request: Request) -> Response:
        asked.set()
        may_answer.wait()
        return echo(request)

    server = Server(0, slow, refuse)
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/slow")
    asked.wait()
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    may_answer.set()
    stopping.join()
    assert connection.getresponse().read() == b"GET /slow? 0"
    connection.close()


def test_a_port_that_is_taken_is_an_error_at_once(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(server.port, echo, refuse)
