"""Program versions in the table `config`: written once, one of them pointed to as active."""

import time
from collections.abc import Callable

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Conflict
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import get, newest_of
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
    """Points to the active version."""

    version = IntAttribute()


class DynamoPrograms:
    """The `Programs` port over the bound tables. One object a process: it holds its caches.

    monotonic: the seconds that the active version's age is measured in.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._versions: dict[int, Program] = {}
        self._active: Remembered[str, int] = Remembered(ACTIVE_SECONDS, 1, monotonic)

    def active(self) -> Program:
        try:
            number = self._active.get(keys.PROGRAM_ACTIVE, self._read_active)
        except LookupError as error:
            raise Conflict(reason="no_program") from error
        return self.version(number)

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
        item = get(ActiveProgramItem, keys.PROGRAM, keys.PROGRAM_ACTIVE)
        return item.version if item else None

    def add(self, program: Program) -> bool:
        item = ProgramItem(keys.PROGRAM, keys.program_version(program.version))
        item.schema, item.version, item.document = SCHEMA, program.version, encoded(program)
        puts = [Put(item)]
        if program.version == 1:
            puts.append(Put(_pointer(1)))
        try:
            transact(puts=puts)
        except Cancelled:
            return False
        finally:
            self._active.forget(keys.PROGRAM_ACTIVE)
        return True

    def activate(self, number: int) -> int:
        self.version(number)
        try:
            return self._switch(number)
        finally:  # also when it is unknown whether the switch landed
            self._active.forget(keys.PROGRAM_ACTIVE)

    def _read_active(self) -> int:
        number = self.active_number()
        if number is None:
            raise LookupError("there is no program yet")
        return number

    def _switch(self, number: int) -> int:
        for _ in range(_SWITCHES):
            before = self._read_active()
            try:
                transact(puts=[Put(_pointer(number), ActiveProgramItem.version == before)])
            except Cancelled:
                continue
            return before
        raise StoreUnavailable("the active version was switched by others again and again")


def _pointer(number: int) -> ActiveProgramItem:
    item = ActiveProgramItem(keys.PROGRAM, keys.PROGRAM_ACTIVE)
    item.version = number
    return item
