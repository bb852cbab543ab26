"""Stand-ins for outside systems, for tests of use cases: a vault, a captcha, a mailbox."""

import hashlib
import hmac
import os

from chalicelib.domain.names import length_prefixed
from chalicelib.usecases.ports import Message, NotTaken, StoreUnavailable

_MAC_BYTES = 32


class FakeVault:
    """Binds fields to member, key and name as the real one does, and hides nothing."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def create_key(self, member_id: str) -> bytes:
        return b"wrapped for " + member_id.encode() + os.urandom(8)

    def seal(self, member_id: str, wrapped_key: bytes, field: str, plain: bytes) -> bytes:
        return _mac(member_id, wrapped_key, field, plain) + plain

    def open(self, member_id: str, wrapped_key: bytes, field: str, sealed: bytes) -> bytes:
        mac, plain = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(member_id, wrapped_key, field, plain)):
            raise ValueError("a sealed field was changed or moved")
        return plain

    def forget(self, member_id: str) -> None:
        self.forgotten.append(member_id)


class FakeCaptcha:
    """Believes each token of `good` once."""

    def __init__(self, *good: str) -> None:
        self.good = set(good)

    def solved(self, token: str, address: str) -> bool:  # noqa: ARG002  # the double looks at it no more
        if token not in self.good:
            return False
        self.good.remove(token)
        return True


class FakeMessages:
    """Keeps what was handed over, oldest first.

    refuse: so many of the next messages are not taken, and this is said. lose_replies: so many of
    the next are taken, and nobody says so.
    """

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refuse = 0
        self.lose_replies = 0

    def send(self, message: Message) -> None:
        if message.channel not in ("mail", "sms"):
            raise ValueError(f"no way to send by {message.channel!r}")
        if self.refuse:
            self.refuse -= 1
            raise NotTaken("too many messages")
        self.sent.append(message)
        if self.lose_replies:
            self.lose_replies -= 1
            raise StoreUnavailable("taken, and nobody says so")


def _mac(member_id: str, wrapped_key: bytes, field: str, plain: bytes) -> bytes:
    return hmac.digest(wrapped_key, length_prefixed(member_id, field, plain), hashlib.sha256)
