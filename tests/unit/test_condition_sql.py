"""A condition finds the same members by its predicate and by either SQL."""

from pathlib import Path

from chalicelib.domain.condition_sql import execution_parameters, where
from chalicelib.domain.conditions import All, Any, Leaf, Not, Op
from chalicelib.domain.dialects import Dialect
from tests.agreement import assert_they_agree


def test_predicate_and_both_dialects_find_the_same_members(tmp_path: Path) -> None:
    assert_they_agree(seed=1, conditions=60, members=300, folder=tmp_path)


def test_no_value_stands_in_the_text() -> None:
    hostile = "' OR 1=1; --"
    condition = All(
        (
            Leaf("country", Op.EQ, hostile),
            Any((Leaf("interests", Op.CONTAINS_ALL, ("a", hostile)), Leaf("tier", Op.KNOWN, True))),
            Not(Leaf("available_points", Op.BETWEEN, (1, 77_777))),
        )
    )
    assert where(condition, Dialect.ATHENA) == (
        '("country" = ? AND ((contains("interests", ?) AND contains("interests", ?)) OR '
        '"tier" IS NOT NULL) AND NOT ("available_points" BETWEEN ? AND ?))',
        (hostile, "a", hostile, 1, 77_777),
    )


def test_athena_is_given_literals_with_their_quotes_doubled() -> None:
    assert execution_parameters((7, True, False, "O'Neil")) == ["7", "true", "false", "'O''Neil'"]
