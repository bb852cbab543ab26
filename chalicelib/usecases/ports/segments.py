"""Segments, as staff wrote them."""

from datetime import datetime
from typing import Protocol

from chalicelib.domain.segments import Segment


class Segments(Protocol):
    """Segments by id. Every method may raise StoreUnavailable, those that read StoreNewer."""

    def get(self, segment_id: str) -> Segment | None:
        """The newest version of a segment as of now (consistent)."""
        ...

    def all(self) -> list[Segment]:
        """Every segment, archived ones too, newest first (by their creation, then id)."""
        ...

    def put(self, segment: Segment, at: datetime) -> bool:
        """Write version `segment.version` if the stored one is its predecessor (or nothing, for
        version 1); False when somebody was faster."""
        ...

    def as_created(self, segment_id: str) -> Segment | None:
        """Version 1 of a segment, whatever became of it."""
        ...
