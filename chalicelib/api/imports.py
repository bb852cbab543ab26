"""Imports over HTTP: files of balances and history from another product, for admins."""

from typing import Annotated, Any, Literal

import msgspec

from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_behind, id_after
from chalicelib.domain.allowances import IMPORTS
from chalicelib.domain.api_keys import SOURCE_PATTERN
from chalicelib.domain.callers import Scope
from chalicelib.domain.imports import DEFAULT_SOURCE, Import, ImportKind
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import Conflict, ConflictingReplay, NotFound
from chalicelib.usecases.create_import import CreateImport, create_import
from chalicelib.usecases.ports.imports import Address
from chalicelib.usecases.read_import import addresses_of, list_imports, read_import
from chalicelib.usecases.start_import import start_import

routes = Routes(__name__)

ImportId = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class ImportBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """import_id: your own. kind: what the rows are. source: whose row ids they have; rows of one id
    and source count once, in whatever import they come. dry_run: check every row, apply none."""

    import_id: ImportId
    kind: Literal["balances", "history"]
    source: Annotated[str, msgspec.Meta(pattern=SOURCE_PATTERN)] = DEFAULT_SOURCE
    dry_run: bool = False


class ImportRows(msgspec.Struct, frozen=True):
    """How many rows came to what. done: the sum of the others. applied: in a dry run, would be.
    replayed: had counted before. refused: stand in the report."""

    done: int
    applied: int
    replayed: int
    refused: int


class ImportProblem(msgspec.Struct, frozen=True):
    """Why the file is not read, or not any further."""

    code: str
    detail: str


class ImportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """status: `awaiting_file`, `running`, `done`, or `refused` where `problem` says why the file
    could not be read (on); rows that were applied before that stand."""

    import_id: str
    kind: str
    source: str
    dry_run: bool
    status: str
    progress_percent: int
    rows: ImportRows
    problem: ImportProblem | None
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None


class ImportAddress(msgspec.Struct, frozen=True):
    """url: needs no other credential, so keep it to yourself."""

    url: str
    expires_at: Instant


class ImportAnswer(ImportSummary, frozen=True, kw_only=True):
    """upload: where to PUT the file, while it is awaited. report: where to GET every refused row as
    CSV (line, row_id, code, detail), once the import has ended, for 30 days."""

    upload: ImportAddress | None
    report: ImportAddress | None


class ImportList(msgspec.Struct, frozen=True):
    items: list[ImportSummary]
    next_cursor: str | None


def import_exists(call: Call[Any, Any], import_id: str) -> None:
    """Asked when a request to an import is malformed. Raises NotFound."""
    read_import(call.ports, import_id)


@routes.post(
    "/v1/imports",
    opens=(Scope.IMPORTS,),
    summary="Prepare an import and get an address to upload its file to",
    body=ImportBody,
    answers={201: ImportAnswer},
    refuses=(ConflictingReplay,),
    rationed=IMPORTS,
)
def post_import(call: Call[ImportBody, None]) -> Answer:
    """The file is CSV (UTF-8, commas, at most 100 MiB). Its first line names its columns: `row_id`;
    at least one of `member_id`, `card_number`, `external_id`, `email` and `phone`, exactly one of
    them filled in each row; for `balances` also `points` and, if you like, `expires_on` and
    `allow_debt`; for `history` also `occurred_at`, `amount_minor` and `points`. PUT it to
    `upload.url` (`curl -T file.csv`), then start the import. The same request again gives a new
    address."""
    body = call.body
    command = CreateImport(body.import_id, ImportKind(body.kind), body.source, body.dry_run)
    outcome = create_import(call.ports, call.caller, command, call.now)
    return Answer(201, _answer(call, outcome.answer), replayed=outcome.replayed)


@routes.post(
    "/v1/imports/{import_id}/start",
    opens=(Scope.IMPORTS,),
    summary="Start an import whose file was uploaded",
    answers={202: ImportAnswer},
    refuses=(NotFound, Conflict),
    exists=import_exists,
    rationed=IMPORTS,
)
def post_import_start(call: Call[None, None], import_id: str) -> Answer:
    """409 `conflict` with reason `file_missing`, `file_too_large` or `no_program`. An import that
    has started stays as it is; one that nobody is at any more goes on."""
    outcome = start_import(call.ports, call.caller, import_id, call.now)
    return Answer(202, _answer(call, outcome.answer), replayed=outcome.replayed)


@routes.get(
    "/v1/imports/{import_id}",
    opens=(Scope.IMPORTS,),
    summary="See how far an import is",
    answers={200: ImportAnswer},
    refuses=(NotFound,),
)
def get_import(call: Call[None, None], import_id: str) -> Answer:
    return Answer(200, _answer(call, read_import(call.ports, import_id)))


@routes.get(
    "/v1/imports",
    opens=(Scope.IMPORTS,),
    summary="List the imports",
    query=Page,
    answers={200: ImportList},
)
def get_imports(call: Call[None, Page]) -> Answer:
    """Newest first, without addresses."""
    page = list_imports(call.ports, id_after(call), call.query.limit)
    last = page.imports[-1].import_id if page.more else None
    cursor = cursor_behind(call, last)
    return Answer(200, ImportList([ImportSummary(**_told(job)) for job in page.imports], cursor))


def _answer(call: Call[Any, Any], job: Import) -> ImportAnswer:
    addresses = addresses_of(call.ports, job, call.now)
    upload, report = _address(addresses.upload), _address(addresses.report)
    return ImportAnswer(**_told(job), upload=upload, report=report)


def _address(address: Address | None) -> ImportAddress | None:
    return ImportAddress(address.url, printed(address.expires_at)) if address else None


def _told(job: Import) -> dict[str, Any]:
    tally, problem = job.tally, job.problem
    return {
        "import_id": job.import_id,
        "kind": str(job.kind),
        "source": job.source,
        "dry_run": job.dry_run,
        "status": str(job.status),
        "progress_percent": job.progress_percent,
        "rows": ImportRows(tally.done, tally.applied, tally.replayed, tally.refused),
        "problem": ImportProblem(problem.code, problem.detail) if problem else None,
        "created_at": printed(job.created_at),
        "started_at": printed(job.started_at) if job.started_at else None,
        "finished_at": printed(job.finished_at) if job.finished_at else None,
    }
