"""What use cases need from the outside, as narrow Protocols. Each has a contract suite in
`tests/contract/` that runs over every implementation: the real one and the fake.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from chalicelib.domain.names import Namer
from chalicelib.domain.program import Program
from chalicelib.domain.rewards import Reward

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Answer]):
    """What a use case that writes answers; `replayed` when an earlier try had done the work."""

    answer: Answer
    replayed: bool = False


# --- randomness and waiting ------------------------------------------------------------------

Entropy = Callable[[int], bytes]
"""n -> n random bytes, unguessable in production, seeded in tests."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a write that met a conflict waits. `monotonic` in seconds; `pause(seconds)` waits;
    `jitter()` is in [0, 1). Full jitter from `first_ms` doubling to `most_ms`, until `limit_ms`.
    """

    monotonic: Callable[[], float]
    pause: Callable[[float], None]
    jitter: Callable[[], float]
    first_ms: int = 25
    most_ms: int = 200
    limit_ms: int = 3_000


class StoreUnavailable(Exception):
    """A store could not answer (throttle, conflict, 5xx, time-out, lost reply); it is unknown
    whether a write landed. Raised by every store; the API answers it 503 `try_again`."""


class StoreNewer(Exception):
    """A store holds a schema that this release does not know; answered 503, nothing is written."""


# --- config: programs, rewards ---------------------------------------------------------------


class Programs(Protocol):
    """Program versions. Written once, never changed; one of them is active."""

    def active(self) -> Program:
        """The active version; cached for at most 30 seconds, at once in the process that switched.
        LookupError when the service has no program yet."""
        ...

    def version(self, number: int) -> Program:
        """A version, cached for ever. LookupError when there is none."""
        ...

    def latest(self) -> Program | None:
        """The newest version written, active or not; None before the first."""
        ...

    def add(self, program: Program) -> bool:
        """Write the version if its number is free; False when it is taken."""
        ...

    def activate(self, number: int) -> None:
        """Make a written version the active one. LookupError when there is none."""
        ...


class Rewards(Protocol):
    """The reward catalogue and its stock counters."""

    def get(self, reward_id: str) -> Reward | None:
        """A reward as of now (consistent)."""
        ...

    def all(self) -> list[Reward]:
        """Every reward, archived ones too, newest first (by reward id's creation, then id)."""
        ...

    def put(self, reward: Reward, stock_change: int, created_at: datetime) -> bool:
        """Write version `reward.version` if the stored one is its predecessor (or nothing, for
        version 1) and change the stock counters by `stock_change` units, in one transaction;
        False when somebody was faster or the counters hold too few units to take away."""
        ...

    def remaining(self, reward: Reward) -> int | None:
        """Units left over all shards, None when unlimited."""
        ...


# --- outside systems -------------------------------------------------------------------------


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
    """One mail or text message. channel: `mail` or `sms`; `to` an address or an E.164 number."""

    channel: str
    to: str
    subject: str
    text: str


class Messages(Protocol):
    def send(self, message: Message) -> None:
        """Hand a message over for delivery. StoreUnavailable when the provider does not answer."""
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


class Allowances(Protocol):
    """Counters behind the 429 answers."""

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        """Count one use of `kind` by `whose` in the fixed window around `now`; 0 when it is
        allowed, else the seconds until the window ends."""
        ...


class Audit(Protocol):
    """Who read or changed what of whom; append-only."""

    def record(
        self, *, who: str, action: str, member_id: str | None, reason: str | None, at: datetime
    ) -> None:
        """Append one record. It holds no personal data but the ids."""
        ...


# --- all of it -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ports:
    """What wiring gives to every use case."""

    programs: Programs
    rewards: Rewards
    vault: Vault
    captcha: Captcha
    messages: Messages
    allowances: Allowances
    audit: Audit
    namer: Namer
    entropy: Entropy
    patience: Patience
