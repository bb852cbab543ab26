"""What the README and docs/costs.md say that operations cost is what they cost."""

from pathlib import Path

from pynamodb.connection import Connection

from bench.costs import operations
from bench.operations import measured
from infrastructure import costs as page
from tests.ledger_world import dynamo_world, new_name

README = Path(__file__).parents[2] / "README.md"
ROUNDS = 3


def _told() -> list[list[str]]:
    """The rows of the README's table of costs."""
    lines = README.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| operation | calls |"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_readme_tells_what_each_operation_costs(connection: Connection) -> None:
    costs = measured(connection, dynamo_world(new_name("readme")), ROUNDS)
    found = [[name, *cost.billed()] for name, cost in costs.items()]
    assert _told() == found, "\n".join(f"| {' | '.join(row)} |" for row in found)
    units = [(one.name, one.calls, one.write_units, one.read_units) for one in operations(costs)]
    told = [(one.name, one.calls, one.write_units, one.read_units) for one in page.read()]
    assert told == units, "make costs"
