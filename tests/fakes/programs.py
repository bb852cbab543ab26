"""Programs in memory."""

from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Conflict


class FakePrograms:
    """The `Programs` port without a store and without a cache."""

    def __init__(self, *programs: Program) -> None:
        self._versions: dict[int, Program] = {}
        self._active: int | None = None
        for program in programs:
            self.add(program)

    def active(self) -> Program:
        if self._active is None:
            raise Conflict(reason="no_program")
        return self._versions[self._active]

    def version(self, number: int) -> Program:
        return self._versions[number]

    def latest(self) -> Program | None:
        return self._versions[max(self._versions)] if self._versions else None

    def active_number(self) -> int | None:
        return self._active

    def add(self, program: Program) -> bool:
        if program.version in self._versions:
            return False
        self._versions[program.version] = program
        if program.version == 1:
            self._active = 1
        return True

    def activate(self, number: int) -> int:
        before = self._active
        if before is None or number not in self._versions:
            raise LookupError(f"no version {number} of the program")
        self._active = number
        return before
