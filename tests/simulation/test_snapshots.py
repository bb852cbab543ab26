"""A snapshot of objects in S3, asked by DuckDB in this process; and by Athena, through the tables
of the template.

The local Athena is MiniStack's, which runs DuckDB; our part of it reads every query as Athena's own
SQL first (`infrastructure/local/ministack_athena.py`). What only AWS shows: Athena's planner, the
projection of parts, and its time.
"""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from chalicelib.settings import Settings
from tests.snapshot_suite import (  # noqa: F401  # the suite is run with the fixture of here
    test_a_base_takes_the_place_of_what_it_was_made_of_and_what_comes_later_lies_on_it,
    test_a_condition_finds_the_members_that_its_predicate_finds,
    test_a_sample_is_the_same_for_the_same_snapshot,
    test_a_snapshot_is_told_from_its_first_change_on_and_is_as_fresh_as_its_newest,
    test_every_dataset_has_a_table_in_every_answer,
    test_lines_are_told_of_those_alone_who_let_us_look_at_what_they_buy,
    test_of_a_member_the_newest_row_counts_and_who_was_erased_or_merged_is_none,
    test_what_was_erased_is_in_no_object_three_days_later_and_a_base_is_made_once_a_day,
)
from tests.snapshot_world import NOW, TODAY, Snapshot, in_athena, in_bucket, member

_numbers = count(1)


@pytest.fixture(params=["objects", "athena"])
def snapshot(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Snapshot:
    """An empty one."""
    name = f"{settings.snapshot_bucket}-{request.param}-{next(_numbers)}"
    return in_bucket(name, tmp_path) if request.param == "objects" else in_athena(name)


def test_what_is_deleted_in_the_bucket_is_gone_where_it_was_read(
    settings: Settings, tmp_path: Path
) -> None:
    snapshot = in_bucket(f"{settings.snapshot_bucket}-cache-{next(_numbers)}", tmp_path)
    snapshot.change(member("m1"))
    assert snapshot.ids() == ["m1"]
    [held] = tmp_path.iterdir()
    for days in range(1, 4):
        day = TODAY + timedelta(days=days)
        snapshot.files.put_all(day, 0, [member("m2", NOW + timedelta(days=days))])
        snapshot.queries.compact(day)
    assert snapshot.ids() == ["m2"]  # m1 is not on the roll any more
    assert not held.exists()
