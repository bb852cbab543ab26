"""Segments in memory."""

from datetime import datetime

from chalicelib.domain.segments import Segment


class FakeSegments:
    """The `Segments` port without a store."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Segment]] = {}
        self._created: dict[str, datetime] = {}

    def get(self, segment_id: str) -> Segment | None:
        versions = self._versions.get(segment_id)
        return versions[-1] if versions else None

    def all(self) -> list[Segment]:
        created = sorted(((at, name) for name, at in self._created.items()), reverse=True)
        return [self._versions[name][-1] for _, name in created]

    def put(self, segment: Segment, at: datetime) -> bool:
        versions = self._versions.setdefault(segment.segment_id, [])
        if segment.version != len(versions) + 1:
            return False
        versions.append(segment)
        self._created.setdefault(segment.segment_id, at)
        return True

    def as_created(self, segment_id: str) -> Segment | None:
        return next(iter(self._versions.get(segment_id, [])), None)
