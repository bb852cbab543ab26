"""An import is asked for; its file comes next."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.imports import Import, ImportKind
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.refusals import ConflictingReplay
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Outcome, Ports, StoreUnavailable


@dataclass(frozen=True, slots=True)
class CreateImport:
    """import_id: the caller's own. source: whose row ids the file has. dry_run: look at every row,
    apply none."""

    import_id: str
    kind: ImportKind
    source: str
    dry_run: bool


def import_name(ports: Ports, import_id: str) -> str:
    """What stands for an import's id in keys and with workers. One shop has one import of an id,
    whoever of its staff asks."""
    return ports.namer.name("import", import_id)


def create_import(
    ports: Ports, caller: Caller, command: CreateImport, now: datetime
) -> Outcome[Import]:
    """Create an import; again with the same content, it is answered as it is by now.

    Raises ConflictingReplay.
    """
    name = import_name(ports, command.import_id)
    job = Import(
        import_id=command.import_id,
        kind=command.kind,
        source=command.source,
        dry_run=command.dry_run,
        created_at=whole_milliseconds(now),
    )
    note(ports, caller, "import.created", now, subject=command.import_id)
    if ports.imports.add(name, job):
        return Outcome(job)
    kept = ports.imports.get(name)
    if kept is None:
        raise StoreUnavailable("an import that is there was not found")
    if differing := job.differing(kept):
        raise ConflictingReplay(differing=differing)
    return Outcome(kept, replayed=True)
