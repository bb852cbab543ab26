"""From the items of a partition to its book: what each must be and where it must stand. What cannot
be read is told, never passed over. Reads no table.
"""

from collections.abc import Sequence
from typing import Any

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
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import OperationRecord, StoreNewer, VoucherRecord
from chalicelib.usecases.ports.books import (
    NEWER_RELEASE,
    AccountBook,
    Book,
    PurchaseBook,
    RecordBook,
    RedemptionBook,
    Unreadable,
)

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


def book_of(pk: str, raw: Sequence[RawItem]) -> Book:
    """The book of a partition. pk: its key. raw: all of its items, in the order of their keys."""
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
