"""How far an import is, where its file is to be put, and where its report can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.imports import FILE_DAYS, Import, ImportStatus
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.create_import import import_name
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.imports import Address


@dataclass(frozen=True, slots=True)
class Addresses:
    """upload: while the file is awaited. report: once there is one, for 30 days."""

    upload: Address | None
    report: Address | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """more: whether the list goes on after these."""

    imports: Sequence[Import]
    more: bool


def read_import(ports: Ports, import_id: str) -> Import:
    """An import as it is. Raises NotFound."""
    job = ports.imports.get(import_name(ports, import_id))
    if job is None:
        raise NotFound(what="import")
    return job


def addresses_of(ports: Ports, job: Import, now: datetime) -> Addresses:
    """Where to upload and download, good for an hour from now on."""
    name, files = import_name(ports, job.import_id), ports.import_files
    if job.status is ImportStatus.AWAITING_FILE:
        return Addresses(files.upload_address(name, now), None)
    kept = job.finished_at is not None and now < job.finished_at + timedelta(days=FILE_DAYS)
    if not kept:
        return Addresses(None, None)
    return Addresses(None, files.report_address(name, f"{job.import_id}-refused.csv", now))


def list_imports(ports: Ports, after: str | None, limit: int) -> ImportPage:
    """Imports, newest first, from behind the one whose id is `after`."""
    imports = ports.imports.all()
    ids = [job.import_id for job in imports]
    start = ids.index(after) + 1 if after in ids else 0
    return ImportPage(imports[start : start + limit], more=len(imports) > start + limit)
