"""What use cases need from the outside, as narrow Protocols. Each has a contract suite in
`tests/contract/` that runs over every implementation: the real one and the fake.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Generic, Literal, Protocol, TypeVar

from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.codes import Code
from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.entries import Entry
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.members import Member
from chalicelib.domain.names import Namer
from chalicelib.domain.payment_methods import HeldCard, Wallet
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import ClaimRecord, PurchaseFile, PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionFile, RedemptionRecord
from chalicelib.domain.rewards import Reward
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.domain.traits import Traits as Traits  # offered here with the other records

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


# --- the ledger ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """An account as it is: its newest entry, and its traits."""

    entry: Entry
    traits: Traits


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """The record of an operation that has no business record of its own (an adjustment).

    kind and name make its key; answer: what was answered, by field.
    """

    kind: str
    name: str
    fingerprint: dict[str, str]
    answer: dict[str, int | str | None]


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """Leads from what stands for a voucher's code to its redemption."""

    name: str
    redemption_id: str


Cause = (
    PurchaseRecord
    | ReturnRecord
    | ClaimRecord
    | RedemptionRecord
    | RedemptionEnd
    | VoucherRecord
    | OperationRecord
)
"""The records that make operations count once: each is put only where nothing stands."""


@dataclass(frozen=True, slots=True)
class StockChange:
    """Take one unit (-1) from a shard of a reward's stock, or give it back (+1)."""

    reward_id: str
    shard: int
    units: int


@dataclass(frozen=True, slots=True)
class Write:
    """All that one operation writes, in one transaction."""

    causes: tuple[Cause, ...]
    entries: tuple[Entry, ...] = ()
    stock: StockChange | None = None


class Verdict(Enum):
    """What became of a write, in the order in which it is told."""

    COMMITTED = "committed"
    CAUSE_TAKEN = "cause_taken"  # a cause of it exists
    ENTRY_TAKEN = "entry_taken"  # another operation was first on the account
    STOCK_EMPTY = "stock_empty"  # the shard has no unit left


class Ledger(Protocol):
    """Accounts, and the records of what happened to them. Every method may raise
    StoreUnavailable; those that read an account may raise StoreNewer."""

    def head(self, account_id: str) -> Head | None:
        """The account as it is: one consistent read. None: no such member."""
        ...

    def entries(self, account_id: str, before: int | None, limit: int) -> list[Entry]:
        """Entries, newest first, those with a number below `before`."""
        ...

    def entry(self, account_id: str, seq: int) -> Entry | None:
        """One entry."""
        ...

    def purchase(self, name: str) -> PurchaseFile | None:
        """A purchase and what happened to it."""
        ...

    def redemption(self, redemption_id: str) -> RedemptionFile | None:
        """A redemption and its end."""
        ...

    def voucher(self, name: str) -> VoucherRecord | None:
        """Where a voucher's code leads."""
        ...

    def operation(self, kind: str, name: str) -> OperationRecord | None:
        """The record of an operation."""
        ...

    def commit(self, write: Write) -> Verdict:
        """Write all of it or nothing. StoreUnavailable: unknown whether it landed."""
        ...


# --- people ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptPreferences:
    """A member's preferences; version counts their changes, 0 before the first."""

    preferences: Preferences
    version: int


@dataclass(frozen=True, slots=True)
class TraitsChange:
    """Traits to put, if those that stand are still the ones that were read."""

    before: Traits | None
    after: Traits


@dataclass(frozen=True, slots=True)
class PeopleWrite:
    """All that one change of a member writes, in one transaction; what is None stays as it is.

    member: put over its predecessor by version (over nothing for version 1, whose key is created
    too unless a sign-up created it). claims, releases: identifiers that begin or cease to lead to
    the member. preferences: put over their predecessor. consents: the next records. opened: the
    first entry of its account. codes: each replaces what was sent on its channel. spent: a code
    that ceases to be good by this. joined: the end of the sign-up that leads to this.
    """

    member_id: str
    member: Member | None = None
    claims: tuple[Identifier, ...] = ()
    releases: tuple[Identifier, ...] = ()
    preferences: KeptPreferences | None = None
    consents: tuple[ConsentRecord, ...] = ()
    traits: TraitsChange | None = None
    opened: Entry | None = None
    codes: tuple[Code, ...] = ()
    spent: Code | None = None
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An identifier leads to another member already."""

    kind: Kind
    member_id: str


Saved = Literal["saved", "stale", "code_spent"] | Taken
"""What became of a PeopleWrite, in the order in which it is told: `stale` when something it builds
on was changed in the meantime, `code_spent` when somebody else used or replaced the code."""


class People(Protocol):
    """Members and what is known of them. Every method may raise StoreUnavailable and StoreNewer;
    every read is consistent."""

    def find(self, identifier: Identifier) -> str | None:
        """The id of the member that an identifier leads to."""
        ...

    def member(self, member_id: str) -> Member | None:
        """A member's profile, opened."""
        ...

    def preferences(self, member_id: str) -> KeptPreferences:
        """A member's preferences; version 0 and the defaults where none were set."""
        ...

    def last_consent(self, member_id: str) -> ConsentRecord | None:
        """The newest record, which carries all consents as they stand."""
        ...

    def consents(self, member_id: str, before: int | None, limit: int) -> list[ConsentRecord]:
        """Records, newest first, those with a number below `before`."""
        ...

    def traits(self, member_id: str) -> Traits | None:
        """The pseudonymous facts kept beside the member's account."""
        ...

    def save(self, write: PeopleWrite) -> Saved:
        """Write all of it or nothing. StoreUnavailable: unknown whether it landed."""
        ...

    def sign_up(self, signup_id: str) -> SignUp | Joined | None:
        """A sign-up, opened, or what is left of it; perhaps one that is too old."""
        ...

    def start(self, sign_up: SignUp, code: Code) -> None:
        """Keep a new sign-up, its key and the first code. StoreUnavailable: unknown."""
        ...

    def keep_code(self, code: Code) -> None:
        """Keep a code in place of the one that was sent on its channel before."""
        ...

    def try_code(self, member_id: str, channel: Channel, now: datetime) -> Code | None:
        """Count a try, and only then give the code to compare with; None when there is none that
        is still good for a try."""
        ...


# --- cards on file ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardSetup:
    """A SetupIntent. client_secret: opens the provider's own form, for its member alone; it is
    never stored or logged."""

    setup_intent_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class CardEvent:
    """A verified event of the provider's. customer_id: whose cards it may be about, None when it
    is about no card."""

    event_id: str
    customer_id: str | None


class CustomerLost(Exception):
    """The provider knows this customer no more (somebody deleted it there)."""


class Cards(Protocol):
    """The payment provider. It holds the cards; nothing here takes or gives a card number. Every
    method but `event` may raise StoreUnavailable; a key makes a repeated call one call."""

    def open_customer(self, member_id: str, key: str) -> str:
        """A customer for a member; the provider is told the member's id and nothing else."""
        ...

    def begin_setup(self, customer_id: str, key: str) -> CardSetup:
        """A SetupIntent for a customer. Raises CustomerLost, CardRefused."""
        ...

    def setup(self, setup_intent_id: str) -> CardSetup | None:
        """A SetupIntent again; None when the provider has it no more."""
        ...

    def held(self, customer_id: str) -> list[HeldCard] | None:
        """The cards of a customer as of now; None when the customer is lost."""
        ...

    def detach(self, payment_method_id: str) -> None:
        """Take a card from its customer, for ever; nothing happens when it has none."""
        ...

    def event(self, raw: bytes, signature: str, now: datetime) -> CardEvent:
        """The event in a webhook's body. SignatureRefused when it is not the provider's own or not
        of these minutes."""
        ...


WalletSaved = Literal["saved", "stale", "event_seen"]
"""`stale` when somebody changed the wallet since it was read, `event_seen` when its event had been
dealt with before; nothing is written then."""


class PaymentMethods(Protocol):
    """Members' references to their cards. Every read is consistent; every method may raise
    StoreUnavailable."""

    def wallet(self, member_id: str) -> Wallet:
        """A member's wallet; empty, of version 0, before its first setup."""
        ...

    def owner(self, customer_id: str) -> str | None:
        """The member that a customer of the provider's stands for."""
        ...

    def save(
        self, before: Wallet, after: Wallet, event_id: str | None, now: datetime
    ) -> WalletSaved:
        """Write a wallet over the one that was read, what the member can be found by, and that an
        event was dealt with, in one transaction. `version` is counted by the store."""
        ...

    def setup(self, member_id: str, name: str) -> str | None:
        """The SetupIntent of an earlier request of that name."""
        ...

    def keep_setup(self, member_id: str, name: str, setup_intent_id: str, now: datetime) -> bool:
        """Keep which SetupIntent a request led to; False when another one is kept already."""
        ...

    def event_seen(self, event_id: str) -> bool:
        """Whether an event was dealt with."""
        ...

    def keep_event(self, event_id: str, now: datetime) -> None:
        """Keep that an event was dealt with."""
        ...


# --- config: programs, rewards, API keys -----------------------------------------------------


class Programs(Protocol):
    """Program versions. Written once, never changed; one of them is active."""

    def active(self) -> Program:
        """The active version; cached for at most 30 seconds, at once in the process that switched.
        Refuses with Conflict(reason="no_program") while staff have stored none."""
        ...

    def version(self, number: int) -> Program:
        """A version, cached for ever. LookupError when there is none."""
        ...

    def latest(self) -> Program | None:
        """The newest version written, active or not, as of now; None before the first."""
        ...

    def active_number(self) -> int | None:
        """The number of the active version as of now, for staff who change it; None before the
        first."""
        ...

    def add(self, program: Program) -> bool:
        """Write the version if its number is free; False when it is taken. Version 1 becomes the
        active one by the same write."""
        ...

    def activate(self, number: int) -> int:
        """Make a written version the active one; the number of the one that was active before.
        LookupError when there is no such version."""
        ...


Written = Literal["written", "stale", "too_few_units"]
"""What became of a reward's new version: `stale` when somebody was faster, `too_few_units` when
more units would be taken away than are left."""


class Rewards(Protocol):
    """The reward catalogue and its stock counters."""

    def get(self, reward_id: str) -> Reward | None:
        """A reward as of now (consistent)."""
        ...

    def all(self) -> list[Reward]:
        """Every reward, archived ones too, newest first (by their creation, then id)."""
        ...

    def put(self, reward: Reward, at: datetime) -> Written:
        """Write version `reward.version` if the stored one is its predecessor (or nothing, for
        version 1) and move the stock counters so that what is left grows or shrinks by as much as
        `reward.stock`, in one transaction. Its `stock_shards` are at least the predecessor's."""
        ...

    def as_created(self, reward_id: str) -> Reward | None:
        """Version 1 of a reward, whatever became of it."""
        ...

    def remaining(self, reward: Reward) -> int | None:
        """Units left over all shards, None when unlimited."""
        ...

    def remaining_of(self, rewards: Sequence[Reward]) -> dict[str, int]:
        """Units left by reward id, of the limited ones among these; one read for a hundred
        shards. May be a moment old: for lists, not for decisions."""
        ...


class Keys(Protocol):
    """The keys of checkouts. Secrets are known by their hash alone."""

    def find(self, secret_hash: str) -> ApiKey | None:
        """The live key with this secret, None when there is none. Cached for at most 30 seconds,
        unknown ones too; a key revoked in this process is gone at once."""
        ...

    def add(
        self, key: ApiKey, secret_hash: str
    ) -> Literal["added", "two_live_keys", "numeric_ids_differ"]:
        """Add a key unless its source has two live ones, or has keys with another
        `numeric_ids` (live or not), however many try at once."""
        ...

    def all(self) -> list[ApiKey]:
        """Every key, revoked ones too, newest first."""
        ...

    def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        """Revoke a key, if it is live, and answer how it stands; None when there is none."""
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
        self,
        *,
        who: str,
        action: str,
        member_id: str | None,
        reason: str | None,
        at: datetime,
        subject: str | None = None,
    ) -> None:
        """Append one record. It holds no personal data but the ids.

        subject: what was changed when it is no member: a reward's or key's id, a version.
        """
        ...


# --- all of it -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ports:
    """What wiring gives to every use case."""

    ledger: Ledger
    people: People
    programs: Programs
    rewards: Rewards
    cards: Cards
    payment_methods: PaymentMethods
    keys: Keys
    vault: Vault
    captcha: Captcha
    messages: Messages
    allowances: Allowances
    audit: Audit
    namer: Namer
    entropy: Entropy
    patience: Patience
