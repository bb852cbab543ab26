"""The register and what is stored say the same: no field without a row, no row without a field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import pytest

from chalicelib.domain.register import (
    REGISTER,
    Basis,
    Place,
    Purpose,
    Reader,
    Recipient,
    Retention,
    Words,
    words,
)
from infrastructure.local.resources import template
from tests.register.shapes import OPEN, SHAPES, WHOLE
from tests.register.stored import stored_attributes

_ELSEWHERE = {
    Place.IMPORT_BUCKET: "AWS::S3::Bucket",
    Place.EXPORT_BUCKET: "AWS::S3::Bucket",
    Place.SNAPSHOT_BUCKET: "AWS::S3::Bucket",
    Place.QUEUES: "AWS::SQS::Queue",
    Place.LOGS: "AWS::Logs::LogGroup",
}
"""What holds something and is no table: its rows name the template's resources."""

ROWS = [row for row in REGISTER.rows if row.item.place not in _ELSEWHERE]
ATTRIBUTES = {row.address for row in ROWS if "." not in row.field.name}
PARTS = {row.address for row in ROWS if "." in row.field.name}


def test_every_stored_attribute_has_a_row() -> None:
    assert sorted(stored_attributes() - ATTRIBUTES) == []


def test_every_row_names_an_attribute_that_is_stored() -> None:
    assert sorted(ATTRIBUTES - stored_attributes()) == []


def test_every_part_of_a_sealed_or_packed_attribute_has_a_row() -> None:
    parts = {f"{address}.{part}" for address, inside in SHAPES.items() for part in inside}
    assert sorted(parts - PARTS) == []


def test_every_row_of_a_part_names_one_that_is_written() -> None:
    parts = {f"{address}.{part}" for address, inside in SHAPES.items() for part in inside}
    unknown = PARTS - parts
    assert sorted(one for one in unknown if one.rpartition(".")[0] not in OPEN) == []


def test_every_shape_is_that_of_a_stored_attribute() -> None:
    assert sorted((SHAPES.keys() | WHOLE) - stored_attributes()) == []


def test_no_field_is_registered_twice() -> None:
    times = Counter(row.address for row in REGISTER.rows)
    assert [address for address, count in times.items() if count > 1] == []


@pytest.mark.parametrize("kind", sorted({*_ELSEWHERE.values()}))
def test_every_bucket_queue_and_log_has_a_row_and_every_such_row_a_resource(kind: str) -> None:
    registered = {row.field.name for row in REGISTER.rows if _ELSEWHERE.get(row.item.place) == kind}
    assert registered == set(_resources_of(kind))


def test_what_is_personal_is_told_to_members_and_nothing_else() -> None:
    for item in REGISTER.items:
        rows = [row for row in REGISTER.rows if row.item is item]
        personal = any(row.field.personal for row in rows)
        assert (item.told is not None) <= personal, item.name
        assert (item.told is None) <= (not any(row.exported for row in rows)), item.name


def test_what_is_personal_is_in_a_section_of_the_export_or_says_why_not() -> None:
    lost = [row.address for row in REGISTER.rows if row.exported and row.item.section is None]
    assert lost == []


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Purpose, words.PURPOSES),
        (Basis, words.BASES),
        (Retention, words.RETENTIONS),
        (Reader, words.READERS),
        (Recipient, words.RECIPIENTS),
    ],
)
def test_everything_that_is_said_of_an_item_has_words_in_both_languages(
    kind: type[StrEnum], texts: Mapping[Any, Words]
) -> None:
    assert set(texts) == set(kind)
    assert all(one.en and one.de and one.en != one.de for one in texts.values())


def _resources_of(kind: str) -> Iterator[str]:
    for name, resource in template()["Resources"].items():
        if resource.get("Type") == kind:
            yield name
