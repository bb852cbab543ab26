"""A batch of an import's rows: each read, its member found, applied or refused.

Rows of one member, and rows of one id, are applied in the order of the file, others side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.csv_records import Record
from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.import_rows import Named, row_id_of, row_of
from chalicelib.domain.imports import Import, RefusedRow
from chalicelib.domain.person_fields import external_id
from chalicelib.domain.refusals import (
    ConflictingReplay,
    FieldError,
    InvalidContent,
    Refusal,
    TryAgain,
)
from chalicelib.usecases.identify import identify
from chalicelib.usecases.import_row import Came, ImportRow, import_row
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.resolve_member import led_to

Outcomes = dict[int, Came | RefusedRow]
"""What became of each row, by the line where it begins."""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What every row of an import needs. clock: the instant now. pool: what rows run on."""

    ports: Ports
    name: str
    job: Import
    columns: tuple[str, ...]
    clock: Callable[[], datetime]
    pool: Executor


def import_batch(run: BatchRun, records: Sequence[Record]) -> Outcomes:
    """What became of each row. Raises StoreUnavailable and TryAgain: then any of the rows may have
    been applied, and the same batch again comes to the same."""
    outcomes: Outcomes = {}
    commands: list[ImportRow] = []
    for record, found in zip(records, run.pool.map(_reading(run), records), strict=True):
        if isinstance(found, ImportRow):
            commands.append(found)
        else:
            outcomes[record.line] = found
    for wave in _waves(commands):
        for done in run.pool.map(_applying(run), _by_member(wave)):
            outcomes.update(done)
    return outcomes


def _reading(run: BatchRun) -> Callable[[Record], ImportRow | RefusedRow]:
    def read(record: Record) -> ImportRow | RefusedRow:
        try:
            row = row_of(run.job.kind, run.columns, record)
            member_id = _member_of(run.ports, row.member)
        except (Unacceptable, Refusal) as error:
            return _refused(record.line, row_id_of(run.columns, record), error)
        return ImportRow(run.name, run.job.source, record.line, row, member_id)

    return read


def _member_of(ports: Ports, named: Named) -> str:
    try:
        if named.column == "member_id":
            return external_id(named.text)  # whether there is such a member, the ledger tells
        identifier = identify(Kind(named.column), named.text)
    except Unacceptable as wrong:
        raise Unacceptable(wrong.code, f"{named.column}: {wrong.detail}") from wrong
    return led_to(ports, identifier)


def _applying(run: BatchRun) -> Callable[[Sequence[ImportRow]], Outcomes]:
    def apply(commands: Sequence[ImportRow]) -> Outcomes:
        return {command.line: _applied(run, command) for command in commands}

    return apply


def _applied(run: BatchRun, command: ImportRow) -> Came | RefusedRow:
    try:
        return import_row(run.ports, command, run.clock(), dry_run=run.job.dry_run)
    except TryAgain:
        raise  # nobody knows what became of it: no answer to keep
    except Refusal as refusal:
        return _refused(command.line, command.row.row_id, refusal)


def _waves(commands: Iterable[ImportRow]) -> Iterator[list[ImportRow]]:
    """Rows in their order, those whose id stood before in a later wave than that one."""
    waves: list[list[ImportRow]] = []
    seen: dict[str, int] = {}
    for command in commands:
        number = seen.get(command.row.row_id, 0)
        seen[command.row.row_id] = number + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(command)
    yield from waves


def _by_member(commands: Iterable[ImportRow]) -> list[list[ImportRow]]:
    groups: dict[str, list[ImportRow]] = {}
    for command in commands:
        groups.setdefault(command.member_id, []).append(command)
    return list(groups.values())


def _refused(line: int, row_id: str, error: Unacceptable | Refusal) -> RefusedRow:
    match error:
        case Unacceptable(code=code, detail=detail):
            return RefusedRow(line, row_id, code, detail)
        case InvalidContent(errors=[FieldError(pointer, code, detail), *_]):
            return RefusedRow(line, row_id, code, f"{pointer.removeprefix('/')}: {detail}")
        case ConflictingReplay(differing=differing):
            detail = f"This row id counted before with other content: {', '.join(differing)}."
            return RefusedRow(line, row_id, error.code, detail)
        case _:
            return RefusedRow(line, row_id, error.code, error.detail)
