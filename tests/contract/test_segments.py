"""Segments: the same promises kept by the store and by the fake."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.conditions import All, Any, InSegment, Leaf, Not, Op
from chalicelib.domain.segments import Segment, SegmentKind, SegmentStatus
from chalicelib.storage.segments import DynamoSegments
from chalicelib.usecases.ports import Segments
from tests.fakes.segments import FakeSegments

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
REGULARS = Segment("seg_1", 1, "Regulars", SegmentKind.STATIC)
EVERYTHING = Segment(
    "seg_2",
    1,
    "“Größer”",
    SegmentKind.DYNAMIC,
    All(
        (
            Any((Leaf("country", Op.IN, ("AT", "DE")), InSegment("seg_1"))),
            Not(Leaf("available_points", Op.BETWEEN, (-5, 2**53 - 1))),
            Leaf("first_purchase", Op.EQ, False),
        )
    ),
)


@pytest.fixture(params=["dynamo", "fake"])
def store(request: pytest.FixtureRequest) -> Segments:
    if request.param == "fake":
        return FakeSegments()
    request.getfixturevalue("empty_config")
    return DynamoSegments()


def test_segments_are_kept_by_versions_and_listed_newest_first(store: Segments) -> None:
    assert (store.get("seg_1"), store.as_created("seg_1"), store.all()) == (None, None, [])
    assert store.put(REGULARS, NOW)
    assert store.put(EVERYTHING, NOW + timedelta(seconds=1))
    assert not store.put(EVERYTHING, NOW)
    archived = replace(EVERYTHING, version=2, status=SegmentStatus.ARCHIVED)
    assert store.put(archived, NOW + timedelta(days=1))
    assert not store.put(archived, NOW)
    assert not store.put(replace(EVERYTHING, segment_id="seg_3", version=2), NOW)
    assert store.get("seg_2") == archived
    assert store.as_created("seg_2") == EVERYTHING
    assert store.all() == [archived, REGULARS]
