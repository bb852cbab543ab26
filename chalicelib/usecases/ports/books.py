"""The whole ledger, to be gone through page by page by whoever checks it or sums it up.

What is given is whole: an account with all its entries, a purchase with all that happened to it.
Must not know what it is gone through for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.domain.entries import Entry
from chalicelib.domain.purchases import PurchaseEvent, PurchaseFile, PurchaseRecord
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionFile, RedemptionRecord, SpentOn
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports.ledger import OperationRecord, VoucherRecord

NEWER_RELEASE = "newer_release"
"""The problem of an item that a newer release wrote; any other is broken."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that could not be read: its sort key, and why (without a word of what is in it)."""

    sort_key: str
    problem: str


@dataclass(frozen=True, slots=True)
class AccountBook:
    """An account: its entries in their order. events: numbers of those marked as an event."""

    key: str
    account_id: str
    entries: tuple[Entry, ...]
    traits: Traits | None
    events: frozenset[int] = frozenset()
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class PurchaseBook:
    """A purchase and what happened to it, in order; without a record where returns wait for it. By
    number: events, what is marked as one; commitments, to the details as they are stored."""

    key: str
    name: str
    record: PurchaseRecord | None
    happened: tuple[PurchaseEvent, ...]
    events: frozenset[int] = frozenset()
    commitments: Mapping[int, bytes] = field(default_factory=dict)
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def file(self) -> PurchaseFile | None:
        """The purchase as use cases see it; None where only events stand."""
        return PurchaseFile(self.record, self.happened) if self.record is not None else None


@dataclass(frozen=True, slots=True)
class RedemptionBook:
    """A redemption, its end and what it paid for. events: 0 where the redemption is marked as one,
    1 its end."""

    key: str
    redemption_id: str
    record: RedemptionRecord | None
    end: RedemptionEnd | None
    events: frozenset[int] = frozenset()
    unreadable: tuple[Unreadable, ...] = ()
    spent_on: SpentOn | None = None

    @property
    def file(self) -> RedemptionFile | None:
        """The redemption as use cases see it; None where only an end stands."""
        if self.record is None:
            return None
        return RedemptionFile(self.record, self.end, self.spent_on)


@dataclass(frozen=True, slots=True)
class RecordBook:
    """A record that is alone: a voucher, or that of any other operation. None: not to be read."""

    key: str
    record: VoucherRecord | OperationRecord | None
    is_event: bool = False
    unreadable: tuple[Unreadable, ...] = ()


Book = AccountBook | PurchaseBook | RedemptionBook | RecordBook
"""A whole partition of the ledger. key: its partition key."""


@dataclass(frozen=True, slots=True)
class BookPage:
    """Some whole partitions. items: how many items were read for it. cursor: where the next page
    begins, None after the last one."""

    books: tuple[Book, ...]
    items: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a pass came in one of its segments.

    page: how many pages are behind it. cursor: where the next begins; with `done` there is none.
    sums: what the visitor keeps, as JSON can say it, a few KB.
    """

    name: str
    segment: int
    segments: int
    page: int
    cursor: str | None
    done: bool
    sums: dict[str, Any]


class Books(Protocol):
    """The ledger in pages, and how far who came. Every method may raise StoreUnavailable."""

    def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
        """The next whole partitions of one of `segments` parts, consistently read.

        Bounded by a page's items and one partition's. What is written meanwhile may or may not be
        in it: of a partition that is being written to, one item can be there without another.
        """
        ...

    def book(self, key: str) -> Book | None:
        """A partition by the key that a page gave it, consistently read; None where nothing stands
        any more."""
        ...

    def account(self, account_id: str) -> AccountBook | None:
        """An account, consistently read; None where there is none."""
        ...

    def caused(self, cause: str) -> Book | None:
        """Where the record stands that an entry names as its cause; None where nothing does."""
        ...

    def checkpoint(self, name: str, segment: int, segments: int) -> Checkpoint | None:
        """How far the pass of a name came; None before its first page."""
        ...

    def save(self, checkpoint: Checkpoint) -> bool:
        """Keep a checkpoint. False when the page before it is not the newest any more."""
        ...
