"""What tests of points need in one place: a program, callers, rewards, members and their ports.

A world has ids of its own, so that many worlds can share tables. Nothing here is random: a world
of the same name is the same world.
"""

import hashlib
import itertools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.entries import Entry, opening_entry
from chalicelib.domain.names import Namer
from chalicelib.domain.program import (
    EarningRate,
    EarningRule,
    Exclusions,
    Limits,
    Program,
    Rounding,
)
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.rewards import Reward, RewardKind, shards_for
from chalicelib.storage.behaviours import DynamoBehaviours
from chalicelib.storage.books import DynamoBooks
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.rewards import DynamoRewards
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.adjust_points import Adjusted, AdjustPoints, adjust_points
from chalicelib.usecases.ports import Ledger, Offers, Outcome, Patience, Ports, Rewards
from chalicelib.usecases.post_purchase import PostPurchase, PurchasePosted, post_purchase
from chalicelib.usecases.redeem_reward import RedeemReward, RedemptionIssued, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import (
    PurchaseReturned,
    Reply,
    ReturnPurchase,
    return_purchase,
)
from chalicelib.wiring import outside
from tests.fakes.anchors import FakeAnchors
from tests.fakes.announcements import FakeAnnouncements, FakeLetterQueue
from tests.fakes.audit import FakeAudit
from tests.fakes.behaviours import FakeBehaviours
from tests.fakes.books import FakeBooks
from tests.fakes.connections import FakeConnections, FakeRefusedQueue
from tests.fakes.duplicates import FakeDuplicates
from tests.fakes.exports import FakeExportFiles, FakeExportQueue, FakeExports
from tests.fakes.ledger import FakeLedger
from tests.fakes.offer_measures import FakeOfferMeasures
from tests.fakes.offers import FakeOffers
from tests.fakes.products import FakeProducts
from tests.fakes.programs import FakePrograms
from tests.fakes.reconciliations import FakeReconciliations
from tests.fakes.reviews import FakeReviews
from tests.fakes.rewards import FakeRewards
from tests.fakes.segments import FakeSegments
from tests.fakes.snapshot_queue import FakeSnapshotQueue

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
NAMING_SECRET = bytes(range(32))

TILL = Caller(CallerKind.CHECKOUT, "till-berlin", CHECKOUT_SCOPES, "key_berlin")
OTHER_TILL = Caller(CallerKind.CHECKOUT, "till-hamburg", CHECKOUT_SCOPES, "key_hamburg")
ANNA = Caller(CallerKind.STAFF, "staff:anna", GROUP_SCOPES["support"], "anna")
BEN = Caller(CallerKind.STAFF, "staff:ben", GROUP_SCOPES["support"], "ben")

PROGRAM = Program(
    version=1,
    name="Beans and leaves",
    zone="Europe/Berlin",
    currency="EUR",
    base=EarningRate(1, 100),
    rounding=Rounding.FLOOR,
    rules=(
        EarningRule("beans", "Coffee beans", EarningRate(1, 100), categories=frozenset({"beans"})),
        EarningRule("kronos", "Kronos cups", EarningRate(3, 250), brands=frozenset({"kronos"})),
    ),
    excluded=Exclusions(categories=frozenset({"gift_cards"}), tenders=frozenset({"gift_card"})),
    limits=Limits(adjustment_without_approval=500, late_purchase_days=800),
)
"""1 point a euro, beans double, a brand at an odd rate, gift cards earn nothing."""


class _Absent:
    """Stands for a port that tests of points never touch."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"points have nothing to do with {name}")


def seeded_entropy(seed: str) -> Callable[[int], bytes]:
    """Bytes that look random, the same for the same seed; safe to call from many threads."""
    count = itertools.count()
    lock = threading.Lock()

    def some(length: int) -> bytes:
        with lock:
            number = next(count)
        return hashlib.shake_256(f"{seed}/{number}".encode()).digest(length)

    return some


class PatientSeconds:
    """A clock that moves only when somebody waits, so that waiting takes no time. For one thread
    alone: where many wait, each uses up the patience of all."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        return self._now

    def pause(self, seconds: float) -> None:
        self._now += seconds


def unhurried() -> Patience:
    """Full patience that passes at once."""
    seconds = PatientSeconds()
    return Patience(monotonic=seconds.monotonic, pause=seconds.pause, jitter=lambda: 0.5)


def brisk() -> Patience:
    """Patience by this machine's clock with pauses so short that many threads are soon through."""
    return replace(outside.patience(), first_ms=2, most_ms=30, limit_ms=30_000)


def ports_over(
    ledger: Ledger,
    rewards: Rewards,
    *,
    seed: str,
    patience: Patience | None = None,
    offers: Offers | None = None,
) -> Ports:
    """Ports for tests of points: these stores, one program in memory, nothing else. Without
    `offers` there are none, whatever other worlds have launched in the same tables."""
    absent = cast(Any, _Absent())
    return Ports(
        ledger=ledger,
        people=absent,
        roll=absent,
        audiences=absent,
        programs=FakePrograms(PROGRAM),
        rewards=rewards,
        offers=offers or FakeOffers(),
        products=FakeProducts(),
        measures=FakeOfferMeasures(),
        surveys=absent,
        segments=FakeSegments(),
        announcements=FakeAnnouncements(),
        letter_queue=FakeLetterQueue(),
        interactions=absent,
        behaviours=(
            FakeBehaviours(ledger) if isinstance(ledger, FakeLedger) else DynamoBehaviours()
        ),
        books=FakeBooks(ledger) if isinstance(ledger, FakeLedger) else DynamoBooks(),
        reconciliations=FakeReconciliations(),
        roots=FakeAnchors(),
        cards=absent,
        payment_methods=absent,
        keys=absent,
        connections=FakeConnections(),
        refused=FakeRefusedQueue(),
        captcha=absent,
        messages=absent,
        notices=absent,
        duplicates=FakeDuplicates(),
        reviews=FakeReviews(),
        allowances=absent,
        audit=FakeAudit(),
        imports=absent,
        import_files=absent,
        import_queue=absent,
        erasures=absent,
        eraser=absent,
        erase_queue=absent,
        exports=FakeExports(),
        export_files=FakeExportFiles(),
        export_queue=FakeExportQueue(),
        snapshots=absent,
        snapshot_queue=FakeSnapshotQueue(),
        queries=absent,
        webhooks=absent,
        public_url="https://api.stampbook.test",
        namer=Namer(NAMING_SECRET),
        entropy=seeded_entropy(seed),
        patience=patience or unhurried(),
    )


def line(
    line_id: str = "1",
    amount_minor: int = 1_000,
    *,
    quantity: int = 1,
    category: str | None = None,
    brand: str | None = None,
    sku: str = "sku-1",
) -> Line:
    """A line of a purchase."""
    return Line(line_id, sku, quantity, amount_minor, category, brand)


def purchase(
    purchase_id: str,
    *lines: Line,
    at: datetime = NOW,
    tenders: tuple[Tender, ...] = (),
) -> Purchase:
    """A purchase of these lines."""
    return Purchase(purchase_id, at, PROGRAM.currency, lines, tenders)


@dataclass(frozen=True, slots=True)
class World:
    """A corner of the ledger with ids of its own. open_account: puts a first entry in place."""

    name: str
    ports: Ports
    open_account: Callable[[Entry], None]

    def member(
        self, label: str = "mia", *, status: AccountStatus = AccountStatus.ACTIVE, points: int = 0
    ) -> str:
        """A new member's id; points it has by a purchase of as many euros."""
        member_id = f"mem_{self.name}_{label}"
        self.open_account(opening_entry(member_id, status, NOW))
        if points:
            self.buy(f"start-{label}", member_id, points * 100)
        return member_id

    def reward(self, label: str = "mug", *, points: int = 60, **changes: Any) -> Reward:
        """A new reward; `changes` are fields of Reward."""
        reward = Reward(
            reward_id=f"rwd_{label[:2]}{self.name}{label}",
            version=1,
            name=label,
            kind=RewardKind.FREE_PRODUCT,
            points=points,
            sku="mug",
        )
        reward = replace(reward, **changes)
        if reward.stock is not None:
            reward = replace(
                reward, stock_shards=changes.get("stock_shards") or shards_for(reward.stock)
            )
        assert self.ports.rewards.put(reward, NOW) == "written"
        return reward

    def purchase_id(self, label: str) -> str:
        """An id of this world's own."""
        return f"{self.name}-{label}"

    def buy(
        self, label: str, member_id: str | None, *amounts_minor: int
    ) -> Outcome[PurchasePosted]:
        """Post a purchase with a plain line of each amount."""
        return self._post(label, member_id, amounts_minor, ())

    def pay(
        self, label: str, member_id: str, redemption_id: str, *amounts_minor: int
    ) -> Outcome[PurchasePosted]:
        """Post a purchase that a redemption paid for."""
        tenders = (Tender("points", 0, redemption_id),)
        return self._post(label, member_id, amounts_minor, tenders)

    def _post(
        self,
        label: str,
        member_id: str | None,
        amounts_minor: tuple[int, ...],
        tenders: tuple[Tender, ...],
    ) -> Outcome[PurchasePosted]:
        lines = [line(str(n), amount) for n, amount in enumerate(amounts_minor, start=1)]
        member = MemberId(member_id) if member_id is not None else None
        bought = purchase(self.purchase_id(label), *lines, tenders=tenders)
        return post_purchase(self.ports, TILL, PostPurchase(bought, member), NOW)

    def send_back(self, label: str, return_id: str, amount_minor: int) -> Outcome[Reply]:
        """Return an amount of a purchase, whether it has come or not."""
        command = ReturnPurchase(self.purchase_id(label), return_id, amount_minor)
        return return_purchase(self.ports, TILL, command, NOW)

    def give_back(self, label: str, return_id: str, amount_minor: int) -> Outcome[PurchaseReturned]:
        """Return an amount of a purchase that has come."""
        outcome = self.send_back(label, return_id, amount_minor)
        assert isinstance(outcome.answer, PurchaseReturned)
        return Outcome(outcome.answer, outcome.replayed)

    def redeem(self, member_id: str, reward: Reward, key: str) -> Outcome[RedemptionIssued]:
        """Redeem a reward under a key."""
        command = RedeemReward(member_id, reward.reward_id, None, f"{self.name}-{key}")
        return redeem_reward(self.ports, TILL, command, NOW)

    def adjust(self, member_id: str, points: int, key: str) -> Outcome[Adjusted]:
        """Let Anna adjust points under a key."""
        command = AdjustPoints(member_id, points, "goodwill", False, f"{self.name}-{key}")
        return adjust_points(self.ports, ANNA, command, NOW)

    def available(self, member_id: str) -> int:
        """Points the member can spend."""
        head = self.ports.ledger.head(member_id)
        assert head is not None
        return head.entry.account().available


def fake_world(name: str = "w") -> tuple[World, FakeLedger]:
    """A world in memory, and its ledger."""
    rewards = FakeRewards()
    ledger = FakeLedger(rewards)
    ports = ports_over(ledger, rewards, seed=name, offers=ledger.offers)
    return World(name, ports, ledger.open), ledger


def dynamo_world(
    name: str, *, patience: Patience | None = None, offers: Offers | None = None
) -> World:
    """A world on the bound tables; `name` must be new to them. offers: as in `ports_over`."""
    ports = ports_over(
        DynamoLedger(), DynamoRewards(), seed=name, patience=patience or brisk(), offers=offers
    )
    return World(name, ports, lambda entry: transact([Put(entry_item(entry))]))


_numbers = itertools.count(1)


def new_name(label: str) -> str:
    """A world's name that no other world of this process has."""
    return f"{label}{next(_numbers)}x{os.getpid()}"
