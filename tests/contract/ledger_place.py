"""A ledger to try, real or fake, and one of everything that it can keep."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.entries import Entry, EntryKind, Why, next_entry, opening_entry
from chalicelib.domain.purchases import (
    Earned,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.redemptions import EndedAs, RedemptionEnd, RedemptionRecord
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from chalicelib.domain.traits import Traits
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.ledger_items import entry_item, traits_item
from chalicelib.storage.rewards import DynamoRewards
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import (
    Ledger,
    OperationRecord,
    Rewards,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import NOW, line, purchase

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger with the rewards whose stock it moves; `tag` makes ids that nobody else has."""

    ledger: Ledger
    rewards: Rewards
    open: Callable[[Entry], None]
    keep_traits: Callable[[str, Traits], None]
    tag: str


def _open(entry: Entry) -> None:
    transact([Put(entry_item(entry))])


def _keep_traits(account_id: str, traits: Traits) -> None:
    transact([Put(traits_item(account_id, traits))])


def in_dynamodb() -> Place:
    """The real ledger over the bound tables."""
    return Place(DynamoLedger(), DynamoRewards(), _open, _keep_traits, _new_tag())


def in_memory() -> Place:
    """The fake."""
    rewards = FakeRewards()
    fake = FakeLedger(rewards)
    return Place(fake, rewards, fake.open, fake.keep_traits, _new_tag())


def _new_tag() -> str:
    return f"contract{next(_numbers)}"


EARNED = Earned(12, 3, 2, 10, 3, 0, (Why("base", 12, 1250), Why("beäns", 0, 99)))
TAKEN = Taken(5, 1, 2, 2, 0, 8, 2, 2)
MUG = Reward("rwd_mug0000000", 1, "Mug", RewardKind.FREE_PRODUCT, 60, sku="mug")


def opened(place: Place, label: str = "mia") -> Entry:
    entry = opening_entry(f"mem_{place.tag}_{label}", AccountStatus.ACTIVE, NOW)
    place.open(entry)
    return entry


def following(head: Entry, points: int = 10, cause: str = "test") -> Entry:
    after = Account(lots=(Lot(None, head.account().available + points),))
    return next_entry(
        head, after, kind=EntryKind.ADJUST, cause=cause, now=NOW, why=(Why("base", points, 7),)
    )


def operation(place: Place, name: str) -> OperationRecord:
    return OperationRecord("test", f"{place.tag}-{name}", {"points": "abc"}, {"a": 1, "b": None})


def bought(place: Place, account_id: str | None) -> PurchaseRecord:
    bought = purchase("p-1", line("1", 1_250, category="beans"), line("2", 0), at=NOW)
    return PurchaseRecord(
        place.tag, account_id, NOW, bought, 1, EARNED, {"lines": "abc"}, b"0" * 16
    )


def returned(place: Place, number: int) -> ReturnRecord:
    return ReturnRecord(
        place.tag,
        number,
        f"r-{number}",
        NOW,
        ((0, 1, 250),),
        TAKEN,
        (Why("base", -5, -500),),
        {"amount_minor": "x"},
        b"1" * 16,
    )


def redeemed(place: Place, label: str = "one") -> RedemptionRecord:
    reward = replace(
        MUG,
        member_limit=2,
        member_limit_period=LimitPeriod.MONTH,
        tiers=frozenset({"gold"}),
        starts_at=NOW,
    )
    return RedemptionRecord(
        f"red_{place.tag}_{label}",
        "mem_1",
        NOW,
        NOW + timedelta(days=30),
        reward,
        60,
        (Lot(None, 60),),
        ("mug0000000", "2026-03"),
        0,
        40,
        {"reward_id": "abc"},
    )


def ended(place: Place, ended_as: EndedAs) -> RedemptionEnd:
    return RedemptionEnd(f"red_{place.tag}_one", ended_as, NOW, f"by-{ended_as}", 60, 0, 100)


def stocked(place: Place, *, stock: int, shards: int = 1) -> Reward:
    reward = replace(MUG, reward_id=f"rwd_{place.tag}", stock=stock, stock_shards=shards)
    assert place.rewards.put(reward, NOW) == "written"
    return reward
