"""What an operation costs: calls to DynamoDB, its units, and time here and on MiniStack.

Units are what DynamoDB bills; milliseconds depend on the machine and tell only operations apart.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from pynamodb.connection import Connection

from bench.installation import installation
from bench.tables import show
from chalicelib.domain.account import Account, Lot
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from chalicelib.usecases.ports import Write
from chalicelib.usecases.read_account import read_account
from infrastructure.local.demo_shop import PROGRAM as DEMO_SHOP
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.ledger_world import NOW, TILL, World, dynamo_world
from tests.metered import Meter, metered

ROUNDS = 100
WRITE_UNIT_DOLLARS, READ_UNIT_DOLLARS = 0.625e-6, 0.125e-6  # us-east-1, on demand


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one operation: the cost of each round."""

    meters: list[Meter]
    seconds: list[float]
    processor_seconds: list[float]

    def row(self, name: str) -> list[str]:
        """A line of the table: medians."""
        writes = statistics.median(meter.write_units for meter in self.meters)
        reads = statistics.median(meter.read_units for meter in self.meters)
        dollars = (writes * WRITE_UNIT_DOLLARS + reads * READ_UNIT_DOLLARS) * 1_000_000
        return [
            name,
            f"{statistics.median(len(meter.calls) for meter in self.meters):.0f}",
            f"{writes:.0f}",
            f"{reads:.0f}",
            f"{dollars:.2f}",
            f"{statistics.median(self.seconds) * 1000:.1f}",
            f"{statistics.median(self.processor_seconds) * 1000:.1f}",
        ]


def run() -> None:
    """Measure and print."""
    with installation() as bench:
        costs = _costs(bench.connection, dynamo_world("bench"))
    heads = ["operation", "calls", "write units", "read units", "$ a million", "ms", "our ms"]
    rows = [cost.row(name) for name, cost in costs.items()]
    show(f"Operations on DynamoDB, median of {ROUNDS}", heads, rows)


def _costs(connection: Connection, world: World) -> dict[str, Cost]:
    member_id = world.member(points=1_000_000)
    reward = world.reward(points=60, stock=1_000_000)
    issued = [
        world.redeem(member_id, reward, f"end-{n}").answer.record.redemption_id
        for n in range(2 * ROUNDS)
    ]
    quiet = [_with_expired_points(world, f"quiet{n}") for n in range(ROUNDS)]
    _switch_to_the_demo_shops_program(world)
    small, large = [499] * 5, [499] * 20

    def use(number: int) -> object:
        return use_redemption(world.ports, TILL, issued[number], f"u-{number}", NOW)

    def cancel(number: int) -> object:
        redemption_id = issued[ROUNDS + number]
        return cancel_redemption(world.ports, TILL, redemption_id, f"c-{number}", NOW)

    operations: dict[str, Callable[[int], object]] = {
        "purchase of 5 lines": lambda n: world.buy(f"five-{n}", member_id, *small),
        "purchase of 20 lines": lambda n: world.buy(f"twenty-{n}", member_id, *large),
        "the same purchase again": lambda n: world.buy(f"five-{n}", member_id, *small),
        "part of it returned": lambda n: world.give_back(f"five-{n}", "r", 499),
        "purchase after points expired": lambda n: world.buy(f"q-{n}", quiet[n], *small),
        "balance": lambda _: read_account(world.ports, member_id, NOW),
        "redemption": lambda n: world.redeem(member_id, reward, f"redeem-{n}"),
        "its use": use,
        "another's cancellation": cancel,
        "adjustment": lambda n: world.adjust(member_id, 5, f"a-{n}"),
    }
    return {name: _cost(connection, act) for name, act in operations.items()}


def _with_expired_points(world: World, label: str) -> str:
    """A member whose points had their last day a while ago, and who has not been seen since."""
    member_id = world.member(label)
    head = world.ports.ledger.head(member_id)
    assert head is not None
    after = Account(lots=(Lot(NOW.date() - timedelta(days=9), 50), Lot(None, 10)))
    entry = next_entry(head.entry, after, kind=EntryKind.ADJUST, cause="bench", now=head.entry.at)
    world.ports.ledger.commit(Write((), (entry,)))
    return member_id


def _switch_to_the_demo_shops_program(world: World) -> None:
    """Points that wait and expire, and tiers."""
    world.ports.programs.add(replace(DEMO_SHOP, version=2), FROM_THE_BEGINNING)
    world.ports.programs.activate(2, FROM_THE_BEGINNING)


def _cost(connection: Connection, act: Callable[[int], object]) -> Cost:
    cost = Cost([], [], [])
    for number in range(ROUNDS):
        with metered(connection) as meter:
            began, began_processor = time.perf_counter(), time.process_time()
            act(number)
            cost.seconds.append(time.perf_counter() - began)
            cost.processor_seconds.append(time.process_time() - began_processor)
        cost.meters.append(meter)
    return cost
