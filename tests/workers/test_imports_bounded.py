"""An import's memory does not grow with its file, whatever comes of its rows.

The stores keep no more than an account needs, so that what is measured is the import's own.
"""

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.entries import Entry
from chalicelib.domain.imports import FileFacts, ImportKind, ImportStatus, RefusedRow
from chalicelib.domain.traits import Traits
from chalicelib.usecases.create_import import CreateImport, create_import
from chalicelib.usecases.ports import Head, Verdict, Write
from chalicelib.usecases.run_import import ROWS_AT_ONCE
from chalicelib.usecases.start_import import start_import
from tests.fakes.imports import FakeImportFiles, FakeImports
from tests.import_world import ADMIN, NOW, import_world

PIECE_BYTES = 8 * 1024
LOOKS_APART = 5
"""Batches between two looks at what is held; what nobody holds is collected first."""


class HeadsAlone:
    """A ledger that knows no more than how each account is."""

    def __init__(self) -> None:
        self.heads: dict[str, Entry] = {}
        self.commits = 0

    def open(self, entry: Entry) -> None:
        self.heads[entry.account_id] = entry

    def head(self, account_id: str) -> Head | None:
        entry = self.heads.get(account_id)
        return Head(entry, Traits()) if entry is not None else None

    def operation(self, *_: str) -> None:
        return None

    def commit(self, write: Write) -> Verdict:
        self.commits += 1
        for entry in write.entries:
            self.heads[entry.account_id] = entry
        return Verdict.COMMITTED


class MadeFile(FakeImportFiles):
    """A file that is made as it is read, and a report of which only the size is kept."""

    def __init__(self, line: Callable[[int], bytes], rows: int) -> None:
        super().__init__()
        self._line = line
        self._size = len(line(0))
        self._rows = rows
        self.report_bytes = 0

    def facts(self, name: str) -> FileFacts:
        return FileFacts(self._size * self._rows, name)

    def read(self, name: str, file: FileFacts, offset: int) -> bytes:
        assert (name, offset % self._size) == (file.version, offset % self._size)
        first, last = offset // self._size, (offset + PIECE_BYTES) // self._size
        made = b"".join(map(self._line, range(first, min(last, self._rows))))
        return made[offset % self._size :]

    def put_report(self, name: str, parts: Iterable[bytes]) -> None:
        assert name
        self.report_bytes = sum(map(len, parts))


class Uncollected(FakeImports):
    """Refused rows are made anew when they are asked for, as a store would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.batches = 0

    def save(self, *arguments: object) -> bool:
        self.batches += len(arguments) == 4 and bool(arguments[3])
        return super().save(*arguments[:3])  # type: ignore[arg-type]  # as they came

    def refused(self, name: str) -> Iterator[tuple[RefusedRow, ...]]:
        row = RefusedRow(1, name, "malformed", "points: write a whole number, digits alone.")
        for _ in range(self.batches):
            yield (row,) * ROWS_AT_ONCE


def memory_of(rows: int, cell: str) -> tuple[list[int], int]:
    """What is held after each batch of an import of so many rows, and the most that was held at
    any time (bytes). cell: what stands under `points`."""
    ledger = HeadsAlone()
    world = import_world("w", ledger, ledger.open)  # type: ignore[arg-type]  # all that is asked of a ledger
    members = [world.member(f"{number:02}") for number in range(50)]

    def line(number: int) -> bytes:
        if number == 0:
            return b"row_id,member_id,points".ljust(59) + b"\n"
        member = members[number % len(members)]
        return f"{number:010},{member},{cell}".ljust(59).encode() + b"\n"

    files, imports = MadeFile(line, rows + 1), Uncollected()
    world.ports = replace(world.ports, import_files=files, imports=imports)
    command = CreateImport("a", ImportKind.BALANCES, "w", dry_run=False)
    create_import(world.ports, ADMIN, command, NOW)
    start_import(world.ports, ADMIN, "a", NOW)
    held: list[int] = []

    def look() -> bool:
        if len(held) % LOOKS_APART == 0:
            gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])
        return True

    tracemalloc.start()
    try:
        world.go_on("a", rows_at_once=ROWS_AT_ONCE, keep_going=look)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    job = world.job("a")
    assert (job.status, job.tally.done) == (ImportStatus.DONE, rows)
    assert ledger.commits == job.tally.applied
    return held, peak


@pytest.mark.parametrize("cell", ["7", "many"], ids=["applied", "refused"])
def test_no_more_is_held_after_four_thousand_rows_than_after_one_thousand(cell: str) -> None:
    held, peak = memory_of(5_000, cell)
    early, *_, late = held[LOOKS_APART::LOOKS_APART]
    print(f"held after 1,200 rows: {early:,} bytes, after 4,200: {late:,}; at most {peak:,}")
    # A row's line alone has 60 bytes; what grows a little are caches that soon are full.
    assert late - early < 3_000 * 20
    assert peak < 2 * 1024 * 1024
