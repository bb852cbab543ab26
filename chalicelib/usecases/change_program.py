"""A new version of the program: stored as a draft, the very first one active at once."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.program import Program
from chalicelib.domain.program_checks import problems_of
from chalicelib.domain.refusals import InvalidContent, VersionStale
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_program import ProgramView, latest_version


def change_program(ports: Ports, caller: Caller, program: Program, now: datetime) -> ProgramView:
    """Store a version that follows the newest one (`program.version` is that one's successor).

    Raises VersionStale when it follows another, InvalidContent with all that is wrong.
    """
    if latest_version(ports) != program.version - 1:
        raise VersionStale()
    if errors := problems_of(program):
        raise InvalidContent(errors=errors)
    # Recorded first: a record of what then failed is better than a change that nobody recorded.
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action="program.changed",
        member_id=None,
        reason=None,
        at=now,
        subject=str(program.version),
    )
    if not ports.programs.add(program, now):
        raise VersionStale()
    active = ports.programs.active_number() or program.version
    return ProgramView(program, active, program.version)
