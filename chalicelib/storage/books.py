"""The whole ledger in pages of whole partitions, and the checkpoints of who goes through it.

A segmented Scan, whose last partition is read to its end by a Query. Reads the ledger and never
writes it; what cannot be read is told, never passed over.
"""

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain import causes
from chalicelib.domain.entries import commitment_to
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.ledger_items import (
    EndItem,
    EntryItem,
    OperationItem,
    RedemptionItem,
    SpentItem,
    TraitsItem,
    VoucherItem,
)
from chalicelib.storage.purchase_items import (
    ClaimItem,
    PurchaseItem,
    RefusedItem,
    ReturnItem,
    WaitingItem,
)
from chalicelib.storage.reading import get, raw_partition
from chalicelib.storage.tables import ConfigItem, IntAttribute, LedgerItem
from chalicelib.storage.writing import Cancelled, Put, transact
from chalicelib.usecases.ports import OperationRecord, StoreNewer, VoucherRecord
from chalicelib.usecases.ports.books import (
    NEWER_RELEASE,
    AccountBook,
    Book,
    BookPage,
    Checkpoint,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
    Unreadable,
)

PAGE_ITEMS = 500

RawItem = dict[str, dict[str, Any]]

_RECORD_ITEMS = (
    PurchaseItem,
    ReturnItem,
    ClaimItem,
    WaitingItem,
    RefusedItem,
    RedemptionItem,
    EndItem,
    SpentItem,
    VoucherItem,
    OperationItem,
)

_Decoded = dict[str, tuple[LedgerItem, Any]]
"""By sort key: the item, and the record in it."""

_KINDS: dict[str, tuple[type[LedgerItem], ...]] = {
    "A": (EntryItem, TraitsItem),
    "P": (PurchaseItem, ReturnItem, ClaimItem, WaitingItem, RefusedItem),
    "X": (RedemptionItem, EndItem, SpentItem),
    "V": (VoucherItem,),
    "C": (OperationItem,),
}
"""What stands in a partition, by the letter of its key."""

_PLACES: dict[type[LedgerItem], str] = {
    TraitsItem: keys.TRAITS,
    RedemptionItem: keys.ONLY,
    EndItem: keys.REDEMPTION_END,
    SpentItem: keys.REDEMPTION_SPENT,
    VoucherItem: keys.ONLY,
    OperationItem: keys.ONLY,
}
"""The sort key of what has but one; entries, purchases and their events are numbered by theirs."""


class _OutOfPlace(Exception):
    """An item that has no business where it stands."""


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
        books = tuple(_book(pk, list(rows)) for pk, rows in groupby(fresh, key=_pk))
        end = items[-1] if last is not None else None
        return BookPage(books, len(items), _cursor(end) if end is not None else None)

    def book(self, key: str) -> Book | None:
        items = raw_partition(LedgerItem, key)
        return _book(key, items) if items else None

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


# --- from items to books -------------------------------------------------------------------------


def _book(pk: str, raw: Sequence[RawItem]) -> Book:
    letter, _, name = pk.partition("#")
    decoded, unreadable = _decoded(raw, _KINDS.get(letter, ()), name)
    rest = tuple(unreadable)
    match letter:
        case "A":
            return _account_book(pk, name, decoded, rest)
        case "P":
            return _purchase_book(pk, name, decoded, rest)
        case "X":
            events = frozenset(int(sk) for sk, (item, _) in decoded.items() if _marked(item))
            record = _only(decoded, RedemptionItem)
            end, spent_on = _only(decoded, EndItem), _only(decoded, SpentItem)
            return RedemptionBook(pk, name, record, end, events, rest, spent_on)
        case _:
            found = next(iter(decoded.values()), None)
            is_event = found is not None and _marked(found[0])
            return RecordBook(pk, found[1] if found else None, is_event, rest)


def _account_book(
    pk: str, account_id: str, decoded: _Decoded, unreadable: tuple[Unreadable, ...]
) -> AccountBook:
    entries = [(item, entry) for item, entry in decoded.values() if isinstance(item, EntryItem)]
    return AccountBook(
        pk,
        account_id,
        tuple(entry for _, entry in entries),
        _only(decoded, TraitsItem),
        frozenset(entry.seq for item, entry in entries if _marked(item)),
        unreadable,
    )


def _purchase_book(
    pk: str, name: str, decoded: _Decoded, unreadable: tuple[Unreadable, ...]
) -> PurchaseBook:
    happened = [rec for item, rec in decoded.values() if not isinstance(item, PurchaseItem)]
    return PurchaseBook(
        pk,
        name,
        _only(decoded, PurchaseItem),
        tuple(happened),
        frozenset(int(sk) for sk, (item, _) in decoded.items() if _marked(item)),
        {
            int(sk): item.m or commitment_to(item.z or b"", item.d)
            for sk, (item, _) in decoded.items()
            if isinstance(item, PurchaseItem | ReturnItem)
        },
        unreadable,
    )


def _only(decoded: _Decoded, kind: type[LedgerItem]) -> Any:
    return next((record for item, record in decoded.values() if isinstance(item, kind)), None)


def _marked(item: LedgerItem) -> bool:
    return getattr(item, "ev", None) == 1


def _decoded(
    raw: Sequence[RawItem], kinds: tuple[type[LedgerItem], ...], name: str
) -> tuple[_Decoded, list[Unreadable]]:
    """The records of a partition's items, and those items that cannot be read."""
    decoded: _Decoded = {}
    unreadable = []
    for row in raw:
        sk = row["sk"]["S"]
        try:
            item, record = _record(row)
            if not isinstance(item, kinds) or _PLACES.get(type(item), sk) != sk:
                raise _OutOfPlace
            if _own_name(record) not in (None, name):
                raise _OutOfPlace
        except StoreNewer:
            unreadable.append(Unreadable(sk, NEWER_RELEASE))
        except Exception as error:  # whatever stands there, the pass goes on, and tells
            unreadable.append(Unreadable(sk, _said(error)))
        else:
            decoded[sk] = item, record
    return decoded, unreadable


def _record(row: RawItem) -> tuple[LedgerItem, Any]:
    with store_errors():
        item = LedgerItem.from_raw_data(row)
    match item:
        case EntryItem():
            return item, item.entry()
        case TraitsItem():
            return item, item.traits()
        case _:
            assert isinstance(item, _RECORD_ITEMS)  # noqa: S101  # the only others
            return item, item.record()


def _own_name(record: object) -> str | None:
    """What the key must be made of, where the record says it too."""
    match record:
        case RedemptionRecord() | RedemptionEnd():
            return record.redemption_id
        case VoucherRecord():
            return record.name
        case OperationRecord():
            return f"{record.kind}#{record.name}"
        case _:
            return None


def _said(error: Exception) -> str:
    """The kind of an error; its words only where they are our own and name no figure."""
    match error:
        case AssertionError():
            return str(error)
        case _OutOfPlace():
            return "out_of_place"
        case _:
            return type(error).__name__


# --- keys ----------------------------------------------------------------------------------------


def _pk(item: RawItem) -> str:
    text: str = item["pk"]["S"]
    return text


def _cursor(item: RawItem) -> str:
    return json.dumps([item["pk"]["S"], item["sk"]["S"]], separators=(",", ":"))


def _start_key(given: Sequence[str]) -> Any:  # PynamoDB types it as text and takes a whole key
    return {"pk": {"S": given[0]}, "sk": {"S": given[1]}}
