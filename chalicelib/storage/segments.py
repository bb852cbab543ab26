"""Segments in the table `config`. Knows no HTTP and no members."""

from datetime import datetime
from typing import Any

import msgspec

from chalicelib.domain.condition_reading import as_document, from_document
from chalicelib.domain.segments import Segment, SegmentKind, SegmentStatus
from chalicelib.storage import keys
from chalicelib.storage.documents import decoded, encoded
from chalicelib.storage.reading import get
from chalicelib.storage.versions import CreatedItem, VersionedItem, newest_first, put_version


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment as its JSON text has it: the condition is the tree that people write."""

    segment_id: str
    version: int
    name: str
    kind: SegmentKind
    status: SegmentStatus
    condition: dict[str, Any] | None


class SegmentItem(VersionedItem, discriminator="segment"):
    """The newest version of a segment."""

    def segment(self) -> Segment:
        return _segment(self.document, self.schema)


class CreatedSegmentItem(CreatedItem, discriminator="segment_created"):
    """Version 1 of a segment: what a repeated creation is answered with."""


class DynamoSegments:
    """The `Segments` port over the bound tables."""

    def get(self, segment_id: str) -> Segment | None:
        item = get(SegmentItem, keys.SEGMENT, segment_id)
        return item.segment() if item else None

    def all(self) -> list[Segment]:
        return [item.segment() for item in newest_first(SegmentItem, keys.SEGMENT)]

    def put(self, segment: Segment, at: datetime) -> bool:
        item = SegmentItem(keys.SEGMENT, segment.segment_id)
        item.version, item.document = segment.version, _document(segment)
        created = CreatedSegmentItem(keys.segment_created(segment.segment_id), keys.ONLY)
        return put_version(item, created, at)

    def as_created(self, segment_id: str) -> Segment | None:
        item = get(CreatedSegmentItem, keys.segment_created(segment_id), keys.ONLY)
        return _segment(item.document, item.schema) if item else None


def _document(segment: Segment) -> str:
    condition = as_document(segment.condition) if segment.condition is not None else None
    return encoded(
        _Document(
            segment.segment_id,
            segment.version,
            segment.name,
            segment.kind,
            segment.status,
            condition,
        )
    )


def _segment(text: str, schema: int) -> Segment:
    stored = decoded(_Document, text, schema)
    return Segment(
        segment_id=stored.segment_id,
        version=stored.version,
        name=stored.name,
        kind=stored.kind,
        condition=from_document(stored.condition) if stored.condition is not None else None,
        status=stored.status,
    )
