"""The root of the day: every account's newest entry, under one signed hash.

Three steps, each of which anybody can stop and anybody continue: go through the ledger and note the
heads, build the tree bucket by bucket, sign. However often it runs, a day gets one root.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chalicelib.domain.merkle import (
    BUCKETS,
    Leaf,
    bucket_of,
    bucket_root,
    newest_leaves,
    place_of,
    root_of,
)
from chalicelib.domain.roots import Root, SignedRoot, signed_text
from chalicelib.usecases.ledger_pass import LedgerPass, Place, Sums, run_pass
from chalicelib.usecases.ports import StoreNewer
from chalicelib.usecases.ports.books import NEWER_RELEASE, AccountBook, Book
from chalicelib.usecases.ports.roots import AnchorPorts, Anchors, Bucket

LEAVES_AT_ONCE = 500_000
"""Some 100 MB, and 15 seconds of a core."""

_GIVEN_UP_AFTER = timedelta(days=7)
"""A day whose root is not made by then gets none. What was noted for it is kept twice as long."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """day: whose root was worked on, None when there was nothing to do. done: whether it has its
    root now."""

    day: date | None
    done: bool


def anchor_heads(
    ports: AnchorPorts,
    clock: Callable[[], datetime],
    keep_going: Callable[[], bool],
    at_once: int = LEAVES_AT_ONCE,
) -> Anchored:
    """Make today's root, or go on with the one that was begun last, while `keep_going` says yes.

    at_once: how many leaves are held in memory. Safe to stop and to run twice at once. Raises
    StoreUnavailable; StoreNewer when an account was last written to by a newer release.
    """
    begun = _open_day(ports.anchors, clock())
    if begun is None:
        return Anchored(None, done=True)
    day, taken_from = begun
    ledger_pass = LedgerPass(f"heads-{day.isoformat()}")
    gone = run_pass(ports.books, ledger_pass, _Heads(ports.anchors, day), keep_going)
    if not gone.done:
        return Anchored(day, done=False)
    seen = sum(sums["accounts"] for sums in gone.sums)
    buckets = _tree(ports.anchors, day, 1 + seen // at_once, keep_going)
    if buckets is None:
        return Anchored(day, done=False)
    root = _root(day, buckets, seen, taken_from, clock())
    ports.anchors.publish(SignedRoot(root, ports.signer.sign(signed_text(root))))
    return Anchored(day, done=True)


def _root(
    day: date, buckets: list[Bucket], seen: int, taken_from: datetime, taken_until: datetime
) -> Root:
    accounts = sum(bucket.leaves for bucket in buckets)
    if accounts < seen:  # notes were lost: better no root than one that leaves accounts out
        raise LookupError(f"{seen} accounts were seen, {accounts} are left to vouch for")
    return Root(day, root_of([b.root for b in buckets]), accounts, taken_from, taken_until)


def _open_day(anchors: Anchors, now: datetime) -> tuple[date, datetime] | None:
    """The day (UTC) to work on, and since when it is."""
    today = now.astimezone(UTC).date()
    begun = anchors.begun()
    if begun is not None:
        newest, at = begun
        if anchors.root(newest) is None and now - at < _GIVEN_UP_AFTER:
            return begun
        if newest >= today:
            return None
    anchors.begin(today, now)
    return anchors.begun()


@dataclass(frozen=True, slots=True)
class _Heads:
    """Notes the heads of the accounts on each page, before the page counts as gone through."""

    anchors: Anchors
    day: date

    def start(self) -> Sums:
        return {"accounts": 0}

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:
        leaves = [_leaf(book) for book in books if isinstance(book, AccountBook) and book.entries]
        if leaves:
            self.anchors.note(self.day, place.page, leaves)
        return {"accounts": sums["accounts"] + len(leaves)}


def _leaf(book: AccountBook) -> Leaf:
    if any(item.problem == NEWER_RELEASE for item in book.unreadable):
        raise StoreNewer("an account that a newer release wrote to; it anchors what it knows")
    newest = book.entries[-1]
    return Leaf(place_of(book.account_id), newest.seq, newest.hash)


def _tree(
    anchors: Anchors, day: date, rounds: int, keep_going: Callable[[], bool]
) -> list[Bucket] | None:
    """The buckets of the day's tree, those that are missing built from what was noted.

    Each round reads all that was noted and keeps the leaves of some buckets. None when there was
    no time for all of them.
    """
    sealed = anchors.buckets(day)
    for numbers in _rounds([n for n in range(BUCKETS) if n not in sealed], rounds):
        if not keep_going():
            return None
        leaves = _by_bucket(anchors.noted(day), numbers)
        for number in numbers:
            mine = newest_leaves(leaves.pop(number))
            sealed[number] = anchors.seal(day, number, bucket_root(mine), mine)
    return [sealed[number] for number in range(BUCKETS)]


def _rounds(numbers: list[int], rounds: int) -> Iterator[list[int]]:
    size = -(-BUCKETS // min(rounds, BUCKETS))
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


def _by_bucket(noted: Iterable[Leaf], numbers: list[int]) -> dict[int, list[Leaf]]:
    leaves: dict[int, list[Leaf]] = {number: [] for number in numbers}
    for leaf in noted:
        if (found := leaves.get(bucket_of(leaf.place))) is not None:
            found.append(leaf)
    return leaves
