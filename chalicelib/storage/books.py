"""The whole ledger in pages of whole partitions, and the checkpoints of who goes through it.

A segmented Scan, whose last partition is read to its end by a Query. Reads the ledger and never
writes it; what its items mean is for `book_items.py`.
"""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain import causes
from chalicelib.storage import keys
from chalicelib.storage.book_items import RawItem, book_of
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import get, raw_partition
from chalicelib.storage.tables import ConfigItem, IntAttribute, LedgerItem
from chalicelib.storage.writing import Cancelled, Put, transact
from chalicelib.usecases.ports.books import AccountBook, Book, BookPage, Checkpoint

PAGE_ITEMS = 500


class CheckpointItem(ConfigItem, discriminator="checkpoint"):
    """How far a pass is in a segment. page: counts up, and is the condition of the next."""

    page = IntAttribute()
    cursor = UnicodeAttribute(null=True)
    done = IntAttribute()
    sums = UnicodeAttribute()


class DynamoBooks:
    """The `Books` port over the bound tables. page_items: most items of a page, but for the rest of
    its last partition."""

    def __init__(self, page_items: int = PAGE_ITEMS) -> None:
        self._page_items = page_items

    def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
        given = json.loads(cursor) if cursor is not None else None
        with store_errors():
            answer = LedgerItem._get_connection().scan(
                segment=segment,
                total_segments=segments,
                limit=self._page_items,
                exclusive_start_key=_start_key(given) if given else None,
                consistent_read=True,
            )
        items: list[RawItem] = answer["Items"]
        last = answer.get("LastEvaluatedKey")
        if last is not None:
            items = [*items, *raw_partition(LedgerItem, last["pk"]["S"], after=last["sk"]["S"])]
        # What was written to a partition since it was given is left to the next pass.
        fresh = [item for item in items if given is None or item["pk"]["S"] != given[0]]
        books = tuple(book_of(pk, list(rows)) for pk, rows in groupby(fresh, key=_pk))
        end = items[-1] if last is not None else None
        return BookPage(books, len(items), _cursor(end) if end is not None else None)

    def book(self, key: str) -> Book | None:
        items = raw_partition(LedgerItem, key)
        return book_of(key, items) if items else None

    def account(self, account_id: str) -> AccountBook | None:
        found = self.book(keys.account(account_id))
        return found if isinstance(found, AccountBook) else None

    def caused(self, cause: str) -> Book | None:
        kind, _, name = causes.operation_of(cause).partition(":")
        match kind:
            case "purchase":
                return self.book(keys.purchase(name.rpartition(":")[0]))
            case "redemption":
                return self.book(keys.redemption(name.partition(":")[0]))
            case _:
                return self.book(keys.claim(kind, name))

    def checkpoint(self, name: str, segment: int, segments: int) -> Checkpoint | None:
        item = get(CheckpointItem, keys.ledger_pass(name, segments), keys.segment(segment))
        if item is None:
            return None
        sums = json.loads(item.sums)
        return Checkpoint(name, segment, segments, item.page, item.cursor, item.done == 1, sums)

    def save(self, checkpoint: Checkpoint) -> bool:
        pk = keys.ledger_pass(checkpoint.name, checkpoint.segments)
        item = CheckpointItem(pk, keys.segment(checkpoint.segment))
        item.page, item.cursor = checkpoint.page, checkpoint.cursor
        item.done = int(checkpoint.done)
        item.sums = json.dumps(checkpoint.sums, separators=(",", ":"))
        first = checkpoint.page == 1
        try:
            transact([Put(item, None if first else CheckpointItem.page == checkpoint.page - 1)])
        except Cancelled:
            return False
        return True


def _pk(item: RawItem) -> str:
    text: str = item["pk"]["S"]
    return text


def _cursor(item: RawItem) -> str:
    return json.dumps([item["pk"]["S"], item["sk"]["S"]], separators=(",", ":"))


def _start_key(given: Sequence[str]) -> Any:  # PynamoDB types it as text and takes a whole key
    return {"pk": {"S": given[0]}, "sk": {"S": given[1]}}
