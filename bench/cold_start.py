"""How long a new Lambda loads and how much a warm one takes: the packaged functions under AWS's
runtime client, beside a bare function that makes a purchase's two DynamoDB calls by boto3.

Both are started in turns in one run: the ratios hold where the milliseconds do not.
"""

import json
import statistics
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bare import Recorded, write_function
from bench.installation import Installation, installation
from bench.lambda_runtime import Function, copy_client, started
from bench.tables import show
from bench.throughput import a_shop
from infrastructure.local.gateway import proxy_event
from infrastructure.local.server import Request
from tests.api.shop import Shop, line

PACKAGE = Path(__file__).parents[1] / "out" / "deployment.zip"
STARTS, PURCHASES, UNCOUNTED = 9, 200, 20
INIT_TARGET, WARM_TARGET = 1.3, 3.0
_WORKERS = ("relay", "expire_redemptions")


@dataclass(frozen=True, slots=True)
class Started:
    """Medians over the starts of one function, in milliseconds of its processor: until it asks for
    an event, and until it has answered its first; peak: the most memory, in megabytes."""

    init: float
    first: float
    peak: float


@dataclass(frozen=True, slots=True)
class Measured:
    """starts by function; warm: milliseconds of its processor for one purchase."""

    starts: Mapping[str, Started]
    warm: Mapping[str, float]

    @property
    def init_ratio(self) -> float:
        """How many times as long the API function loads as the bare one."""
        return self.starts["api"].init / self.starts["bare boto3"].init

    @property
    def warm_ratio(self) -> float:
        """How many times the processor time of the two calls a purchase takes."""
        return self.warm["api"] / self.warm["bare boto3"]


@dataclass(frozen=True, slots=True)
class _Tried:
    """A function to measure: how it is started, and its events."""

    start: Callable[[], Any]
    event: Callable[[int], Mapping[str, Any]] | None = None


def run() -> None:
    """Measure and print."""
    found = measured(PACKAGE, STARTS, PURCHASES)
    bare = found.starts["bare boto3"]
    rows = [
        [name, *_cells(one.init, bare.init), *_cells(one.first, bare.first), f"{one.peak:.0f}"]
        for name, one in found.starts.items()
    ]
    size = PACKAGE.stat().st_size / 1_000_000
    title = f"A start of {size:.1f} MB zipped, processor's ms, median of {STARTS}"
    title += f" (at most {INIT_TARGET} times the bare function is the target)"
    show(title, ["function", "loaded", "times", "first answer", "times", "MB"], rows)
    rows = [[name, *_cells(ms, found.warm["bare boto3"], 2)] for name, ms in found.warm.items()]
    title = f"A warm purchase of 5 lines, processor's ms, median of {PURCHASES}"
    title += f" (at most {WARM_TARGET:.0f} times is the target)"
    show(title, ["function", "ms", "times"], rows)


def _cells(milliseconds: float, bare: float, digits: int = 0) -> tuple[str, str]:
    if not milliseconds:
        return "", ""
    return f"{milliseconds:.{digits}f}", f"{milliseconds / bare:.2f}"


def measured(package: Path, starts: int, purchases: int) -> Measured:
    """Measure an archive: so many starts of each function, so many purchases of each that buys."""
    with _functions(package) as tried:
        return Measured(_starts(tried, starts), _warm(tried, purchases))


@contextmanager
def _functions(package: Path) -> Iterator[dict[str, _Tried]]:
    """What is measured, over an installation with a shop, while it lasts."""
    with tempfile.TemporaryDirectory(prefix="stampbook-bench-") as name, installation() as bench:
        folder = Path(name)
        packaged, client, bare = folder / "packaged", folder / "client", folder / "bare"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(packaged)
        copy_client(client)
        shop = a_shop(bench.services)
        member_id = shop.member()
        write_function(bare, packaged, _recorded(bench, shop, member_id))

        def starting(code: Path, handler: str) -> Callable[[], Any]:
            return lambda: started(code, handler, client, bench.environment)

        yield {
            "bare boto3": _Tried(starting(bare, "bare.handle"), _bare_event),
            "api": _Tried(starting(packaged, "app.app"), _posting(shop, member_id)),
        } | {
            name: _Tried(starting(packaged, f"chalicelib.workers.{name}.handle"))
            for name in _WORKERS
        }


def _recorded(bench: Installation, shop: Shop, member_id: str) -> str:
    _buy(shop, member_id)  # the first one also reads the key, the program and the offers
    recorded = Recorded(bench.connection)
    _buy(shop, member_id)
    return recorded.handler()


def _buy(shop: Shop, member_id: str) -> None:
    reply = shop.post("/v1/purchases", _purchase(shop, member_id))
    assert reply.status == 201, reply.body


def _purchase(shop: Shop, member_id: str) -> dict[str, Any]:
    body: dict[str, Any] = shop.purchase(member_id, *[line(str(n), 499) for n in range(5)])
    return body


def _bare_event(number: int) -> Mapping[str, Any]:
    return {"pk": f"A#bare-{number}-"}


def _posting(shop: Shop, member_id: str) -> Callable[[int], Mapping[str, Any]]:
    headers = [("Content-Type", "application/json"), ("Authorization", f"Bearer {shop.till}")]

    def event(_: int) -> Mapping[str, Any]:
        body = json.dumps(_purchase(shop, member_id)).encode()
        request = Request("POST", "/v1/purchases", "", headers, body, "203.0.113.9")
        return proxy_event(request, "/v1/purchases", {}, [])

    return event


def _starts(tried: Mapping[str, _Tried], times: int) -> dict[str, Started]:
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in tried}
    for number in range(times):
        for name, one in tried.items():
            with one.start() as function:
                first = 0.0
                if one.event is not None:
                    first = function.init_seconds + _answered(function, one.event(-number))
                found[name].append((function.init_seconds, first, function.peak_megabytes()))
    return {name: _median(rows) for name, rows in found.items()}


def _median(rows: list[tuple[float, float, float]]) -> Started:
    init, first, peak = (statistics.median(column) for column in zip(*rows, strict=True))
    return Started(init * 1000, first * 1000, peak)


def _warm(tried: Mapping[str, _Tried], purchases: int) -> dict[str, float]:
    """The median purchase, the functions taking turns."""
    pair = {name: one for name, one in tried.items() if one.event is not None}
    times: dict[str, list[float]] = {name: [] for name in pair}
    with _both(pair) as running:
        for number in range(UNCOUNTED + purchases):
            for name, (function, event) in running.items():
                seconds = _answered(function, event(1_000 + number))
                if number >= UNCOUNTED:
                    times[name].append(seconds * 1000)
    return {name: statistics.median(found) for name, found in times.items()}


@contextmanager
def _both(
    pair: Mapping[str, _Tried],
) -> Iterator[dict[str, tuple[Function, Callable[[int], Mapping[str, Any]]]]]:
    (one, first), (two, second) = pair.items()
    assert first.event is not None
    assert second.event is not None
    with first.start() as left, second.start() as right:
        yield {one: (left, first.event), two: (right, second.event)}


def _answered(function: Function, event: Mapping[str, Any]) -> float:
    done = function.invoke(event)
    assert done.answer.get("statusCode", 201) == 201, done.answer
    return done.processor_seconds


if __name__ == "__main__":
    run()
