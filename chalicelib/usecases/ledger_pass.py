"""One pass over the whole ledger, in bounded pages, that anybody can stop and anybody continue.

After every page what the visitor has so far and where the next page begins are kept together, by
one conditional write: a page counts once, however many run the pass at the same time. Must not know
what is looked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from chalicelib.usecases.ports.books import Book, Books, Checkpoint
from chalicelib.usecases.ports.settling import Patience

Sums = dict[str, Any]
"""What a visitor keeps of a segment: as JSON can say it, and small however large the ledger is."""


@dataclass(frozen=True, slots=True)
class LedgerPass:
    """A pass. name: of its own, for ever (`heads-2026-11-22`). segments: parts that can be gone
    through side by side; another number is another pass."""

    name: str
    segments: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies: the same place is the same page of partitions only until it is kept."""

    segment: int
    page: int


class Visitor(Protocol):
    """Who is shown every partition of the ledger."""

    def start(self) -> Sums:
        """What it keeps before the first page of a segment."""
        ...

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:
        """What it keeps after another page. May be shown a page again whose sums were not kept, so
        whatever it writes elsewhere must bear to be written twice."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is. sums: of each segment, in order; what was begun, when it is not done.
    pages: gone through by this run. segments_done: how many segments are at their end."""

    done: bool
    pages: int
    sums: tuple[Sums, ...]
    segments_done: int


def run_pass(
    books: Books, ledger_pass: LedgerPass, visitor: Visitor, keep_going: Callable[[], bool]
) -> Progress:
    """Begin or continue a pass until it is done or `keep_going`, asked before each page, says no.

    Where somebody else is ahead in a segment, the rest of it is left to them. Raises
    StoreUnavailable; the next run begins after the last page that was kept.
    """
    pages = 0
    for segment in range(ledger_pass.segments):
        at = _checkpoint(books, ledger_pass, visitor, segment)
        while not at.done and keep_going():
            after = _next(books, at, visitor)
            if not books.save(after):
                break
            at, pages = after, pages + 1
    ended = progress(books, ledger_pass, visitor)
    return replace(ended, pages=pages)


def progress(books: Books, ledger_pass: LedgerPass, visitor: Visitor) -> Progress:
    """How far a pass is, without moving it. Raises StoreUnavailable."""
    places = [
        _checkpoint(books, ledger_pass, visitor, segment) for segment in range(ledger_pass.segments)
    ]
    segments_done = sum(at.done for at in places)
    sums = tuple(at.sums for at in places)
    return Progress(segments_done == len(places), 0, sums, segments_done)


def for_seconds(patience: Patience, seconds: float) -> Callable[[], bool]:
    """A `keep_going` that says no when so many seconds are over."""
    until = patience.monotonic() + seconds
    return lambda: patience.monotonic() < until


def _checkpoint(
    books: Books, ledger_pass: LedgerPass, visitor: Visitor, segment: int
) -> Checkpoint:
    name, segments = ledger_pass.name, ledger_pass.segments
    return books.checkpoint(name, segment, segments) or Checkpoint(
        name, segment, segments, page=0, cursor=None, done=False, sums=visitor.start()
    )


def _next(books: Books, at: Checkpoint, visitor: Visitor) -> Checkpoint:
    page = books.page(at.segment, at.segments, at.cursor)
    sums = visitor.visit(at.sums, page.books, Place(at.segment, at.page))
    return Checkpoint(
        at.name,
        at.segment,
        at.segments,
        page=at.page + 1,
        cursor=page.cursor,
        done=page.cursor is None,
        sums=sums,
    )
