"""The file is there: an import starts, and workers go through it."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.imports import MOST_BYTES, FileFacts, Import, ImportStatus, started
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.usecases.create_import import import_name
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Outcome, Ports, StoreUnavailable


def start_import(ports: Ports, caller: Caller, import_id: str, now: datetime) -> Outcome[Import]:
    """Start an import; one that runs is sent to a worker again, which changes nothing but that an
    import that nobody is at goes on.

    Raises NotFound, and Conflict with `file_missing`, `file_too_large` or `no_program`.
    """
    name = import_name(ports, import_id)
    job = ports.imports.get(name)
    if job is None:
        raise NotFound(what="import")
    if job.status is ImportStatus.AWAITING_FILE:
        ports.programs.active()  # without one no row could be applied
        file = _file(ports, name)
        note(ports, caller, "import.started", now, subject=import_id)
        running = started(job, file, whole_milliseconds(now))
        if not ports.imports.save(name, job, running):
            raise StoreUnavailable("somebody else started it just now")
        ports.import_queue.go_on(name)
        return Outcome(running)
    if job.status is ImportStatus.RUNNING:
        ports.import_queue.go_on(name)
    return Outcome(job, replayed=True)


def _file(ports: Ports, name: str) -> FileFacts:
    file = ports.import_files.facts(name)
    if file is None:
        raise Conflict(reason="file_missing")
    if file.size_bytes > MOST_BYTES:
        raise Conflict(reason="file_too_large")
    return file
