"""Imports: files of another product's balances and history, and how far each of them is.

A file is gone through once, in batches, by whoever is at it; what it says of a row counts once for
ever, by the row's own id. Knows no files, queues or stores.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.csv_records import BEGINNING, Place

MOST_BYTES = 100 * 1024 * 1024
"""Of a file: a million rows, more or less."""

FILE_DAYS = 30
"""How long a file and its report are kept, as the bucket's own rule says too."""

DEFAULT_SOURCE = "import"


class ImportKind(StrEnum):
    """What a file's rows say: points that members have, or purchases that they made."""

    BALANCES = "balances"
    HISTORY = "history"


class ImportStatus(StrEnum):
    AWAITING_FILE = "awaiting_file"
    RUNNING = "running"
    DONE = "done"  # every row was looked at, those refused are in the report
    REFUSED = "refused"  # the file cannot be read (on); what was applied before stands


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows came to what. replayed: they had counted before."""

    applied: int = 0
    replayed: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """Rows that were looked at."""
        return self.applied + self.replayed + self.refused


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The file as it was when the import was started. version: changes whenever the file does."""

    size_bytes: int
    version: str


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file is not read (on): a stable code, and a sentence that tells nothing of what is in
    the file."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Import:
    """One import. version: counts its changes.

    source: whose row ids the file has: those of two sources may be the same and mean two things.
    file: None before it was started. columns: of the file, in its order, once its first line was
    read. place: where it goes on. problem: with the status `refused` alone.
    """

    import_id: str
    kind: ImportKind
    source: str
    dry_run: bool
    created_at: datetime
    status: ImportStatus = ImportStatus.AWAITING_FILE
    version: int = 1
    file: FileFacts | None = None
    columns: tuple[str, ...] = ()
    place: Place = BEGINNING
    tally: Tally = Tally()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    problem: FileProblem | None = None

    @property
    def progress_percent(self) -> int:
        """How much of the file lies behind, in whole percent; 100 only when it is done."""
        if self.status is ImportStatus.DONE:
            return 100
        size = self.file.size_bytes if self.file else 0
        return min(99, self.place.offset * 100 // size) if size else 0

    def differing(self, other: "Import") -> list[str]:
        """The names of the fields in which two were asked for differently, sorted."""
        asked = ("dry_run", "kind", "source")
        return [name for name in asked if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not applied. row_id: as the file says, "" where that cannot be told. detail:
    a sentence that tells nothing else of what is in the row."""

    line: int
    row_id: str
    code: str
    detail: str


def started(job: Import, file: FileFacts, now: datetime) -> Import:
    """The import when its file is there."""
    return replace(
        job,
        status=ImportStatus.RUNNING,
        version=job.version + 1,
        file=file,
        started_at=now,
    )


def gone_on(
    job: Import, place: Place, columns: tuple[str, ...], applied: int, replayed: int, refused: int
) -> Import:
    """The import when another batch lies behind it, with so many more rows."""
    tally = Tally(
        job.tally.applied + applied, job.tally.replayed + replayed, job.tally.refused + refused
    )
    return replace(job, version=job.version + 1, columns=columns, place=place, tally=tally)


def ended(job: Import, problem: FileProblem | None, now: datetime) -> Import:
    """The import when there is nothing more to do for it."""
    return replace(
        job,
        status=ImportStatus.REFUSED if problem else ImportStatus.DONE,
        version=job.version + 1,
        finished_at=now,
        problem=problem,
    )
