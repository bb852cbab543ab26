"""What an operation costs: calls to DynamoDB, its units, and time here and on MiniStack.

Units are what DynamoDB bills; milliseconds depend on the machine and tell only operations apart.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from pynamodb.connection import Connection

from bench.installation import installation
from bench.tables import show
from chalicelib.usecases.end_redemption import use_redemption
from chalicelib.usecases.read_account import read_account
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
    issued = [world.redeem(member_id, reward, f"use-{n}").answer.record for n in range(ROUNDS)]
    small, large = [499] * 5, [499] * 20

    def use(number: int) -> object:
        redemption_id = issued[number].redemption_id
        return use_redemption(world.ports, TILL, redemption_id, f"u-{number}", NOW)

    operations: dict[str, Callable[[int], object]] = {
        "purchase of 5 lines": lambda n: world.buy(f"five-{n}", member_id, *small),
        "purchase of 20 lines": lambda n: world.buy(f"twenty-{n}", member_id, *large),
        "the same purchase again": lambda n: world.buy(f"five-{n}", member_id, *small),
        "part of it returned": lambda n: world.give_back(f"five-{n}", "r", 499),
        "balance": lambda _: read_account(world.ports, member_id, NOW),
        "redemption": lambda n: world.redeem(member_id, reward, f"redeem-{n}"),
        "its use": use,
    }
    return {name: _cost(connection, act) for name, act in operations.items()}


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
