"""A snapshot of files, asked by DuckDB in this process: the engine of `make run`. The same suite
runs over objects in S3 and over Athena in tests/simulation/test_snapshots.py; here is a bit of it.
"""

from itertools import count
from pathlib import Path

import pytest

from chalicelib.settings import Settings
from tests import snapshot_suite
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
from tests.snapshot_world import Snapshot, in_athena, in_folder

_numbers = count(1)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """An empty one."""
    return in_folder(tmp_path)


def test_athena_too_tells_of_a_member_what_its_newest_row_says(settings: Settings) -> None:
    asked = in_athena(f"{settings.snapshot_bucket}-{next(_numbers)}")
    snapshot_suite.test_of_a_member_the_newest_row_counts_and_who_was_erased_or_merged_is_none(
        asked
    )
