"""Programs in memory."""

from datetime import UTC, datetime

from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import Plan
from chalicelib.domain.refusals import Conflict

FROM_THE_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""Before every instant of the tests: what is active since then prices all that they post."""


class FakePrograms:
    """The `Programs` port without a store and without a cache; those given are there from the
    beginning, the first of them active."""

    def __init__(self, *programs: Program) -> None:
        self._versions: dict[int, Program] = {}
        self._turns: list[tuple[datetime, int]] = []
        self._plans: dict[str, Plan] = {}
        for program in programs:
            self.add(program, FROM_THE_BEGINNING)

    def active(self) -> Program:
        return self.active_at(datetime.max.replace(tzinfo=UTC))

    def active_at(self, instant: datetime) -> Program:
        if not self._turns:
            raise Conflict(reason="no_program")
        turns = [number for since, number in self._turns if since <= instant]
        return self._versions[turns[-1] if turns else self._turns[0][1]]

    def version(self, number: int) -> Program:
        return self._versions[number]

    def latest(self) -> Program | None:
        return self._versions[max(self._versions)] if self._versions else None

    def active_number(self) -> int | None:
        return self._turns[-1][1] if self._turns else None

    def add(self, program: Program, at: datetime) -> bool:
        if program.version in self._versions:
            return False
        self._versions[program.version] = program
        if program.version == 1:
            self._turns.append((at, 1))
        return True

    def activate(self, number: int, at: datetime) -> int:
        before = self.active_number()
        if before is None or number not in self._versions:
            raise LookupError(f"no version {number} of the program")
        if number != before:
            self._turns.append((max(at, self._turns[-1][0]), number))
        return before

    def keep_plan(self, plan: Plan) -> None:
        self._plans[plan.plan_id] = plan

    def plan(self, plan_id: str) -> Plan | None:
        return self._plans.get(plan_id)
