"""Program versions in the table `config`: written once, one of them pointed to as active.

Each switch also writes one item of the history, whose number makes switches a chain.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import parsed, printed, whole_milliseconds
from chalicelib.domain.program import Program
from chalicelib.domain.program_history import Activation, version_at
from chalicelib.domain.program_plan import Plan
from chalicelib.domain.refusals import Conflict
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import all_of, get, newest_of
from chalicelib.storage.remembered import Remembered
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Put, transact
from chalicelib.usecases.ports import StoreUnavailable

ACTIVE_SECONDS = 30.0
_SWITCHES = 8
"""How often somebody else may switch first before the caller is told to try again."""


class ProgramItem(ConfigItem, discriminator="program"):
    """One version; never changed."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()


class ActiveProgramItem(ConfigItem, discriminator="program_active"):
    """Points to the active version. since, turn: null where an older release wrote it."""

    version = IntAttribute()
    since = UnicodeAttribute(null=True)
    turn = IntAttribute(null=True)


class ActivationItem(ConfigItem, discriminator="program_activation"):
    """One switch; only ever put."""

    version = IntAttribute()
    since = UnicodeAttribute()
    replaced = IntAttribute(null=True)


class PlanItem(ConfigItem, discriminator="program_plan"):
    """What somebody asked of a version; only ever put."""

    version = IntAttribute()
    active_version = IntAttribute()
    at = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class _Active:
    """The pointer. turn: how many switches led here. since: None for ever."""

    version: int
    since: datetime | None
    turn: int


class DynamoPrograms:
    """The `Programs` port over the bound tables. One object a process: it holds its caches.

    monotonic: the seconds that the active version's age is measured in.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._versions: dict[int, Program] = {}
        self._active: Remembered[str, _Active] = Remembered(ACTIVE_SECONDS, 1, monotonic)
        self._history: tuple[Activation, ...] = ()

    def active(self) -> Program:
        return self.version(self._remembered().version)

    def active_at(self, instant: datetime) -> Program:
        active = self._remembered()
        if active.since is None or active.since <= instant:
            return self.version(active.version)
        if len(self._history) < active.turn:  # append-only: what is known of it stays true
            self._history = _read_history()
        return self.version(version_at(self._history, instant))

    def version(self, number: int) -> Program:
        if number not in self._versions:
            item = get(ProgramItem, keys.PROGRAM, keys.program_version(number))
            if item is None:
                raise LookupError(f"no version {number} of the program")
            self._versions[number] = decoded(Program, item.document, item.schema)
        return self._versions[number]

    def latest(self) -> Program | None:
        for item in newest_of(ConfigItem, keys.PROGRAM, limit=1):
            if isinstance(item, ProgramItem):  # the pointer sorts before every version
                return decoded(Program, item.document, item.schema)
        return None

    def active_number(self) -> int | None:
        active = _read_active()
        return active.version if active else None

    def add(self, program: Program, at: datetime) -> bool:
        item = ProgramItem(keys.PROGRAM, keys.program_version(program.version))
        item.schema, item.version, item.document = SCHEMA, program.version, encoded(program)
        puts = [Put(item)]
        if program.version == 1:
            puts += [Put(switch) for switch in _switch(None, program.version, at)]
        try:
            transact(puts=puts)
        except Cancelled:
            return False
        finally:
            self._active.forget(keys.PROGRAM_ACTIVE)
        return True

    def activate(self, number: int, at: datetime) -> int:
        self.version(number)
        try:
            return _activate(number, at)
        finally:  # also when it is unknown whether the switch landed
            self._active.forget(keys.PROGRAM_ACTIVE)

    def keep_plan(self, plan: Plan) -> None:
        item = PlanItem(keys.program_plan(plan.plan_id), keys.ONLY)
        item.version, item.active_version = plan.version, plan.active_version
        item.at = printed(plan.at)
        transact([Put(item)])

    def plan(self, plan_id: str) -> Plan | None:
        item = get(PlanItem, keys.program_plan(plan_id), keys.ONLY)
        if item is None:
            return None
        return Plan(plan_id, item.version, item.active_version, parsed(item.at))

    def _remembered(self) -> _Active:
        try:
            return self._active.get(keys.PROGRAM_ACTIVE, _needed)
        except LookupError as error:
            raise Conflict(reason="no_program") from error


def _needed() -> _Active:
    active = _read_active()
    if active is None:
        raise LookupError("there is no program yet")
    return active


def _read_active() -> _Active | None:
    item = get(ActiveProgramItem, keys.PROGRAM, keys.PROGRAM_ACTIVE)
    if item is None:
        return None
    return _Active(item.version, parsed(item.since) if item.since else None, item.turn or 0)


def _read_history() -> tuple[Activation, ...]:
    items = all_of(ActivationItem, keys.PROGRAM_HISTORY)
    return tuple(Activation(item.version, parsed(item.since), item.replaced) for item in items)


def _activate(number: int, at: datetime) -> int:
    for _ in range(_SWITCHES):
        before = _needed()
        if before.version == number:
            return number
        pointer, turn = _switch(before, number, at)
        same = ActiveProgramItem.version == before.version
        try:
            transact(puts=[Put(pointer, same), Put(turn)])
        except Cancelled:
            continue
        return before.version
    raise StoreUnavailable("the active version was switched by others again and again")


def _switch(
    before: _Active | None, number: int, at: datetime
) -> tuple[ActiveProgramItem, ActivationItem]:
    """The pointer and the item of the history that make a version the active one.

    Never before the switch that it follows, whatever the clock says: history is in order.
    """
    since = whole_milliseconds(at)
    if before is not None and before.since is not None:
        since = max(since, before.since)
    turn = before.turn + 1 if before is not None else 1
    pointer = ActiveProgramItem(keys.PROGRAM, keys.PROGRAM_ACTIVE)
    pointer.version, pointer.since, pointer.turn = number, printed(since), turn
    item = ActivationItem(keys.PROGRAM_HISTORY, keys.program_turn(turn))
    item.version, item.since = number, printed(since)
    item.replaced = before.version if before is not None else None
    return pointer, item
