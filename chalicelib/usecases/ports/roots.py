"""The roots of the days: who reads them, and what the one who makes them needs.

Apart from the other ports on purpose: whoever makes roots reads no secret and no person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.merkle import Leaf
from chalicelib.domain.roots import Signature, SignedRoot
from chalicelib.usecases.ports.books import Books
from chalicelib.usecases.ports.settling import Patience


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a day's tree: its root, and how many leaves lead to it."""

    root: bytes
    leaves: int


class Roots(Protocol):
    """The roots that there are, and the trees below them. Every method may raise StoreUnavailable
    and StoreNewer."""

    def root(self, day: date) -> SignedRoot | None:
        """The root of a day."""
        ...

    def roots(self, before: date | None, limit: int) -> list[SignedRoot]:
        """Roots, newest first, those of days before `before`."""
        ...

    def buckets(self, day: date) -> dict[int, Bucket]:
        """The buckets of a day's tree, by number: all 256 where the day has a root."""
        ...

    def leaves(self, bucket: Bucket) -> list[Leaf]:
        """The leaves of a bucket, in the order of their places."""
        ...


class Anchors(Roots, Protocol):
    """Roots in the making. Everything is written once and never changed."""

    def begun(self) -> tuple[date, datetime] | None:
        """The newest day whose root was begun, and when."""
        ...

    def begin(self, day: date, at: datetime) -> None:
        """Begin the root of a day, unless somebody has."""
        ...

    def note(self, day: date, page: int, leaves: Sequence[Leaf]) -> None:
        """Keep what was seen on a page of the ledger until the day's tree stands. The same page
        may be noted again, with the same leaves or others: all of them are kept."""
        ...

    def noted(self, day: date) -> Iterator[Leaf]:
        """All that was noted for a day, in any order, some of it twice."""
        ...

    def seal(self, day: date, number: int, root: bytes, leaves: Sequence[Leaf]) -> Bucket:
        """Keep a bucket of a day's tree, unless it has been; the one that counts."""
        ...

    def publish(self, signed: SignedRoot) -> SignedRoot:
        """Keep the root of a day, unless it has one; the one that counts."""
        ...


class Signer(Protocol):
    def sign(self, text: bytes) -> Signature:
        """Vouch for a text of at most 4,096 bytes. StoreUnavailable when the key cannot be used."""
        ...


@dataclass(frozen=True, slots=True)
class AnchorPorts:
    """What wiring gives to whoever makes roots."""

    books: Books
    anchors: Anchors
    signer: Signer
    patience: Patience
