"""Goes on with an import, batch by batch, until it is done or time is over.

After every batch, how far it is and what was refused are kept together. Whoever is killed leaves
no more than a batch to do again, whose rows know that they have counted; where two are at one
import, the first to keep a batch goes on and the other leaves it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import islice

from chalicelib.domain.csv_records import RecordReader
from chalicelib.domain.import_report import HEADER, report_lines
from chalicelib.domain.import_rows import FileRefused, columns_of
from chalicelib.domain.imports import (
    FileProblem,
    Import,
    ImportStatus,
    RefusedRow,
    ended,
    gone_on,
)
from chalicelib.usecases.import_batch import BatchRun, import_batch
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.imports import FileChanged

ROWS_AT_ONCE = 200
THREADS = 8

Refused = tuple[RefusedRow, ...]

_FILE_CHANGED = FileProblem(
    "file_changed",
    "The file was replaced or removed after the start; make another import for the new one.",
)


def run_import(
    ports: Ports,
    name: str,
    clock: Callable[[], datetime],
    keep_going: Callable[[], bool],
    *,
    rows_at_once: int = ROWS_AT_ONCE,
) -> None:
    """Go on with an import that runs; anything else is left alone.

    clock: the instant now. keep_going: asked after every batch; when it says no, a worker is asked
    to go on. Raises StoreUnavailable and TryAgain: whoever comes next goes on.
    """
    job = ports.imports.get(name)
    if job is None or job.status is not ImportStatus.RUNNING or job.file is None:
        return
    file = job.file
    reader = RecordReader(lambda at: ports.import_files.read(name, file, at), job.place)
    with ThreadPoolExecutor(THREADS) as pool:
        while job.status is ImportStatus.RUNNING:
            run = BatchRun(ports, name, job, job.columns, clock, pool)
            after, refused = _next(run, reader, rows_at_once)
            if not ports.imports.save(name, job, after, refused):
                return
            job = after
            if job.status is ImportStatus.RUNNING and not keep_going():
                ports.import_queue.go_on(name)
                return


def _next(run: BatchRun, reader: RecordReader, most: int) -> tuple[Import, Refused]:
    """The import after its next batch, or at its end, and the rows of it that were refused."""
    try:
        columns = run.columns or columns_of(run.job.kind, reader.read())
        records = list(islice(iter(reader.read, None), most))
    except FileChanged:
        return _ended(run, _FILE_CHANGED)
    except FileRefused as refused_file:
        return _ended(run, refused_file.problem)
    if not records:
        return _ended(run, None)
    outcomes = import_batch(replace(run, columns=columns), records)
    came = [outcomes[record.line] for record in records]
    refused = tuple(row for row in came if isinstance(row, RefusedRow))
    after = gone_on(
        run.job, reader.place, columns, came.count("applied"), came.count("replayed"), len(refused)
    )
    return after, refused


def _ended(run: BatchRun, problem: FileProblem | None) -> tuple[Import, Refused]:
    """The import at its end, once its report is there."""
    run.ports.import_files.put_report(run.name, _report(run))
    return ended(run.job, problem, run.clock()), ()


def _report(run: BatchRun) -> Iterator[bytes]:
    yield HEADER
    yield from map(report_lines, run.ports.imports.refused(run.name))
