"""What was read a moment ago, kept for a moment longer: bounded in age and in number.

Knows nothing of what it keeps.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Values by key, each for at most `seconds` from before it was read, at most `at_most` of them.

    monotonic: the seconds that age is measured in; not the service's clock, which can be moved.
    """

    def __init__(
        self, seconds: float, at_most: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._at_most = at_most
        self._monotonic = monotonic
        self._held: dict[Key, tuple[float, Value]] = {}
        self._forgotten = 0
        self._lock = Lock()

    def get(self, key: Key, load: Callable[[], Value]) -> Value:
        """The value as remembered, else as `load` reads it. Raises what `load` raises."""
        now = self._monotonic()
        held = self._held.get(key)
        if held is not None and now < held[0]:
            return held[1]
        forgotten = self._forgotten
        value = load()
        with self._lock:
            # Something was forgotten while we read: what we read may be what had to be forgotten.
            if forgotten == self._forgotten:
                self._keep(key, now + self._seconds, value)
        return value

    def forget(self, key: Key) -> None:
        """Read the value anew the next time, also where a read of it is under way."""
        with self._lock:
            self._forgotten += 1
            self._held.pop(key, None)

    def _keep(self, key: Key, until: float, value: Value) -> None:
        self._held.pop(key, None)
        while len(self._held) >= self._at_most:
            del self._held[next(iter(self._held))]  # the one read longest ago
        self._held[key] = (until, value)
