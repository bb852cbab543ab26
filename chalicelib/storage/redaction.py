"""Writes redacted records over those that stand: the one change that the ledger ever sees.

Only the role of the worker that erases may do this. What a redacted record is, others have decided.
"""

from collections.abc import Iterator, Sequence

from pynamodb.expressions.update import Action

from chalicelib.domain.purchases import PurchaseRecord
from chalicelib.domain.traits import Traits
from chalicelib.storage.faults import store_errors
from chalicelib.storage.ledger_items import OperationItem, RedemptionItem, traits_item
from chalicelib.storage.ledger_puts import cause_item
from chalicelib.storage.purchase_items import PurchaseItem, RefusedItem, ReturnItem, WaitingItem
from chalicelib.storage.tables import LedgerItem
from chalicelib.storage.writing import Update, transact
from chalicelib.usecases.ports import Cause

_MOST = 90
"""Items of one transaction, of at most a hundred."""


def redact(records: Sequence[Cause]) -> None:
    """Write redacted records over those that stand, all of them at once where they are at most 90,
    purchases last: what came back fits a redacted purchase, and no other fits what came back."""
    last = sorted(records, key=lambda record: isinstance(record, PurchaseRecord))
    for start in range(0, len(last), _MOST):
        transact(updates=[_update(record) for record in last[start : start + _MOST]])


def empty_traits(account_id: str) -> None:
    """Put no facts in the place of a member's."""
    with store_errors():
        traits_item(account_id, Traits()).save()


def _update(record: Cause) -> Update:
    item = cause_item(record, is_event=False)
    place = type(item)(item.pk, item.sk)
    return Update(place, list(_actions(item)), type(item).pk.exists())


def _actions(item: LedgerItem) -> Iterator[Action]:
    match item:
        case PurchaseItem() | ReturnItem():
            kind = type(item)
            yield from (kind.d.set(item.d), kind.f.set(item.f), kind.z.remove())
            yield from (kind.m.set(item.m), kind.rd.set(1))
            if isinstance(item, PurchaseItem):
                yield PurchaseItem.la.remove()
                yield PurchaseItem.o.set(item.o) if item.o else PurchaseItem.o.remove()
        case WaitingItem():
            yield from (WaitingItem.d.set(item.d), WaitingItem.f.set(item.f), WaitingItem.rd.set(1))
        case RefusedItem() | RedemptionItem() | OperationItem():
            yield from (type(item).d.set(item.d), type(item).rd.set(1))
        case _:
            raise AssertionError(f"nothing of a {type(item).__name__} can be redacted")
