"""What an operation costs: calls to DynamoDB, its units, and time here and on MiniStack.

Units are what DynamoDB bills; milliseconds depend on the machine and tell only operations apart.
"""

import statistics
import time
from dataclasses import dataclass

from pynamodb.connection import Connection

from bench.acts import Act, Counter
from bench.installation import installation
from bench.tables import show
from infrastructure import prices
from tests.ledger_world import World, dynamo_world
from tests.metered import Meter, metered

ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one operation: the cost of each round."""

    meters: list[Meter]
    seconds: list[float]
    processor_seconds: list[float]

    def billed(self) -> tuple[str, str, str, str]:
        """What DynamoDB does for it and bills, medians: calls, write units, read units, and the
        dollars that a million of it cost."""
        calls = statistics.median(len(meter.calls) for meter in self.meters)
        writes = statistics.median(meter.write_units for meter in self.meters)
        reads = statistics.median(meter.read_units for meter in self.meters)
        dollars = (writes * prices.WRITE_UNIT + reads * prices.READ_UNIT) * 1_000_000
        return f"{calls:.0f}", f"{writes:.0f}", f"{reads:.0f}", f"{dollars:.2f}"

    def taken(self) -> tuple[str, str]:
        """Milliseconds, and those of our own processor, medians."""
        seconds = statistics.median(self.seconds), statistics.median(self.processor_seconds)
        return f"{seconds[0] * 1000:.1f}", f"{seconds[1] * 1000:.1f}"


def run() -> None:
    """Measure and print."""
    with installation() as bench:
        costs = measured(bench.connection, dynamo_world("bench"), ROUNDS)
    heads = ["operation", "calls", "write units", "read units", "$ a million", "ms", "our ms"]
    rows = [[name, *cost.billed(), *cost.taken()] for name, cost in costs.items()]
    show(f"Operations on DynamoDB, median of {ROUNDS}", heads, rows)


def measured(connection: Connection, world: World, rounds: int) -> dict[str, Cost]:
    """What each operation costs, by what it is called."""
    acts = Counter(world, rounds).acts()
    return {name: _cost(connection, act, rounds) for name, act in acts.items()}


def _cost(connection: Connection, act: Act, rounds: int) -> Cost:
    cost = Cost([], [], [])
    for number in range(rounds):
        with metered(connection) as meter:
            began, began_processor = time.perf_counter(), time.process_time()
            act(number)
            cost.seconds.append(time.perf_counter() - began)
            cost.processor_seconds.append(time.process_time() - began_processor)
        cost.meters.append(meter)
    return cost


if __name__ == "__main__":
    run()
