"""A queue of records for the snapshot, in memory."""

from collections.abc import Mapping, Sequence


class FakeSnapshotQueue:
    """The `SnapshotQueue` port: what was handed on, in order. `full` takes nothing."""

    def __init__(self) -> None:
        self.taken: list[Mapping[str, object]] = []
        self.full = False

    def put(self, records: Sequence[Mapping[str, object]]) -> list[int]:
        if self.full:
            return list(range(len(records)))
        self.taken += records
        return []
