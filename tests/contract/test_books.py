"""The port `Books`, real and fake: whole partitions, every one of them, each of them once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pynamodb.connection import Connection

from chalicelib.domain import causes
from chalicelib.domain.entries import first_broken
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.usecases.ports.books import (
    AccountBook,
    Book,
    BookPage,
    Books,
    Checkpoint,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
)
from tests.contract.shelf import Shelf, fill, in_dynamodb, in_memory


@pytest.fixture(params=["memory", "dynamodb"])
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    if request.param == "memory":
        yield in_memory()
    else:
        connection: Connection = request.getfixturevalue("connection")
        with in_dynamodb(connection) as shelf:
            yield shelf


def pages(books: Books, segment: int = 0, segments: int = 1) -> Iterator[BookPage]:
    cursor = None
    while True:
        page = books.page(segment, segments, cursor)
        yield page
        if page.cursor is None:
            return
        cursor = page.cursor


def all_books(books: Books, segments: int = 1) -> list[Book]:
    return [
        book
        for segment in range(segments)
        for page in pages(books, segment, segments)
        for book in page.books
    ]


def test_an_empty_ledger_is_one_page_of_nothing(shelf: Shelf) -> None:
    assert [*pages(shelf.books(10))] == [BookPage((), 0, None)]


@pytest.mark.parametrize("page_items", [1, 2, 3, 7, 500])
def test_partitions_are_whole_however_small_the_pages_are(shelf: Shelf, page_items: int) -> None:
    fill(shelf)
    whole = all_books(shelf.books(500))
    cut = all_books(shelf.books(page_items))
    assert sorted(cut, key=lambda book: book.key) == sorted(whole, key=lambda book: book.key)


def test_segments_together_give_every_partition_once(shelf: Shelf) -> None:
    fill(shelf)
    whole = Counter(book.key for book in all_books(shelf.books(500)))
    parts = Counter(book.key for book in all_books(shelf.books(3), segments=4))
    assert set(parts.values()) == {1}
    assert parts == whole


def test_an_account_is_all_its_entries_in_their_order_with_traits_and_marks(shelf: Shelf) -> None:
    fill(shelf)
    accounts = {
        book.account_id.rpartition("_")[2]: book
        for book in all_books(shelf.books(3))
        if isinstance(book, AccountBook)
    }
    assert sorted(accounts) == ["mia", "tom", "zoe"]
    for book in accounts.values():
        assert first_broken(book.entries, book.account_id) is None
        assert book.entries == tuple(
            reversed(shelf.world.ports.ledger.entries(book.account_id, None, 100))
        )
    mia, zoe = accounts["mia"], accounts["zoe"]
    assert mia.traits is not None
    assert mia.traits.country == "DE"
    assert mia.events == {entry.seq for entry in mia.entries}
    kinds = [(str(entry.kind), entry.seq in zoe.events) for entry in zoe.entries]
    assert kinds == [
        ("open", True),
        ("earn", True),
        ("expire", True),
        ("earn", True),
        ("earn", True),
    ]


def test_records_are_what_use_cases_are_given_too(shelf: Shelf) -> None:
    fill(shelf)
    ledger = shelf.world.ports.ledger
    kinds: Counter[str] = Counter()
    for book in all_books(shelf.books(2)):
        kinds[type(book).__name__] += 1
        match book:
            case PurchaseBook():
                file = ledger.purchase(book.name)
                assert isinstance(file, PurchaseFile)
                assert book.file == file
            case RedemptionBook():
                assert book.file == ledger.redemption(book.redemption_id)
        assert book.unreadable == ()
    assert kinds == {"AccountBook": 3, "PurchaseBook": 8, "RedemptionBook": 2, "RecordBook": 10}


def test_marks_and_commitments_are_told_by_number(shelf: Shelf) -> None:
    fill(shelf)
    found = [
        book
        for book in all_books(shelf.books(3))
        if isinstance(book, PurchaseBook) and len(book.happened) == 3
    ]
    (guest,) = found
    assert guest.events == {0, 1}  # the claim and what came back afterwards have entries
    assert set(guest.commitments) == {0, 1, 3}
    ((entry,),) = [
        [entry for entry in book.entries if entry.cause == causes.of_purchase(guest.name, 3)]
        for book in all_books(shelf.books(3))
        if isinstance(book, AccountBook) and book.account_id.endswith("tom")
    ]
    assert entry.commitment == guest.commitments[3]


def test_what_a_cause_names_is_found(shelf: Shelf) -> None:
    fill(shelf)
    books = shelf.books(3)
    accounts = [book for book in all_books(books) if isinstance(book, AccountBook)]
    for account in accounts:
        assert books.account(account.account_id) == account
        assert books.book(account.key) == account
        for entry in account.entries[1:]:
            caused = books.caused(entry.cause)
            if entry.kind == "expire":
                assert caused is None
            else:
                assert isinstance(caused, PurchaseBook | RedemptionBook | RecordBook)
                assert caused.key.removeprefix(caused.key[:2]).split("#")[-1] in entry.cause
    assert books.account("mem_nobody") is None
    assert books.caused("purchase:nothing:0") is None
    assert books.book("V#nothing") is None


def test_what_was_written_since_a_partition_was_given_is_not_given_in_pieces(shelf: Shelf) -> None:
    mia = shelf.world.member("mia", points=100)
    books = shelf.books(1)
    given: list[str] = []
    for page in pages(books):
        for book in page.books:
            given.append(book.key)
            if isinstance(book, AccountBook):
                shelf.world.adjust(mia, 5, "meanwhile")
                assert len(book.entries) == 2
    assert len([key for key in given if key.startswith("A#")]) == 1


# --- checkpoints ---------------------------------------------------------------------------------

FIRST = Checkpoint("heads-1", 2, 4, 1, '["A#1","T"]', False, {"sum": 2**900, "by": {"a": [1]}})


def test_a_checkpoint_is_kept_as_it_is(shelf: Shelf) -> None:
    books = shelf.books(3)
    assert books.checkpoint("heads-1", 2, 4) is None
    assert books.save(FIRST)
    assert books.checkpoint("heads-1", 2, 4) == FIRST
    last = replace(FIRST, page=2, cursor=None, done=True)
    assert books.save(last)
    assert books.checkpoint("heads-1", 2, 4) == last


def test_a_checkpoint_follows_only_the_page_before_it(shelf: Shelf) -> None:
    books = shelf.books(3)
    assert not books.save(replace(FIRST, page=2))
    assert books.save(FIRST)
    assert not books.save(FIRST)
    assert not books.save(replace(FIRST, page=3))
    assert books.checkpoint("heads-1", 2, 4) == FIRST


def test_passes_and_segments_have_checkpoints_of_their_own(shelf: Shelf) -> None:
    books = shelf.books(3)
    others = [replace(FIRST, name="heads-2"), replace(FIRST, segment=3), replace(FIRST, segments=5)]
    for checkpoint in (FIRST, *others):
        assert books.save(checkpoint)
        found = books.checkpoint(checkpoint.name, checkpoint.segment, checkpoint.segments)
        assert found == checkpoint
