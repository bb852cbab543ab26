"""How far an export is, and for the member alone, where to download it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.exports import Export, ExportStatus
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.imports import Address
from chalicelib.usecases.read_member import known_member


@dataclass(frozen=True, slots=True)
class ExportView:
    """status: as of now. download: None for everybody but the member itself, and before it is
    ready."""

    export: Export
    status: ExportStatus
    download: Address | None


def read_export(
    ports: Ports, caller: Caller, member_id: str, export_id: str, now: datetime
) -> ExportView:
    """An export of a member. Raises MemberNotFound, NotFound."""
    known_member(ports, member_id)
    export = ports.exports.get(member_id, export_id)
    if export is None:
        raise NotFound(what="export")
    return viewed(ports, caller, export, now)


def viewed(ports: Ports, caller: Caller, export: Export, now: datetime) -> ExportView:
    """An export as this caller may see it."""
    status = export.as_of(now)
    download = None
    if status is ExportStatus.READY and _is_its_own(caller, export):
        name = f"my-data-{export.requested_at.date().isoformat()}.zip"
        download = ports.export_files.download_address(
            export.member_id, export.export_id, name, now
        )
    return ExportView(export, status, download)


def list_exports(ports: Ports, member_id: str) -> list[Export]:
    """Every export of a member, newest first. Raises MemberNotFound."""
    known_member(ports, member_id)
    return ports.exports.of_member(member_id)


def _is_its_own(caller: Caller, export: Export) -> bool:
    return caller.kind is CallerKind.MEMBER and caller.member_id == export.member_id
