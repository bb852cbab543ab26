"""Makes an export: reads all that is held of a member, writes the file, then says that it is there.

An erasure may begin at any time. It marks the member as gone before it deletes files, and what is
said here is written only as long as the member is not: so either the erasure finds the file, or
this finds that the member is gone, and deletes it. Whoever is killed in between is sent again.
"""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.exports import Export, ExportStatus, failed, ready
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.usecases.export_sections import Reading
from chalicelib.usecases.export_zip import zipped
from chalicelib.usecases.ports import Ports


def run_export(
    ports: Ports,
    member_id: str,
    export_id: str,
    clock: Callable[[], datetime],
    *,
    last_try: bool,
) -> None:
    """Make an export that is being prepared; any other is left alone.

    last_try: nobody will be asked again, so that what fails now has failed. Raises whatever was in
    the way; whoever is asked next begins anew.
    """
    export = ports.exports.get(member_id, export_id)
    if export is None:  # erased with its member; who was killed may have left the file
        ports.export_files.delete_all(member_id)
        return
    if export.as_of(clock()) is not ExportStatus.PREPARING:
        return
    try:
        _make(ports, export, clock())
    except MemberErased:
        ports.export_files.delete_all(member_id)
    except Exception:
        if last_try:
            _give_up(ports, export)
        raise


def _make(ports: Ports, export: Export, now: datetime) -> None:
    try:
        content = zipped(Reading(ports, export.member_id, now))
    except MemberNotFound:
        ports.exports.save(export)  # raises MemberErased where that is why nothing was found
        raise
    ports.export_files.put(export.member_id, export.export_id, content)
    ports.exports.save(ready(export, now))


def _give_up(ports: Ports, export: Export) -> None:
    try:
        ports.exports.save(failed(export))
    except MemberErased:
        ports.export_files.delete_all(export.member_id)
