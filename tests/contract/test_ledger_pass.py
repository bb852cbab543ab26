"""A pass over the ledger: stopped anywhere and continued by anybody, every page counts once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.connection import Connection

from chalicelib.usecases.ledger_pass import (
    LedgerPass,
    Place,
    Progress,
    Sums,
    for_seconds,
    progress,
    run_pass,
)
from chalicelib.usecases.ports import Book, Books, StoreUnavailable
from chalicelib.usecases.ports.books import Checkpoint
from tests.contract.shelf import Shelf, fill, in_dynamodb, in_memory
from tests.ledger_world import unhurried

PASS = LedgerPass("counting", segments=3)


@pytest.fixture(params=["memory", "dynamodb"])
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    if request.param == "memory":
        shelf = in_memory()
        fill(shelf)
        yield shelf
    else:
        connection: Connection = request.getfixturevalue("connection")
        with in_dynamodb(connection) as shelf:
            fill(shelf)
            yield shelf


class Counting:
    """Notes the keys of what it is shown."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._meanwhile = meanwhile
        self.places: list[Place] = []

    def start(self) -> Sums:
        return {"keys": []}

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:
        self.places.append(place)
        self._meanwhile()
        return {"keys": [*sums["keys"], *(book.key for book in books)]}


def keys_of(progress: Progress) -> list[str]:
    return sorted(key for sums in progress.sums for key in sums["keys"])


def times(count: int) -> Callable[[], bool]:
    """Yes so many times, then no."""
    answers = iter([True] * count)
    return lambda: next(answers, False)


def always() -> bool:
    return True


def all_keys(shelf: Shelf) -> list[str]:
    return sorted(book.key for book in shelf.books(500).page(0, 1, None).books)


def test_a_pass_shows_every_partition_once(shelf: Shelf) -> None:
    done = run_pass(shelf.books(3), PASS, Counting(), always)
    assert done.done
    assert keys_of(done) == all_keys(shelf)


def test_a_pass_that_is_stopped_after_every_page_ends_alike(shelf: Shelf) -> None:
    books, runs = shelf.books(3), 0
    while True:
        state = run_pass(books, PASS, Counting(), times(1))
        runs += 1
        if state.done:
            break
        assert state.pages == 1
    assert runs > 5
    assert keys_of(state) == all_keys(shelf)
    assert progress(books, PASS, Counting()).sums == state.sums


def test_a_pass_that_is_done_reads_nothing_again(shelf: Shelf) -> None:
    books = shelf.books(3)
    run_pass(books, PASS, Counting(), always)
    again = Counting()
    assert run_pass(books, PASS, again, always).pages == 0
    assert again.places == []


def test_another_name_is_another_pass(shelf: Shelf) -> None:
    books = shelf.books(3)
    run_pass(books, PASS, Counting(), always)
    assert not progress(books, LedgerPass("counting", 2), Counting()).done
    assert run_pass(books, LedgerPass("other", 3), Counting(), always).pages > 3


def test_whoever_meets_a_newer_checkpoint_stands_back(shelf: Shelf) -> None:
    books = shelf.books(3)
    fast = Counting()

    def overtaken() -> None:
        if not fast.places:
            run_pass(books, PASS, fast, always)

    slow = Counting(overtaken)
    done = run_pass(books, PASS, slow, always)
    assert slow.places == [Place(0, 0)]
    assert (done.done, done.pages) == (True, 0)
    assert keys_of(done) == all_keys(shelf)


def test_many_at_once_count_every_page_once(shelf: Shelf) -> None:
    books = shelf.books(3)

    def run(_: int) -> Progress:
        while not (state := run_pass(books, PASS, Counting(), times(4))).done:
            pass
        return state

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(run, range(6)))
    assert all(keys_of(state) == all_keys(shelf) for state in states)


class LosesReplies:
    """Books whose every second checkpoint is kept, and nobody says so."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._saved = 0
        self.page, self.book, self.checkpoint = books.page, books.book, books.checkpoint
        self.account, self.caused = books.account, books.caused

    def save(self, checkpoint: Checkpoint) -> bool:
        kept = self._books.save(checkpoint)
        self._saved += 1
        if self._saved % 2:
            raise StoreUnavailable("kept, and nobody says so")
        return kept


def test_a_checkpoint_whose_reply_was_lost_is_not_counted_again(shelf: Shelf) -> None:
    books, failures = LosesReplies(shelf.books(3)), 0
    while True:
        try:
            state = run_pass(books, PASS, Counting(), always)
        except StoreUnavailable:
            failures += 1
            continue
        break
    assert failures > 2
    assert keys_of(state) == all_keys(shelf)


def test_seconds_end_by_the_clock_that_waits() -> None:
    patience = unhurried()
    keep_going = for_seconds(patience, 2.0)
    assert keep_going()
    patience.pause(1.9)
    assert keep_going()
    patience.pause(0.2)
    assert not keep_going()
