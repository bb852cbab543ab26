"""A new version of the program: stored as a draft, the very first one active at once."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.program import Program
from chalicelib.domain.program_checks import problems_of
from chalicelib.domain.promise_checks import too_far_ahead
from chalicelib.domain.refusals import FieldError, InvalidContent, VersionStale
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_program import ProgramView, latest_version


def change_program(ports: Ports, caller: Caller, program: Program, now: datetime) -> ProgramView:
    """Store a version that follows the newest one (`program.version` is that one's successor).

    Raises VersionStale when it follows another, InvalidContent with all that is wrong.
    """
    if latest_version(ports) != program.version - 1:
        raise VersionStale()
    if errors := [*problems_of(program), *_beside_what_is(ports, program, now)]:
        raise InvalidContent(errors=errors)
    note(ports, caller, "program.changed", now, subject=str(program.version))
    if not ports.programs.add(program, now):
        raise VersionStale()
    active = ports.programs.active_number() or program.version
    return ProgramView(program, active, program.version)


def _beside_what_is(ports: Ports, program: Program, now: datetime) -> list[FieldError]:
    """What is wrong with it today, and after the versions before it."""
    wrong = too_far_ahead(program, now.date())
    before = ports.programs.latest()
    if before is not None and before.currency != program.currency:
        detail = f"The currency stays: rewards and limits were written in {before.currency}."
        wrong.append(FieldError("/currency", "not_changeable", detail))
    return wrong
