"""Segments in the table `config`. Knows no HTTP and no members."""

from datetime import datetime
from typing import Any

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.condition_reading import as_document, from_document
from chalicelib.domain.instants import printed
from chalicelib.domain.segments import Segment, SegmentKind, SegmentStatus
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Put, transact


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment as its JSON text has it: the condition is the tree that people write."""

    segment_id: str
    version: int
    name: str
    kind: SegmentKind
    status: SegmentStatus
    condition: dict[str, Any] | None


class SegmentItem(ConfigItem, discriminator="segment"):
    """The newest version of a segment."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()
    created_at = UnicodeAttribute()

    def segment(self) -> Segment:
        return _segment(self.document, self.schema)


class CreatedSegmentItem(ConfigItem, discriminator="segment_created"):
    """Version 1 of a segment: what a repeated creation is answered with."""

    schema = IntAttribute()
    document = UnicodeAttribute()


class DynamoSegments:
    """The `Segments` port over the bound tables."""

    def get(self, segment_id: str) -> Segment | None:
        item = get(SegmentItem, keys.SEGMENT, segment_id)
        return item.segment() if item else None

    def all(self) -> list[Segment]:
        items = all_of(SegmentItem, keys.SEGMENT)
        newest_first = sorted(items, key=lambda item: (item.created_at, item.sk), reverse=True)
        return [item.segment() for item in newest_first]

    def put(self, segment: Segment, at: datetime) -> bool:
        before = get(SegmentItem, keys.SEGMENT, segment.segment_id)
        if (before.version if before else 0) != segment.version - 1:
            return False
        document = _document(segment)
        item = SegmentItem(keys.SEGMENT, segment.segment_id)
        item.schema, item.version, item.document = SCHEMA, segment.version, document
        item.created_at = before.created_at if before else printed(at)
        puts = [Put(item, SegmentItem.version == before.version if before else None)]
        if before is None:
            created = CreatedSegmentItem(keys.segment_created(segment.segment_id), keys.ONLY)
            created.schema, created.document = SCHEMA, document
            puts.append(Put(created))
        try:
            transact(puts)
        except Cancelled:
            return False
        return True

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
