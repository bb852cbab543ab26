"""Kills whoever uses ports at its nth call: right before the call, or right after it has landed.

What is killed stays so: its other threads get nothing done any more either.
"""

import threading
from dataclasses import replace
from typing import Any, cast

from chalicelib.usecases.ports import Ports


class Killed(BaseException):
    """The process is gone. No handler of errors sees it."""


class Life:
    """So many calls, then death. after: whether the last call still lands."""

    def __init__(self, calls: int, *, after: bool) -> None:
        self._left = calls
        self._after = after
        self._lock = threading.Lock()

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def call(self, act: Any, *args: Any, **how: Any) -> Any:
        """One call of a port."""
        with self._lock:
            if self.is_over:
                raise Killed
            self._left -= 1
            last = self.is_over
        if last and not self._after:
            raise Killed
        answer = act(*args, **how)
        if last:
            raise Killed
        return answer


IMPORTING = ("ledger", "people", "imports", "import_files", "import_queue")


def mortal(ports: Ports, life: Life, named: tuple[str, ...] = IMPORTING) -> Ports:
    """The same ports, as long as there is life. named: those whose calls count."""
    wrapped = {name: _Port(getattr(ports, name), life) for name in named}
    return replace(ports, **cast(Any, wrapped))


class _Port:
    """A port whose every method costs a call."""

    def __init__(self, port: Any, life: Life) -> None:
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *args, **how: self._life.call(method, *args, **how)
