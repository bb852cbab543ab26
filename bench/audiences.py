"""Previews of audiences over snapshots of 100,000 to 1,000,000 members, beside a plain scan.

The members are made up, by number, so that every run has the same; a snapshot of them is made as
the daily worker makes it on one machine, and 10,000 have changed since. Each size is measured in a
process of its own, for its memory. The scan is the predicate of the till over a part of the same
rows, read already.
"""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb

from bench.tables import show
from chalicelib.domain.conditions import All, Condition, Leaf, Op, compiled
from chalicelib.domain.conditions import Any as OneOf
from chalicelib.domain.fact_list import FACTS, RISKS, STATUSES, Fact, FactKind, Facts
from chalicelib.domain.offers import BonusPoints, Offer, OfferStatus, OfferText
from chalicelib.domain.snapshot_columns import MEMBERS, Dataset
from chalicelib.providers.duckdb_engine import DuckDbEngine
from chalicelib.providers.snapshot_files import Kind, SnapshotFiles, prefix
from chalicelib.providers.snapshot_objects import FolderObjects
from chalicelib.usecases.ports import Ports, SnapshotQuery
from chalicelib.usecases.preview_audience import preview_audience

SIZES = (100_000, 300_000, 1_000_000)
CHANGED, CHANGES_A_FILE, PAGE = 10_000, 500, 50_000
SCANNED = 20_000
OFFERS = 20
ROUNDS = 5
TARGET_SECONDS, TARGET_MB = 2.0, 1_000
DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

ASKED = All(
    (
        Leaf("tier", Op.IN, ("silver", "gold")),
        Leaf("interests", Op.CONTAINS_ANY, ("coffee", "tea")),
        OneOf((Leaf("churn_risk", Op.EQ, "high"), Leaf("days_since_last_purchase", Op.GT, 60))),
        Leaf("spend_last_365_days_minor", Op.BETWEEN, (5_000, 90_000)),
    )
)
_WORDS = {
    "country": ("DE", "AT", "CH"),
    "language": ("de", "en"),
    "tier": ("none", "bronze", "silver", "gold"),
    "status": STATUSES[:1],
    "churn_risk": RISKS,
    "favourite_category": ("beans", "cups", "tea"),
    "favourite_store": ("mitte", "nord"),
    "interests": ("coffee", "tea", "cups"),
    "lists": ("seg_1", "seg_2"),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """members: who matched. first, best: seconds of a process that has asked nothing yet, and of
    the quickest after; processor: of all processors together. peak_mb: of asking alone.
    base_seconds: how long the snapshot of the day took. scan_seconds: of the scan, for all members,
    reckoned from a part."""

    size: int
    members: int
    first: float
    best: float
    processor: float
    peak_mb: int
    base_seconds: float
    base_peak_mb: int
    scan_seconds: float


def run() -> None:
    """Measure and print."""
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            base_seconds, base_mb = _apart(_make, Path(folder), size)
            members, *seconds, peak_mb = _apart(_ask, Path(folder), size)
            scanned = _apart(_scan, Path(folder), size)
        first, best, processor = seconds
        asked = (size, members, first, best, processor, peak_mb)
        rows.append(_row(Measured(*asked, base_seconds, base_mb, scanned)))
    title = (
        f"A preview: count, reach, sample, overlap with {OFFERS} live offers"
        f" (below {TARGET_SECONDS:.0f} s and {TARGET_MB} MB is the target)"
    )
    heads = [
        "members",
        "found",
        "s, first",
        "s",
        "processor's s",
        "µs a member",
        "MB",
        "plain scan, s",
        "base made, s",
        "MB",
    ]
    show(title, heads, rows)


def _row(found: Measured) -> list[str]:
    return [
        f"{found.size:,}",
        f"{found.members:,}",
        f"{found.first:.2f}",
        f"{found.best:.2f}",
        f"{found.processor:.2f}",
        f"{found.processor / found.size * 1e6:.2f}",
        f"{found.peak_mb}",
        f"{found.scan_seconds:.1f}",
        f"{found.base_seconds:.1f}",
        f"{found.base_peak_mb}",
    ]


def _apart(act: Callable[[Path, int], Any], folder: Path, size: int) -> Any:
    """What an act gives in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as process:
        return process.submit(act, folder, size).result()


# --- in processes of their own -------------------------------------------------------------------


def _make(folder: Path, size: int) -> tuple[float, int]:
    _apart(_fill, folder, size)
    queries = _engine(folder)
    began = time.perf_counter()
    queries.compact(DAY)
    return time.perf_counter() - began, _peak_mb()


def _fill(folder: Path, size: int) -> None:
    """The pass over all members, and what has changed since."""
    rows = ", ".join(f'{_made_up(name, kind)} AS "{name}"' for name, kind in MEMBERS.items())
    every = folder / prefix(Dataset.MEMBERS, Kind.ALL, DAY.isoformat())
    changes = folder / prefix(Dataset.MEMBERS, Kind.CHANGES, DAY.isoformat())
    every.mkdir(parents=True)
    changes.mkdir(parents=True)
    for first in range(0, size, PAGE):
        _written(rows, first, PAGE, "06:00:00.000Z", every / f"{first:07}.json.gz")
    for number, first in enumerate(range(0, CHANGED, CHANGES_A_FILE)):
        at = NOW + timedelta(minutes=number)
        file = f"{at:%Y%m%dT%H%M%S000Z}-{number:016x}.json.gz"
        _written(rows, first * 7, CHANGES_A_FILE, "09:30:00.000Z", changes / file)


def _written(rows: str, first: int, count: int, time_of_day: str, file: Path) -> None:
    text = rows.replace("$time", time_of_day)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"COPY (SELECT {text} FROM range({first}, {first + count}) AS r(n))"  # noqa: S608  # our own numbers
            f" TO '{file}' (FORMAT json, COMPRESSION gzip)"
        )


def _made_up(name: str, kind: FactKind) -> str:
    """The SQL of a column of member `n`: known of four in five."""
    fixed = {
        "member_id": "printf('mem_%010d%06d', hash(n) % 10000000000, n % 1000000)",
        "day": f"'{DAY}'",
        "as_of": f"'{DAY}T$time'",
        "seq": "n % 40",
        "gone": "false",
        "merged": "false",
        "attributes": "'{}'",
    }
    if name in fixed:
        return fixed[name]
    some = f"CAST(hash(n, '{name}') % 1000000 AS BIGINT)"
    words = _WORDS.get(name, ("a", "b"))
    listed = "[" + ", ".join(f"'{word}'" for word in words) + "]"
    value = {
        FactKind.BOOLEAN: f"{some} % 2 = 0",
        FactKind.INTEGER: f"{some} % {_most(name)}",
        FactKind.TEXT: f"{listed}[1 + {some} % {len(words)}]",
        FactKind.TEXTS: f"{listed}[1 : 1 + {some} % {len(words)}]",
    }[kind]
    return f"CASE WHEN hash(n, 'known {name}') % 5 > 0 THEN {value} END"


def _most(name: str) -> int:
    fact: Fact | None = FACTS.get(name)
    if fact is not None and fact.values is not None:
        return len(fact.values)
    return 200_000 if name.endswith("_minor") else 400


def _ask(folder: Path, size: int) -> tuple[int, float, float, float, int]:
    assert size
    ports = _ports(folder)
    seconds, processor = [], []
    for _ in range(ROUNDS):
        began, busy = time.perf_counter(), time.process_time()
        found = preview_audience(ports, ASKED, NOW)
        seconds.append(time.perf_counter() - began)
        processor.append(time.process_time() - busy)
    return found.members, seconds[0], min(seconds), min(processor), _peak_mb()


def _scan(folder: Path, size: int) -> float:
    """Seconds that the predicate takes for all members, one after the other."""
    names = ", ".join(f'"{name}"' for name in FACTS)
    query = SnapshotQuery(f"SELECT {names} FROM {{members}} AS m LIMIT {SCANNED}")  # noqa: S608  # our own names
    people = [_facts(row) for row in _engine(folder).rows(query)]
    matches = [compiled(condition) for condition in (ASKED, *map(_audience, range(OFFERS)))]
    began = time.perf_counter()
    for facts in people:
        for match in matches:
            match(facts)
    return (time.perf_counter() - began) / len(people) * size


def _facts(row: tuple[Any, ...]) -> Facts:
    held = (frozenset(value) if isinstance(value, list) else value for value in row)
    return dict(zip(FACTS, held, strict=True))


def _ports(folder: Path) -> Ports:
    """The two that a preview asks."""
    offers = [SimpleNamespace(offer=_offer(number)) for number in range(OFFERS)]
    live = SimpleNamespace(live=lambda: SimpleNamespace(all=offers))
    return cast(Ports, SimpleNamespace(queries=_engine(folder), offers=live))


def _offer(number: int) -> Offer:
    return Offer(
        f"off_{number:02}",
        number,
        1,
        "bench",
        BonusPoints(1),
        {"en": OfferText("bench")},
        status=OfferStatus.LAUNCHED,
        audience=_audience(number),
        launched_at=NOW,
        since=NOW,
    )


def _audience(number: int) -> Condition:
    return All(
        (
            Leaf("purchases_last_90_days", Op.GTE, number * 10),
            Leaf("country", Op.EQ, _WORDS["country"][number % 3]),
        )
    )


def _engine(folder: Path) -> DuckDbEngine:
    return DuckDbEngine(SnapshotFiles(FolderObjects(folder)), lambda: ())


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    run()
