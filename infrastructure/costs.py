"""What operations and shops cost, as a page for people: `python -m infrastructure.costs` writes
docs/costs.md from what `make costs` measured last, and from the assumptions here.

With `--check` it writes nothing and fails when the page is not the current one. Measures nothing.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infrastructure import prices

PATH = Path(__file__).parents[1] / "docs" / "costs.md"
MEASURED = Path(__file__).with_name("measured_costs.json")

# --- assumptions ----------------------------------------------------------------------------------

PROCESSOR_SHARE = (
    1024 / 1769
)  # of a processor, that Lambda gives to the memory of the API's function
MEMORY_GB = 1.0
CALL_MS = 6.0  # that a call to DynamoDB lets a function wait
HTTP_MS = 2.0  # of a processor, to read a request and to answer it
LOG_BYTES = 900  # of the one line of a request, with CloudWatch's own
WORKER_MS, WORKER_GB, RECORDS_A_BATCH = 150.0, 0.5, 10
KEPT_BYTES = 1024  # at most, for each two write units: a transaction takes two a KB

BEHIND = ("relay", "follow")
"""The workers that see each record of the ledger."""

WORKERS_OWN = frozenset({"imported row of history", "imported balance", "the daily worker's entry"})
"""Done by no request."""

MONTHLY: Mapping[str, float] = {
    "purchase of 5 lines": 2.0,
    "part of it returned": 0.04,
    "balance": 4.0,
    "redemption": 0.2,
    "its use": 0.2,
    "the daily worker's entry": 0.1,
}
"""How often a member does each in a month, on the average of all who ever joined."""

SHOPS = (10_000, 1_000_000, 50_000_000)
YEARS_KEPT = 3


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as it was measured: calls of DynamoDB, units that it bills, milliseconds of a
    processor without HTTP."""

    name: str
    calls: float
    write_units: float
    read_units: float
    processor_ms: float

    @property
    def is_request(self) -> bool:
        """Whether somebody asks for it over HTTP."""
        return self.name not in WORKERS_OWN

    @property
    def milliseconds(self) -> float:
        """That the function takes for it, waiting for DynamoDB included."""
        http = HTTP_MS if self.is_request else 0.0
        return (self.processor_ms + http) / PROCESSOR_SHARE + self.calls * CALL_MS

    @property
    def tables(self) -> float:
        """Dollars, for the tables."""
        return self.write_units * prices.WRITE_UNIT + self.read_units * prices.READ_UNIT

    @property
    def function(self) -> float:
        """Dollars, for the function and its log line."""
        seconds = self.milliseconds / 1000
        used = seconds * MEMORY_GB * prices.LAMBDA_GB_SECOND
        if not self.is_request:
            return used
        return used + prices.LAMBDA_REQUEST + LOG_BYTES / 1e9 * prices.LOG_GB

    @property
    def behind(self) -> float:
        """Dollars, for what is told of it: its event, and the workers that see its records."""
        if not self.write_units:
            return 0.0
        records = self.write_units / 2
        seconds = WORKER_MS / 1000 / RECORDS_A_BATCH
        worker = prices.LAMBDA_REQUEST / RECORDS_A_BATCH
        worker += seconds * WORKER_GB * prices.LAMBDA_GB_SECOND
        return prices.EVENT + records * len(BEHIND) * worker

    def total(self, request: float) -> float:
        """Dollars in all. request: what the API asks for one."""
        asked = request if self.is_request else 0.0
        return self.tables + self.function + self.behind + asked


def read() -> tuple[Operation, ...]:
    """What was measured last."""
    return tuple(Operation(**row) for row in json.loads(MEASURED.read_text(encoding="utf-8")))


def written(operations: Iterable[Operation]) -> str:
    """What `read` reads."""
    rows = [
        {
            "name": one.name,
            "calls": one.calls,
            "write_units": one.write_units,
            "read_units": one.read_units,
            "processor_ms": one.processor_ms,
        }
        for one in operations
    ]
    return json.dumps(rows, indent=1) + "\n"


# --- the page -------------------------------------------------------------------------------------


def page(operations: Iterable[Operation]) -> str:
    """The whole page."""
    by_name = {one.name: one for one in operations}
    purchase = by_name["purchase of 5 lines"]
    parts = [
        _HEAD,
        _table(_OPERATIONS, [_operation(one) for one in by_name.values()]),
        _PURCHASES,
        _table(("", "REST API", "HTTP API"), _thousand(purchase)),
        _SHOPS.format(years=YEARS_KEPT),
        _table(_SHOP_HEADS, [_shop(by_name, members) for members in SHOPS]),
        _ASSUMPTIONS.format(**_figures()),
        _table(("operation", "a member and month"), [(n, f"{o:g}") for n, o in MONTHLY.items()]),
    ]
    return "\n".join(parts)


def _operation(one: Operation) -> tuple[str, ...]:
    figures = (one.tables, one.function + one.behind, one.total(prices.REST_REQUEST))
    cells = [f"{dollars * 1e6:.2f}" for dollars in (*figures, one.total(prices.HTTP_REQUEST))]
    units = (f"{one.write_units:g}", f"{one.read_units:g}", f"{one.milliseconds:.0f}")
    return one.name, *units, *cells


def _thousand(one: Operation) -> list[tuple[str, ...]]:
    rows: list[tuple[str, float, float]] = [
        ("tables", one.tables, one.tables),
        ("function and log", one.function, one.function),
        ("event and the workers behind it", one.behind, one.behind),
        ("the API's request", prices.REST_REQUEST, prices.HTTP_REQUEST),
        ("in all", one.total(prices.REST_REQUEST), one.total(prices.HTTP_REQUEST)),
    ]
    return [(name, f"{rest * 1e3:.4f}", f"{http * 1e3:.4f}") for name, rest, http in rows]


def _shop(by_name: Mapping[str, Operation], members: int) -> tuple[str, ...]:
    often = [(by_name[name], times * members) for name, times in MONTHLY.items()]
    stored = _stored_gb(by_name, members) * (prices.STORED_GB_MONTH + prices.RESTORABLE_GB_MONTH)
    rest, http = (
        sum(one.total(request) * times for one, times in often)
        for request in (prices.REST_REQUEST, prices.HTTP_REQUEST)
    )
    purchases = MONTHLY["purchase of 5 lines"] * members
    sums = (rest, http, stored, rest + stored, http + stored)
    return f"{members:,}", f"{purchases:,.0f}", *(f"{dollars:,.2f}" for dollars in sums)


def _stored_gb(by_name: Mapping[str, Operation], members: int) -> float:
    """GB in the tables after the years, at most: nothing of the ledger is ever removed."""
    units = sum(by_name[name].write_units * times for name, times in MONTHLY.items())
    return units / 2 * KEPT_BYTES * members * 12 * YEARS_KEPT / 1e9


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(heads)
    lines = [names, ["---", *["---:"] * (len(names) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _figures() -> dict[str, str]:
    return {
        "share": f"{PROCESSOR_SHARE:.0%}",
        "memory": f"{MEMORY_GB:g}",
        "call": f"{CALL_MS:g}",
        "http": f"{HTTP_MS:g}",
        "log": f"{LOG_BYTES}",
        "worker": f"{WORKER_MS:g}",
        "batch": f"{RECORDS_A_BATCH}",
        "kept": f"{KEPT_BYTES}",
        "write": f"{prices.WRITE_UNIT * 1e6:g}",
        "read": f"{prices.READ_UNIT * 1e6:g}",
        "rest": f"{prices.REST_REQUEST * 1e6:.2f}",
        "http_request": f"{prices.HTTP_REQUEST * 1e6:.2f}",
        "lambda_request": f"{prices.LAMBDA_REQUEST * 1e6:.2f}",
        "second": f"{prices.LAMBDA_GB_SECOND:.7f}",
        "log_gb": f"{prices.LOG_GB:.2f}",
        "event": f"{prices.EVENT * 1e6:.2f}",
        "stored": f"{prices.STORED_GB_MONTH:.2f}",
        "restorable": f"{prices.RESTORABLE_GB_MONTH:.2f}",
    }


_OPERATIONS = (
    "operation",
    "write units",
    "read units",
    "ms",
    "tables",
    "function, log, event",
    "in all, REST API",
    "in all, HTTP API",
)
_SHOP_HEADS = (
    "members",
    "purchases a month",
    "requests, REST API",
    "requests, HTTP API",
    "stored",
    "in all, REST API",
    "in all, HTTP API",
)

_HEAD = """\
# What it costs

Written by `make costs`, which measures every operation on the local AWS and puts prices and
assumptions to it; `make check` fails when the page is not the one of the last measurement, and a
test measures the units anew. All prices are dollars, in us-east-1, on demand, without free tiers.

## A million of each operation

Units are those that DynamoDB bills. Milliseconds are what the function takes: those of its
processor as measured, at the share of one that it has, and the assumed wait for DynamoDB.
"""

_PURCHASES = """
## 1,000 purchases of five lines
"""

_SHOPS = """
## Shops, by their members

Dollars a month: what the members do, as assumed below, and the tables after {years} years of it.
"""

_ASSUMPTIONS = """
## Assumptions

- Prices: a million write units {write}, read units {read}, REST API requests {rest}, HTTP API
  requests {http_request}, Lambda requests {lambda_request}, events {event}; a GB-second of Lambda
  on arm64 {second}; a GB of logs {log_gb}; a GB-month of tables {stored}, and {restorable} to have
  them restorable to any second. Look at AWS's own lists before you sign anything.
- The API's function has {memory} GB, and with it {share} of a processor. A call to DynamoDB lets it
  wait {call} ms; a request takes {http} ms of a processor for HTTP; its log line is {log} bytes.
- Two workers see each record of the ledger, {batch} at a time in {worker} ms at half a GB; each
  operation that writes is one event on the bus. What they write themselves for members who let
  their purchases be counted, letters, webhooks and their deliveries are not in it.
- Each two write units keep at most {kept} bytes, for ever: the ledger forgets nothing.
- Not in it: starts of functions, traffic out, and what does not grow with members (keys, secret,
  alarms, dashboard, the firewall of the REST API), some tens of dollars a month and stage.
- What members do, on the average of all who ever joined:
"""


def main(arguments: list[str]) -> int:
    """The process's exit code."""
    current = page(read())
    if arguments == ["--check"]:
        if PATH.exists() and PATH.read_text(encoding="utf-8") == current:
            return 0
        sys.stderr.write("docs/costs.md is not current: run `python -m infrastructure.costs`\n")
        return 1
    PATH.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
