"""The ledger over DynamoDB: reads of one call, writes of one transaction.

The only writer of the table. Knows how things are stored, not what they mean.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib import observability
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import printed
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.redemptions import RedemptionFile
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.returned import AwaitedPurchase, WaitingReturn
from chalicelib.domain.traits import Traits
from chalicelib.storage import keys
from chalicelib.storage.audiences import reach_writes
from chalicelib.storage.gone import still_here
from chalicelib.storage.ledger_items import (
    EndItem,
    EntryItem,
    OperationItem,
    RedemptionItem,
    SpentItem,
    TraitsItem,
    VoucherItem,
    entry_item,
)
from chalicelib.storage.ledger_puts import cause_item
from chalicelib.storage.offers import change_budget
from chalicelib.storage.purchase_items import PurchaseEventItem, PurchaseItem
from chalicelib.storage.reading import all_of, due_keys, due_page, get, newest_of
from chalicelib.storage.rewards import give_stock_back, take_stock
from chalicelib.storage.tables import LedgerItem
from chalicelib.storage.writing import Absent, Cancelled, Delete, Put, Update, transact
from chalicelib.usecases.ports import (
    DueHint,
    DuePage,
    Head,
    OperationRecord,
    StoreUnavailable,
    Verdict,
    VoucherRecord,
    Write,
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is written with an operation, and of what it is a part. puts: where nothing stands; one
    that fails is the operation's cause, taken. absent: that a member is not being erased."""

    puts: Sequence[Put] = ()
    updates: Sequence[Update] = ()
    absent: Sequence[Absent] = ()


NOTHING = Beside()


class DynamoLedger:
    """The `Ledger` port over the bound tables."""

    def head(self, account_id: str) -> Head | None:
        newest = newest_of(LedgerItem, keys.account(account_id), limit=2)
        entry = next((item.entry() for item in newest if isinstance(item, EntryItem)), None)
        if entry is None:
            return None
        beside = next((item for item in newest if isinstance(item, TraitsItem)), None)
        if beside is None:
            return Head(entry, Traits())
        return Head(entry, beside.traits(), behaviour=beside.behaviour())

    def entries(self, account_id: str, before: int | None, limit: int) -> list[Entry]:
        # Traits sort after every entry: to start below them leaves them out.
        start = keys.entry(before) if before is not None else keys.TRAITS
        page = newest_of(LedgerItem, keys.account(account_id), limit=limit, before=start)
        return [item.entry() for item in page if isinstance(item, EntryItem)]

    def entry(self, account_id: str, seq: int) -> Entry | None:
        item = get(EntryItem, keys.account(account_id), keys.entry(seq))
        return item.entry() if item is not None else None

    def purchase(self, name: str) -> PurchaseFile | AwaitedPurchase | None:
        items = all_of(LedgerItem, keys.purchase(name))
        record = next((item.record() for item in items if isinstance(item, PurchaseItem)), None)
        events = tuple(i.record() for i in items if isinstance(i, PurchaseEventItem))
        if record is None:
            waiting = tuple(event for event in events if isinstance(event, WaitingReturn))
            return AwaitedPurchase(name, waiting) if waiting else None
        if record.is_redacted:
            raise MemberErased
        file = PurchaseFile(record, events)
        if len(file.waited) < len(file.waiting):
            # A Query may show a part of a transaction before the rest.
            raise StoreUnavailable("the returns of a purchase are a moment behind it")
        return file

    def redemption(self, redemption_id: str) -> RedemptionFile | None:
        items = all_of(LedgerItem, keys.redemption(redemption_id))
        record = next((item.record() for item in items if isinstance(item, RedemptionItem)), None)
        end = next((item.record() for item in items if isinstance(item, EndItem)), None)
        spent_on = next((item.record() for item in items if isinstance(item, SpentItem)), None)
        return RedemptionFile(record, end, spent_on) if record is not None else None

    def voucher(self, name: str) -> VoucherRecord | None:
        item = get(VoucherItem, keys.voucher(name), keys.ONLY)
        return item.record() if item is not None else None

    def operation(self, kind: str, name: str) -> OperationRecord | None:
        item = get(OperationItem, keys.claim(kind, name), keys.ONLY)
        return item.record() if item is not None else None

    def due_redemptions(self, day: date, until: datetime) -> Iterator[str]:
        for pk in due_keys(keys.due(day), printed(until)):
            yield pk.removeprefix(keys.redemption(""))

    def due_accounts(
        self, shard: int, first: date | None, last: date, cursor: str | None
    ) -> DuePage:
        start, end = keys.last_days_between(first, last)
        if cursor is not None:
            start = keys.after_last_day(cursor)
        found, more = due_page(keys.last_days(shard), start, end)
        hints = tuple(_hint(text) for text in dict.fromkeys(found))
        return DuePage(hints, found[-1] if more else None)

    def commit(self, write: Write, beside: Beside = NOTHING) -> Verdict:
        """As the port says; with what another store writes in the same transaction.

        Raises MemberErased where one of its checks fails, which only looks for that.
        """
        # The puts first and the counters last: PynamoDB tells failed conditions by their position.
        events = {id(event) for event in write.events}
        causes = [cause_item(cause, is_event=id(cause) in events) for cause in write.causes]
        entries = [entry_item(entry, is_event=id(entry) in events) for entry in write.entries]
        updates = []
        if write.stock is not None:
            change = take_stock if write.stock.units < 0 else give_stock_back
            updates.append(change(write.stock.reward_id, write.stock.shard))
        updates += [change_budget(change) for change in write.budgets]
        try:
            puts = [Put(item) for item in (*causes, *entries)]
            reached, left = _reached(write)
            here = [*beside.absent, *(still_here(member_id) for member_id in write.reach)]
            transact(
                [*beside.puts, *puts, *reached],
                [*updates, *beside.updates],
                deletes=left,
                absent=[*here, *_next_of_those_on_the_way(write)],
            )
        except Cancelled as cancelled:
            if any(cancelled.absent[: len(here)]):
                raise MemberErased from cancelled
            if any(cancelled.puts[: len(beside.puts) + len(causes)]):
                return Verdict.CAUSE_TAKEN
            if any(cancelled.puts) or any(cancelled.absent):
                observability.note("conflicts")
                return Verdict.ENTRY_TAKEN
            of_stock = 0 if write.stock is None else 1
            empty = cancelled.updates[of_stock : of_stock + len(write.budgets)]
            if any(empty) and not any(cancelled.updates[:of_stock]):
                return Verdict.BUDGET_EMPTY
            return Verdict.STOCK_EMPTY
        return Verdict.COMMITTED


def _reached(write: Write) -> tuple[list[Put], list[Delete]]:
    """What changes of who may write to a member; whoever was first on it was first on the
    account."""
    writes = [reach_writes(member_id, change) for member_id, change in write.reach.items()]
    puts = [put for put_all, _ in writes for put in put_all]
    return puts, [delete for _, deletes in writes for delete in deletes]


def _hint(sort_key: str) -> DueHint:
    day, _, account_id = sort_key.partition("#")
    return DueHint(date.fromisoformat(day), account_id)


def _next_of_those_on_the_way(write: Write) -> list[Absent]:
    """What would part an account from the one that stands in for it would stand there."""
    written = {entry.account_id for entry in write.entries}
    on_the_way = {step for entry in write.entries for step in entry.via if step[0] not in written}
    return [
        Absent(EntryItem, keys.account(account_id), keys.entry(seq + 1))
        for account_id, seq in sorted(on_the_way)
    ]
