"""A thousand conditions over ten thousand members: each finds the same by predicate and by SQL."""

from pathlib import Path

from tests.agreement import assert_they_agree


def test_a_thousand_conditions_find_the_same_of_ten_thousand_members(tmp_path: Path) -> None:
    assert_they_agree(seed=2, conditions=1_000, members=10_000, folder=tmp_path)
