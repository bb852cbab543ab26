"""Outside systems: sealing, captchas, messages, events, tokens."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chalicelib.domain.instants import printed
from chalicelib.usecases.ports.settling import StoreUnavailable


class Vault(Protocol):
    """Seals personal fields with the member's own data key (AES-256-GCM, envelope by KMS)."""

    def create_key(self, member_id: str) -> bytes:
        """A new wrapped data key for a member, to be stored in `keys` by the caller's write."""
        ...

    def seal(self, member_id: str, wrapped_key: bytes, field: str, plain: bytes) -> bytes:
        """Seal one field; member and field name are bound to it (associated data)."""
        ...

    def open(self, member_id: str, wrapped_key: bytes, field: str, sealed: bytes) -> bytes:
        """Open what `seal` sealed. ValueError when it was tampered with or moved."""
        ...

    def forget(self, member_id: str) -> None:
        """Drop what this process remembers of a member's key: the key is being destroyed."""
        ...


class Captcha(Protocol):
    def solved(self, token: str, address: str) -> bool:
        """Whether this token proves a person at this network address; a token is good once."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One mail or text message. channel: `mail` or `sms`; `to` an address or an E.164 number.
    headers: of a mail, beside those that every mail has."""

    channel: str
    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class NotTaken(StoreUnavailable):
    """The provider said that it did not take a message: sending it again does not double it."""


class Messages(Protocol):
    def send(self, message: Message) -> None:
        """Hand a message over for delivery. StoreUnavailable when the provider does not answer,
        NotTaken when it answers no."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as a CloudEvents 1.0 event with JSON data.

    id: unique within `source`; consumers drop what they have seen. source: who says so, such as
    `/stampbook/ledger`. type: in the past tense, such as `stampbook.purchase.posted`. subject:
    what it is about (an id of ours). data: JSON values, no personal data.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, object]

    def printed(self) -> str:
        """The whole event as JSON (CloudEvents' structured mode): the same text each time."""
        return json.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": self.type,
                "subject": self.subject,
                "time": printed(self.time),
                "datacontenttype": "application/json",
                "data": self.data,
            },
            ensure_ascii=False,
        )


class EventBus(Protocol):
    def publish(self, events: Sequence[Event]) -> list[int]:
        """Publish events in any order; the indexes of those that were not taken, ascending.
        A failing bus raises nothing: everything it did not take is in the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. member_id: the member it names itself, None without the claim.
    groups: as the issuer names them. auth_time: when the person last proved who it is."""

    subject: str
    member_id: str | None
    groups: frozenset[str]
    auth_time: datetime | None


class TokenVerifier(Protocol):
    def verify(self, token: str, now: datetime) -> Claims:
        """What a bearer token says, once it is believed. NotAuthenticated for every token that is
        malformed, foreign or outdated; StoreUnavailable when the issuer's keys cannot be had."""
        ...
