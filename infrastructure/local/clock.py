"""The service's clock on one machine: the wall's, moved. It ticks on from wherever it is put."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

FURTHEST_BACK = timedelta(days=1)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class OutOfReach(Exception):
    """The clock goes forward, and a little back; not this far."""


class MovableClock:
    """`clock()` is the service's instant. Remembers in a file how far it was moved."""

    def __init__(
        self, file: Path, wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._file = file
        self._wall = wall
        self._lock = threading.Lock()
        moved = json.loads(file.read_text()) if file.exists() else {"seconds": 0.0}
        self._offset = timedelta(seconds=float(moved["seconds"]))

    def __call__(self) -> datetime:
        """The service's now, aware, UTC."""
        return self._wall() + self._offset

    @property
    def offset(self) -> timedelta:
        """How far it is ahead of the wall's clock."""
        return self._offset

    def move(self, to: datetime) -> datetime:
        """Put it to an instant; answers what it shows then. OutOfReach when that is too far."""
        with self._lock:
            if not self() - FURTHEST_BACK <= to < LATEST:
                raise OutOfReach
            self._offset = to - self._wall()
            self._file.write_text(json.dumps({"seconds": self._offset.total_seconds()}))
            return to
