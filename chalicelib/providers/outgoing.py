"""Calls to addresses that somebody else chose, such as a customer's endpoint: https alone, and only
to the public internet; where it is told so, to this very machine as well, over http.

A name is resolved once, every address that it has must be public, and the call goes to one of those
and no other: a name that leads elsewhere a moment later (rebinding) changes nothing. No redirect is
followed, no proxy is asked, and an answer has a few seconds in all. Must not know what is sent, nor
why.
"""

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import urlsplit

from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.usecases.ports.webhooks import AddressRefused

__all__ = ["AddressRefused", "Outgoing", "Target", "is_public"]

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port -> every address of it, as text. OSError when there is none."""

Connect = Callable[[tuple[str, int], float], socket.socket]
"""Address, port and seconds -> a connection."""

_SECONDS = 5.0
_ADDRESSES_TRIED = 3
_LOOPBACK = "http://127.0.0.1:"
_LONGEST_URL = 2_048
_CARRIES_IPV4 = (
    IPv6Network("::/96"),  # what IPv4 was written as once
    IPv6Network("64:ff9b::/96"),  # NAT64: a gateway turns it into any IPv4 address
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
)
_OF_CLOUDS = (  # where some tell machines their credentials, outside of what is reserved for such
    IPv4Network("192.0.0.0/24"),
    IPv4Network("168.63.129.16/32"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """An address as it is called. path: with its query. pinned: where the host was found, all of
    it, in the order in which it is tried."""

    host: str
    port: int
    path: str
    pinned: tuple[str, ...]


def resolved_by_the_system(host: str, port: int) -> list[str]:
    """Every address of a host, as this machine finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Who calls. resolve, connect, trust: the system's own unless a test says otherwise. loopback:
    whether `http://127.0.0.1:<port>` is called too, which is for a machine of one's own."""

    resolve: Resolve = resolved_by_the_system
    connect: Connect = socket.create_connection
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: float = _SECONDS
    loopback: bool = False

    def target(self, url: str) -> Target:
        """Where a URL leads now. AddressRefused when nothing may be sent there, StoreUnavailable
        when its name cannot be resolved."""
        host, port, path = _parts(url)
        try:
            addresses = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise StoreUnavailable(f"an outgoing address: {type(error).__name__}") from error
        if not addresses:
            raise StoreUnavailable("an outgoing address: its name has none")
        # One that is not public among many is reason enough: nobody says which is taken next time.
        if not all(is_public(address) for address in addresses):
            raise AddressRefused("This address is not on the public internet.")
        return Target(host, port, path, tuple(dict.fromkeys(addresses)))

    def check(self, url: str) -> None:
        """AddressRefused and StoreUnavailable, as `target` says."""
        self._connection(url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """POST to a URL; the status of the answer, of which no more is read than that.

        Raises AddressRefused, and StoreUnavailable when no answer came in time.
        """
        connection, path = self._connection(url)
        try:
            with closing(connection), _deadline(connection, self.seconds):
                connection.request("POST", path, body, dict(headers))
                status = connection.getresponse().status
                if connection.hung_up:  # what is cut off can look whole
                    raise TimeoutError
                return status
        except (OSError, HTTPException) as error:  # of TLS, too
            raise StoreUnavailable(f"an outgoing call: {type(error).__name__}") from error

    def _connection(self, url: str) -> "tuple[_Pinned | _Loopback, str]":
        """What reaches a URL, and the path to ask it for. Raises as `target`."""
        if self.loopback and url.startswith(_LOOPBACK):
            port, slash, path = url.removeprefix(_LOOPBACK).partition("/")
            plain = url.isascii() and url.isprintable() and " " not in url and port.isdigit()
            if not plain or len(url) > _LONGEST_URL or not 0 < int(port[:6]) < 65_536:
                raise AddressRefused(f"Write an address such as {_LOOPBACK}8080/hook.")
            return _Loopback(int(port), self.connect, self.seconds), f"{slash or '/'}{path}"
        target = self.target(url)
        return _Pinned(target, self.connect, self.trust(), self.seconds), target.path


def is_public(address: str) -> bool:
    """Whether an address is of the public internet, and of nothing in between."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if isinstance(read, IPv4Address):
        return _is_global(read) and not any(read in network for network in _OF_CLOUDS)
    if read.ipv4_mapped is not None:
        return is_public(str(read.ipv4_mapped))
    hidden = any(read in network for network in _CARRIES_IPV4)
    return _is_global(read) and not (hidden or read.is_site_local or read.scope_id)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    inside = address.is_private or address.is_loopback or address.is_link_local
    return address.is_global and not special and not inside


def _parts(url: str) -> tuple[str, int, str]:
    """Host, port and path of a URL. AddressRefused for one that is not plainly an https address."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused(f"Write an address of at most {_LONGEST_URL} plain characters.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError as error:
        raise AddressRefused("Write a whole address, such as https://shop.example/hook.") from error
    if parts.scheme != "https" or not host:
        raise AddressRefused("Write an address that begins with https://.")
    if "@" in parts.netloc or parts.fragment or "\\" in url:
        raise AddressRefused("Write an address without a user, a password or a fragment.")
    return host, port, f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


class _Pinned(HTTPSConnection):
    """A connection to the address that was looked at, under the name that was asked for."""

    def __init__(
        self, target: Target, connect: Connect, trust: ssl.SSLContext, seconds: float
    ) -> None:
        super().__init__(target.host, target.port, timeout=seconds, context=trust)
        self.hung_up = False
        self._target, self._connect, self._trust, self._seconds = target, connect, trust, seconds

    def connect(self) -> None:
        """Called by the library: reaches the pinned address, and proves the name by TLS."""
        sock = self._trust.wrap_socket(
            self._reached(), server_hostname=self._target.host, do_handshake_on_connect=False
        )
        self.sock = sock  # from here on it can be hung up, and is closed with the connection
        if self.hung_up:  # before there was anything to hang up
            raise TimeoutError
        sock.do_handshake()

    def _reached(self) -> socket.socket:
        """The first of its addresses that takes a call."""
        *others, last = self._target.pinned[:_ADDRESSES_TRIED]
        for address in others:
            with suppress(OSError):  # such as one of IPv6 where this machine has none
                return self._connect((address, self._target.port), self._seconds / 2)
        return self._connect((last, self._target.port), self._seconds)

    def hang_up(self) -> None:
        """End the call, wherever it is."""
        self.hung_up = True
        _shut(self.sock)


class _Loopback(HTTPConnection):
    """A connection to a port of this machine, without TLS."""

    def __init__(self, port: int, connect: Connect, seconds: float) -> None:
        super().__init__("127.0.0.1", port, timeout=seconds)
        self.hung_up = False
        self._connect, self._seconds = connect, seconds

    def connect(self) -> None:
        """Called by the library."""
        self.sock = self._connect((self.host, self.port), self._seconds)
        if self.hung_up:  # before there was anything to hang up
            raise TimeoutError

    def hang_up(self) -> None:
        """End the call, wherever it is."""
        self.hung_up = True
        _shut(self.sock)


def _shut(sock: socket.socket | None) -> None:
    if sock is not None:
        with suppress(OSError):  # it has ended by itself
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


@contextmanager
def _deadline(connection: _Pinned | _Loopback, seconds: float) -> Iterator[None]:
    """Ends a call that takes too long in all: a server may send a byte now and then for ever."""
    timer = Timer(seconds, connection.hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
