"""Holds the three ways to ask a condition against each other: its predicate, its SQL for DuckDB,
and its SQL for Athena.

Athena's text is parsed as what Athena reads and said again in DuckDB's words by sqlglot, a library
that knows both: there is no Athena here, and the parser refuses what Athena would not understand.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import duckdb
import sqlglot

from chalicelib.domain.condition_sql import column_of, execution_parameters, where
from chalicelib.domain.conditions import Condition, compiled
from chalicelib.domain.dialects import Dialect
from chalicelib.domain.fact_list import FactKind, Facts
from tests.conditions_world import ASKED, some_condition, some_facts

_TYPES = {
    FactKind.INTEGER: "BIGINT",
    FactKind.BOOLEAN: "BOOLEAN",
    FactKind.TEXT: "VARCHAR",
    FactKind.TEXTS: "VARCHAR[]",
}


def assert_they_agree(seed: int, conditions: int, members: int, folder: Path) -> None:
    """For each of so many conditions the same of so many members by all three."""
    random = Random(seed)
    people = [some_facts(random) for _ in range(members)]
    connection = _table_of(people, folder)
    found = 0
    for number in range(conditions):
        condition = some_condition(random)
        matches = compiled(condition)
        expected = [index for index, facts in enumerate(people) if matches(facts)]
        assert _by_duckdb(connection, condition) == expected, (number, condition)
        assert _by_athena(connection, condition) == expected, (number, condition)
        found += 0 < len(expected) < members
    assert found > conditions / 2, "conditions that tell members apart are what is to be shown"


def _by_duckdb(connection: duckdb.DuckDBPyConnection, condition: Condition) -> list[int]:
    text, parameters = where(condition, Dialect.DUCKDB)
    rows = connection.execute(_select(text), parameters).fetchall()
    return [row[0] for row in rows]


def _by_athena(connection: duckdb.DuckDBPyConnection, condition: Condition) -> list[int]:
    """With the parameters as Athena gets them: it puts each literal where a question mark is."""
    text, parameters = where(condition, Dialect.ATHENA)
    literals = iter(execution_parameters(parameters))
    tree = sqlglot.parse_one(_select(text), read="athena")
    filled = tree.transform(
        lambda node: (
            sqlglot.parse_one(next(literals), read="athena")
            if isinstance(node, sqlglot.exp.Placeholder)
            else node
        )
    )
    assert next(literals, None) is None
    rows = connection.execute(filled.sql(dialect="duckdb")).fetchall()
    return [row[0] for row in rows]


def _select(text: str) -> str:
    return f"SELECT number FROM members WHERE {text} ORDER BY number"  # noqa: S608  # a condition's text holds no values


def _table_of(people: Sequence[Facts], folder: Path) -> duckdb.DuckDBPyConnection:
    file = folder / "members.ndjson"
    with file.open("w") as lines:
        for number, facts in enumerate(people):
            print(json.dumps({"number": number} | _row(facts)), file=lines)
    columns = {"number": "BIGINT"} | {
        column_of(fact.name): _TYPES[fact.kind] for fact in ASKED.values()
    }
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE members AS SELECT * FROM read_json(?, format = 'nd', columns = ?)",
        [str(file), columns],
    )
    return connection


def _row(facts: Facts) -> dict[str, object]:
    return {
        column_of(name): sorted(value) if isinstance(value, frozenset) else value
        for name, value in facts.items()
    }
