"""The switch from one version of the program to another, forward or back."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_program import ProgramView, read_program


@dataclass(frozen=True, slots=True)
class ProgramActivated:
    """previous_version: the one that was active before; the same when nothing was switched."""

    view: ProgramView
    previous_version: int


def activate_program(ports: Ports, caller: Caller, version: int, now: datetime) -> ProgramActivated:
    """Make a stored version the active one, here at once and everywhere within 30 seconds.

    Raises NotFound when there is no such version.
    """
    view = read_program(ports, version)
    note(ports, caller, "program.activated", now, subject=str(version))
    previous = ports.programs.activate(version, now)
    return ProgramActivated(ProgramView(view.program, version, view.latest_version), previous)
