"""Measures every operation and writes docs/costs.md: `python -m bench.costs`, or `make costs`.

Units are exact; milliseconds are those of this machine's processor, to a tenth.
"""

import statistics
from collections.abc import Mapping

from bench.installation import installation
from bench.operations import Cost, measured
from infrastructure import costs
from infrastructure.costs import Operation
from tests.ledger_world import dynamo_world

ROUNDS = 50


def run() -> None:
    """Measure and write."""
    with installation() as bench:
        found = operations(measured(bench.connection, dynamo_world("costs"), ROUNDS))
    costs.MEASURED.write_text(costs.written(found), encoding="utf-8")
    costs.main([])


def operations(found: Mapping[str, Cost]) -> list[Operation]:
    """What was measured, as the page takes it: medians."""
    return [_operation(name, cost) for name, cost in found.items()]


def _operation(name: str, cost: Cost) -> Operation:
    return Operation(
        name=name,
        calls=statistics.median(len(meter.calls) for meter in cost.meters),
        write_units=statistics.median(meter.write_units for meter in cost.meters),
        read_units=statistics.median(meter.read_units for meter in cost.meters),
        processor_ms=round(statistics.median(cost.processor_seconds) * 1000, 1),
    )


if __name__ == "__main__":
    run()
