"""Conditions as SQL over a table with a column for each fact: one compiler, two dialects.

SQL's own logic of NULL is the logic of conditions, so a row is found exactly where the predicate of
`conditions.compiled` says yes. Values are parameters, never part of the text. Knows no engine.
"""

from collections.abc import Iterable
from typing import TypeAlias, assert_never

from chalicelib.domain.conditions import All, Any, Condition, InSegment, Leaf, Not, Op, Operand
from chalicelib.domain.dialects import Dialect

Parameter: TypeAlias = int | str | bool

_COMPARED = {
    Op.EQ: "=",
    Op.NE: "<>",
    Op.LT: "<",
    Op.LTE: "<=",
    Op.GT: ">",
    Op.GTE: ">=",
}
_CONTAINS = {Dialect.DUCKDB: "list_contains", Dialect.ATHENA: "contains"}


def where(condition: Condition, dialect: Dialect) -> tuple[str, tuple[Parameter, ...]]:
    """What follows WHERE, and the values of its question marks, in order.

    condition: without segments that are not inlined. Columns are named by `column_of`; a fact of
    several texts is an array of them.
    """
    parameters: list[Parameter] = []
    return _sql(condition, dialect, parameters), tuple(parameters)


def column_of(fact: str) -> str:
    """The column of a fact: its name, with two underscores where there is a dot."""
    return fact.replace(".", "__")


def execution_parameters(parameters: Iterable[Parameter]) -> list[str]:
    """The parameters as Athena takes them: each one the text of an SQL literal."""
    return [_literal(value) for value in parameters]


def _literal(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _sql(condition: Condition, dialect: Dialect, parameters: list[Parameter]) -> str:
    match condition:
        case All(parts):
            return _joined(" AND ", (_sql(part, dialect, parameters) for part in parts))
        case Any(parts):
            return _joined(" OR ", (_sql(part, dialect, parameters) for part in parts))
        case Not(part):
            return f"NOT ({_sql(part, dialect, parameters)})"
        case Leaf(fact, op, value):
            return _leaf(f'"{column_of(fact)}"', op, value, dialect, parameters)
        case InSegment(segment_id):
            raise AssertionError(f"{segment_id} was not inlined")
        case _:
            assert_never(condition)


def _leaf(
    column: str, op: Op, value: Operand, dialect: Dialect, parameters: list[Parameter]
) -> str:
    if op is Op.KNOWN:  # which of the two is part of the question, not a value
        return f"{column} IS NOT NULL" if value else f"{column} IS NULL"
    values = value if isinstance(value, tuple) else (value,)
    parameters.extend(values)
    contains = f"{_CONTAINS[dialect]}({column}, ?)"
    match op:
        case Op.BETWEEN:
            return f"{column} BETWEEN ? AND ?"
        case Op.IN:
            return f"{column} IN ({', '.join('?' for _ in values)})"
        case Op.CONTAINS:
            return contains
        case Op.CONTAINS_ANY:
            return _joined(" OR ", (contains for _ in values))
        case Op.CONTAINS_ALL:
            return _joined(" AND ", (contains for _ in values))
        case _:
            return f"{column} {_COMPARED[op]} ?"


def _joined(word: str, parts: Iterable[str]) -> str:
    return f"({word.join(parts)})"
