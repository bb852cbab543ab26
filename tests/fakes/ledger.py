"""The ledger in memory: what `DynamoLedger` promises, without DynamoDB."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.due import shard_of
from chalicelib.domain.entries import Entry
from chalicelib.domain.purchases import (
    ClaimRecord,
    PurchaseEvent,
    PurchaseFile,
    PurchaseRecord,
    ReturnRecord,
)
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionFile, RedemptionRecord, SpentOn
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.returned import AwaitedPurchase, RefusedReturn, WaitingReturn
from chalicelib.domain.rewards import OnExpiry
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import (
    Cause,
    DueHint,
    DuePage,
    Head,
    OperationRecord,
    StockChange,
    StoreUnavailable,
    Verdict,
    VoucherRecord,
    Write,
)
from tests.fakes.audiences import FakeAudiences
from tests.fakes.offers import FakeOffers
from tests.fakes.rewards import FakeRewards

Key = tuple[str, ...]
Marked = Key | tuple[str, str, int]


class FakeLedger:
    """The `Ledger` port without a store. rewards: whose stock its writes move; offers: whose
    budgets.

    events: what stands for its operation, a cause by its key or an entry.
    lose_replies: so many of the next writes that land say nevertheless that it is unknown.
    refuse_writes: so many of the next writes do not land and say that it is unknown.
    due_page: how many hints a page of due accounts has.
    """

    def __init__(self, rewards: FakeRewards, offers: FakeOffers | None = None) -> None:
        self._rewards = rewards
        self.offers = offers or FakeOffers()
        self._lock = threading.Lock()
        self.accounts: dict[str, dict[int, Entry]] = {}
        self.traits: dict[str, Traits] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.causes: dict[Key, Cause] = {}
        self.events: set[Marked] = set()
        self.audiences = FakeAudiences()
        self.lose_replies = 0
        self.refuse_writes = 0
        self.due_page = 3

    def open(self, entry: Entry) -> None:
        """Put the first entry of an account in place, as enrolment does."""
        assert entry.account_id not in self.accounts, "the account is open already"
        self.accounts[entry.account_id] = {entry.seq: entry}
        self.events.add(("entry", entry.account_id, entry.seq))

    def keep_traits(self, account_id: str, traits: Traits) -> None:
        """Put a member's facts beside its account, as enrolment does. What it buys stays, while it
        lets somebody look at that."""
        self.traits[account_id] = traits
        if not traits.profiling:
            self.behaviours.pop(account_id, None)

    def head(self, account_id: str) -> Head | None:
        with self._lock:
            entries = self.accounts.get(account_id)
            if not entries:
                return None
            traits = self.traits.get(account_id, Traits())
            bought = self.behaviours.get(account_id)
            return Head(entries[max(entries)], traits, behaviour=bought)

    def entries(self, account_id: str, before: int | None, limit: int) -> list[Entry]:
        with self._lock:
            entries = self.accounts.get(account_id, {})
            newest_first = sorted(entries, reverse=True)
            return [entries[n] for n in newest_first if before is None or n < before][:limit]

    def entry(self, account_id: str, seq: int) -> Entry | None:
        with self._lock:
            return self.accounts.get(account_id, {}).get(seq)

    def purchase(self, name: str) -> PurchaseFile | AwaitedPurchase | None:
        with self._lock:
            keys = sorted(key for key in self.causes if key[:2] == ("purchase", name))
            found = [self.causes[key] for key in keys]
        record = next((cause for cause in found if isinstance(cause, PurchaseRecord)), None)
        if record is None:
            waiting = tuple(cause for cause in found if isinstance(cause, WaitingReturn))
            return AwaitedPurchase(name, waiting) if waiting else None
        if record.is_redacted:
            raise MemberErased
        file = PurchaseFile(record, tuple(e for e in found if isinstance(e, PurchaseEvent)))
        if len(file.waited) < len(file.waiting):
            raise StoreUnavailable("the returns of a purchase are a moment behind it")
        return file

    def redemption(self, redemption_id: str) -> RedemptionFile | None:
        with self._lock:
            record = self.causes.get(("redemption", redemption_id))
            end = self.causes.get(("end", redemption_id))
            spent_on = self.causes.get(("spent", redemption_id))
        if not isinstance(record, RedemptionRecord):
            return None
        assert end is None or isinstance(end, RedemptionEnd)
        assert spent_on is None or isinstance(spent_on, SpentOn)
        return RedemptionFile(record, end, spent_on)

    def voucher(self, name: str) -> VoucherRecord | None:
        record = self.causes.get(("voucher", name))
        return record if isinstance(record, VoucherRecord) else None

    def operation(self, kind: str, name: str) -> OperationRecord | None:
        record = self.causes.get(("operation", kind, name))
        return record if isinstance(record, OperationRecord) else None

    def due_redemptions(self, day: date, until: datetime) -> Iterator[str]:
        for record in list(self.causes.values()):
            if (
                isinstance(record, RedemptionRecord)
                and record.reward.on_expiry is OnExpiry.RETURN
                and record.expires_at.astimezone(UTC).date() == day
                and record.expires_at <= until
            ):
                yield record.redemption_id

    def due_accounts(
        self, shard: int, first: date | None, last: date, cursor: str | None
    ) -> DuePage:
        with self._lock:
            hints = {
                (str(entry.due_on), account_id)
                for account_id, entries in self.accounts.items()
                for entry in entries.values()
                if entry.due_on is not None and shard_of(account_id) == shard
            }
        start = (first.isoformat(), "") if first is not None else ("", "")
        after = tuple(cursor.split("#", 1)) if cursor is not None else ("", "")
        mine = sorted(h for h in hints if h >= start and h[0] <= str(last) and h > after)
        page = mine[: self.due_page]
        more = len(mine) > len(page)
        return DuePage(
            tuple(DueHint(date.fromisoformat(day), account_id) for day, account_id in page),
            "#".join(page[-1]) if more else None,
        )

    def commit(self, write: Write) -> Verdict:
        with self._lock:
            if self.refuse_writes:
                self.refuse_writes -= 1
                raise StoreUnavailable("not written, and nobody says so")
            verdict = self._verdict(write)
            if verdict is Verdict.COMMITTED:
                self._apply(write)
                if self.lose_replies:
                    self.lose_replies -= 1
                    raise StoreUnavailable("written, and nobody says so")
            return verdict

    def _verdict(self, write: Write) -> Verdict:
        if any(key_of(cause) in self.causes for cause in write.causes):
            return Verdict.CAUSE_TAKEN
        if any(entry.seq in self.accounts.get(entry.account_id, {}) for entry in write.entries):
            return Verdict.ENTRY_TAKEN
        on_the_way = {step for entry in write.entries for step in entry.via}
        if any(max(self.accounts[account_id]) != seq for account_id, seq in on_the_way):
            return Verdict.ENTRY_TAKEN
        if not all(self.audiences.follows(*change) for change in write.reach.items()):
            return Verdict.ENTRY_TAKEN
        if write.stock is not None and not self._in_stock(write.stock):
            return Verdict.STOCK_EMPTY
        if not all(map(self.offers.holds, write.budgets)):
            return Verdict.BUDGET_EMPTY
        return Verdict.COMMITTED

    def _in_stock(self, change: StockChange) -> bool:
        shards = self._rewards.left.get(change.reward_id, [])
        return change.shard < len(shards) and shards[change.shard] + change.units >= 0

    def _apply(self, write: Write) -> None:
        for cause in write.causes:
            self.causes[key_of(cause)] = cause
        for entry in write.entries:
            self.accounts.setdefault(entry.account_id, {})[entry.seq] = entry
        self.events |= {
            ("entry", event.account_id, event.seq) if isinstance(event, Entry) else key_of(event)
            for event in write.events
        }
        for change in write.reach.items():
            self.audiences.apply(*change)
        if write.stock is not None:
            self._rewards.left[write.stock.reward_id][write.stock.shard] += write.stock.units
        for budget in write.budgets:
            self.offers.apply(budget)


def key_of(cause: Cause) -> Key:
    """Where a record stands."""
    match cause:
        case PurchaseRecord() | ReturnRecord() | ClaimRecord() | WaitingReturn() | RefusedReturn():
            return ("purchase", cause.name, f"{cause.number:04d}")
        case RedemptionRecord():
            return ("redemption", cause.redemption_id)
        case RedemptionEnd():
            return ("end", cause.redemption_id)
        case SpentOn():
            return ("spent", cause.redemption_id)
        case VoucherRecord():
            return ("voucher", cause.name)
        case OperationRecord():
            return ("operation", cause.kind, cause.name)
