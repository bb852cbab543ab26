"""One version of the program, and which versions there are."""

from dataclasses import dataclass

from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class ProgramView:
    """A version, beside the numbers of the active and of the newest one (0 before the first)."""

    program: Program
    active_version: int
    latest_version: int


def read_program(ports: Ports, version: int | None) -> ProgramView:
    """A version of the program, the active one when none is named; as of now, not as cached.

    Raises NotFound when there is no such version, or no program yet.
    """
    active, latest = ports.programs.active_number(), ports.programs.latest()
    if active is None or latest is None:
        raise NotFound(what="program")
    wanted = active if version is None else version
    if not 1 <= wanted <= latest.version:
        raise NotFound(what="program_version")
    return ProgramView(ports.programs.version(wanted), active, latest.version)


def program_if_any(ports: Ports) -> Program | None:
    """The active version, None before the first; perhaps one that was active half a minute ago."""
    try:
        return ports.programs.active()
    except Conflict:
        return None


def latest_version(ports: Ports) -> int:
    """The number of the newest version, 0 before the first: what a change is made to."""
    latest = ports.programs.latest()
    return latest.version if latest else 0
