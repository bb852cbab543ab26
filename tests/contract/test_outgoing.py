"""Calls to addresses that somebody else chose, over real TLS on loopback: what is refused, and that
the address which was looked at is the one that is called.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.providers.outgoing import AddressRefused, Outgoing, is_public
from chalicelib.usecases.ports import StoreUnavailable

PUBLIC = "93.184.215.14"
HOST = "shop.example"

INSIDE = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "::1", "::", "localhost", ""),  # noqa: S104  # refused here
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
    *("169.254.169.254", "169.254.170.2", "169.254.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"),
    *("fd00:ec2::254", "fc00::1", "192.0.0.192", "168.63.129.16", "198.18.0.1", "192.0.2.1"),
    *("224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1"),
    *("::127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b:1::1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_of_the_public_internet_is_never_called(address: str) -> None:
    assert not is_public(address)
    outgoing = Outgoing(resolve=lambda *_: [address])
    with pytest.raises(AddressRefused):
        outgoing.target(f"https://{HOST}/hook")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07::1", "::ffff:93.184.215.14"])
def test_what_is_public_may_be_called(address: str) -> None:
    found = Outgoing(resolve=lambda *_: [address]).target(f"https://{HOST}/hook?a=1")
    whole = (found.host, found.port, found.path, found.pinned)
    assert whole == (HOST, 443, "/hook?a=1", (address,))


@pytest.mark.parametrize("others", [["10.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_a_name_with_one_address_inside_is_refused_whichever_comes_first(
    others: list[str],
) -> None:
    for addresses in ([PUBLIC, *others], [*others, PUBLIC]):
        with pytest.raises(AddressRefused):
            Outgoing(resolve=lambda *_, found=addresses: found).target(f"https://{HOST}")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://shop.example",
            "ftp://shop.example",
            "file:///etc/passwd",
            "gopher://x",
            "https:",
        ),
        *("https://", "https:///hook", "https://u:p@shop.example", "https://u@shop.example"),
        *("https://shop.example/#f", "https://shop.example:99999", "https://shop.example:x"),
        *("https://shop.example/a b", "https://shop.example/\r\nX: y", "https://shöp.example"),
        *("https://shop.example\\@127.0.0.1", "//shop.example", "shop.example", "", "https://[::1"),
        "https://shop.example/" + "x" * 2_048,
    ],
)
def test_what_is_not_plainly_an_https_address_is_refused_before_any_name_is_resolved(
    url: str,
) -> None:
    def resolve(*_: object) -> Sequence[str]:
        raise AssertionError("nothing is to be asked")

    with pytest.raises(AddressRefused):
        Outgoing(resolve=resolve).target(url)


@pytest.mark.parametrize("literal", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]"])
def test_this_machine_is_refused_however_it_is_written(literal: str) -> None:
    with pytest.raises((AddressRefused, StoreUnavailable)):
        Outgoing().target(f"https://{literal}/")


def test_a_name_that_nobody_knows_is_an_outage() -> None:
    def resolve(*_: object) -> Sequence[str]:
        raise socket.gaierror

    with pytest.raises(StoreUnavailable):
        Outgoing(resolve=resolve).target(f"https://{HOST}")
    with pytest.raises(StoreUnavailable):
        Outgoing(resolve=lambda *_: []).target(f"https://{HOST}")


class Endpoint:
    """Somebody's server on loopback, with a certificate for HOST. answer: what it does."""

    def __init__(self, folder: Path) -> None:
        self.got: list[tuple[str, str, bytes]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda h: h.send_response(204)
        self.called: list[tuple[str, int]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.headers["Host"], self.path, body))
                outer.answer(self)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        files = certificate(folder)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*files)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.certificate = str(files[0])
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def connect(self, address: tuple[str, int], seconds: float) -> socket.socket:
        """As if the public address led here."""
        self.called.append(address)
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def outgoing(self, *addresses: str, seconds: float = 5.0) -> Outgoing:
        """A caller for whom names have these addresses, one after the other."""
        answers = iter([[address] for address in addresses])
        return Outgoing(lambda *_: next(answers), self.connect, self.trust, seconds)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for HOST, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    running = Endpoint(tmp_path)
    yield running
    running.server.shutdown()
    running.server.server_close()


def test_the_address_that_was_looked_at_is_called_under_the_name_that_was_asked_for(
    endpoint: Endpoint,
) -> None:
    outgoing = endpoint.outgoing(PUBLIC, "127.0.0.1")  # rebinding: a second look would lead inside
    assert outgoing.post(f"https://{HOST}/hook?x=1", b"{}", {"X-A": "b"}) == 204
    assert endpoint.called == [(PUBLIC, 443)]
    assert endpoint.got == [(HOST, "/hook?x=1", b"{}")]


def test_where_one_address_of_a_name_is_dead_the_next_is_called(endpoint: Endpoint) -> None:
    dead = "2606:2800:21f:cb07::1"

    def connect(address: tuple[str, int], seconds: float) -> socket.socket:
        if address[0] == dead:
            raise OSError("no way there")
        return endpoint.connect(address, seconds)

    outgoing = Outgoing(lambda *_: [dead, PUBLIC], connect, endpoint.trust)
    assert outgoing.post(f"https://{HOST}/", b"{}", {}) == 204
    assert endpoint.called == [(PUBLIC, 443)]


def test_a_call_that_is_over_before_it_is_connected_is_not_made(endpoint: Endpoint) -> None:
    over = threading.Event()

    def connect(address: tuple[str, int], seconds: float) -> socket.socket:
        sock = endpoint.connect(address, seconds)
        over.wait(0.3)  # as long as its time, and longer
        return sock

    with pytest.raises(StoreUnavailable):
        replace(endpoint.outgoing(PUBLIC, seconds=0.05), connect=connect).post(
            f"https://{HOST}/", b"{}", {}
        )
    assert endpoint.got == []


def test_a_name_that_leads_inside_by_the_next_call_is_refused_then(endpoint: Endpoint) -> None:
    outgoing = endpoint.outgoing(PUBLIC, "127.0.0.1")
    outgoing.post(f"https://{HOST}/", b"", {})
    with pytest.raises(AddressRefused):
        outgoing.post(f"https://{HOST}/", b"", {})
    assert len(endpoint.called) == 1


def test_a_server_that_cannot_prove_the_name_is_told_nothing(endpoint: Endpoint) -> None:
    with pytest.raises(StoreUnavailable):
        endpoint.outgoing(PUBLIC).post("https://other.example/", b"secret", {})
    assert endpoint.got == []


def test_a_redirect_is_an_answer_and_is_not_followed(endpoint: Endpoint) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", "http://169.254.169.254/latest/meta-data")

    endpoint.answer = elsewhere
    assert endpoint.outgoing(PUBLIC).post(f"https://{HOST}/", b"{}", {}) == 307
    assert len(endpoint.got) == len(endpoint.called) == 1


def test_a_server_that_answers_a_byte_now_and_then_is_hung_up_on(endpoint: Endpoint) -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            if over.wait(0.02):
                break
            handler.wfile.write(b"x")

    endpoint.answer = drip
    with pytest.raises(StoreUnavailable):
        endpoint.outgoing(PUBLIC, seconds=0.3).post(f"https://{HOST}/", b"{}", {})
    over.set()


@pytest.fixture
def plain_port() -> Iterator[int]:
    """A port of this machine where plain HTTP is answered."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202 if self.path == "/hook?x=1" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()


def test_this_machine_is_called_only_where_that_is_allowed(plain_port: int) -> None:
    url = f"http://127.0.0.1:{plain_port}/hook?x=1"
    assert Outgoing(loopback=True).post(url, b"{}", {}) == 202
    for other in (Outgoing(), Outgoing(resolve=lambda *_: ["127.0.0.1"])):
        with pytest.raises(AddressRefused):
            other.post(url, b"{}", {})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:80@shop.example/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:80/a b",
        "http://127.0.0.2:80/",
        "http://localhost:80/",
        "http://127.0.0.1/",
        "https://127.0.0.1:80/",
        "http://169.254.169.254:80/",
    ],
)
def test_where_this_machine_may_be_called_nothing_else_inside_may(url: str) -> None:
    with pytest.raises(AddressRefused):
        Outgoing(loopback=True).check(url)


def test_where_this_machine_may_be_called_the_public_internet_is_as_before(
    endpoint: Endpoint,
) -> None:
    outgoing = replace(endpoint.outgoing(PUBLIC), loopback=True)
    assert outgoing.post(f"https://{HOST}/hook", b"{}", {}) == 204
