"""What each operation costs of DynamoDB, and how long it takes beside a purchase of five lines.

Units are DynamoDB's own figures, which do not depend on this machine; milliseconds are of the local
engine, so only their ratios, taken in one run, say anything.
"""

import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from pynamodb.connection import Connection

from bench.tables import show
from chalicelib.settings import Settings
from chalicelib.storage import tables
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.resolve_member import MemberId
from infrastructure.local import ministack, resources
from tests.conftest import IDENTITY, SECRET
from tests.ledger_world import NOW, TILL, World, dynamo_world, line, purchase

RUNS = 30
_BASE = "purchase, 5 lines"


@dataclass(slots=True)
class Cost:
    """What the runs of one operation took, by run."""

    calls: list[int] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def run() -> None:
    """Measure and print."""
    with ministack.running() as local:
        os.environ.update(local.environment())
        settings = Settings.read(resources.create("bench", SECRET).environment() | IDENTITY)
        costs = _measure(tables.bind(settings))
    base = statistics.median(costs[_BASE].seconds)
    rows = [
        [
            name,
            *(f"{statistics.median(v):g}" for v in (cost.calls, cost.writes, cost.reads)),
            f"{statistics.median(cost.seconds) / base:.2f}",
        ]
        for name, cost in costs.items()
    ]
    heads = ["operation", "calls", "write units", "read units", "time, purchase = 1"]
    show(f"What an operation takes of DynamoDB, median of {RUNS}", heads, rows)


def _measure(connection: Connection) -> dict[str, Cost]:
    world = dynamo_world("bench")
    member = world.member(points=RUNS * 100)
    costs: dict[str, Cost] = {}
    for number in range(RUNS):
        for name, operation in _operations(world, member, number):
            with _measured(connection, costs.setdefault(name, Cost())):
                operation()
    return costs


def _operations(
    world: World, member: str, number: int
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each operation once, in an order in which each finds what it needs."""

    def buy(lines: int, for_member: bool = True) -> Callable[[], object]:
        rows = [
            line(f"line-{n}", 400, category="coffee-beans", brand="kronos", sku=f"SKU-{n:06d}")
            for n in range(lines)
        ]
        made = purchase(f"purchase-{lines}-{for_member}-{number}", *rows)
        command = PostPurchase(made, MemberId(member) if for_member else None)
        return lambda: post_purchase(world.ports, TILL, command, NOW)

    free, scarce = _rewards(world, number)
    yield _BASE, buy(5)
    yield "the same again (a replay)", buy(5)
    yield "purchase, 20 lines", buy(20)
    yield "purchase without a member", buy(5, for_member=False)
    guest = f"purchase-5-False-{number}"
    yield "claim", lambda: claim_purchase(world.ports, TILL, guest, MemberId(member), NOW)
    world.buy(f"b{number}", member, 5_000)
    yield "return", lambda: world.give_back(f"b{number}", "r", 1_000)
    yield "redemption", lambda: world.redeem(member, free, f"f{number}")
    yield "redemption, limited stock", lambda: world.redeem(member, scarce, f"s{number}")
    used = world.redeem(member, free, f"f{number}").answer.record.redemption_id
    undone = world.redeem(member, scarce, f"s{number}").answer.record.redemption_id
    yield "use", lambda: use_redemption(world.ports, TILL, used, "k", NOW)
    yield "cancel, limited stock", lambda: cancel_redemption(world.ports, TILL, undone, "k", NOW)
    yield "adjustment", lambda: world.adjust(member, 5, f"a{number}")
    yield "balance", lambda: read_account(world.ports, member, NOW)


def _rewards(world: World, number: int) -> tuple[Any, Any]:
    return (
        world.reward(f"free{number}", points=5),
        world.reward(f"scarce{number}", points=5, stock=10),
    )


@contextmanager
def _measured(connection: Connection, cost: Cost) -> Iterator[None]:
    answers: list[dict[str, Any]] = []

    def note(parsed: dict[str, Any], **_: object) -> None:
        answers.append(parsed)

    events = connection.client.meta.events
    events.register("after-call.dynamodb", note)
    began = perf_counter()
    try:
        yield
    finally:
        cost.seconds.append(perf_counter() - began)
        events.unregister("after-call.dynamodb", note)
    used = [_consumed(parsed) for parsed in answers]
    cost.calls.append(len(answers))
    cost.writes.append(sum(writes for writes, _ in used))
    cost.reads.append(sum(reads for _, reads in used))


def _consumed(parsed: dict[str, Any]) -> tuple[float, float]:
    """(write units, read units) of one answer; only transactions write here."""
    capacity = parsed.get("ConsumedCapacity", [])
    if isinstance(capacity, dict):
        return 0, capacity["CapacityUnits"]
    return sum(table["WriteCapacityUnits"] for table in capacity), 0
