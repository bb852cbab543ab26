"""The SQL of the snapshot that every engine speaks: what a dataset is, made of its objects, and the
questions of the port. Must not know where objects lie; an engine names its relations.
"""

# ruff: noqa: S608  # what is put together is our own: names of columns and days; values are never

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from chalicelib.domain.condition_sql import column_of
from chalicelib.domain.dialects import Dialect
from chalicelib.domain.facts import ATTRIBUTE
from chalicelib.domain.snapshot_columns import COLUMNS, Cell, Dataset, Row
from chalicelib.providers.snapshot_files import Kind
from chalicelib.usecases.ports import AudienceCount, MemberPage, SnapshotQuery, Where

KEPT_DAYS = 762
"""How long what members did is kept: 25 months, so that two years can be set beside each other."""

Relation = Callable[[Dataset, Kind], str]
"""What stands after FROM for the objects of a kind: a SELECT of the columns, in brackets."""


_IN_JSON = {Dialect.DUCKDB: "json_extract_string", Dialect.ATHENA: "json_extract_scalar"}


def query_text(
    text: str, relation: Relation, dialect: Dialect, attributes: Sequence[str] = ()
) -> str:
    """A query with its datasets put in. attributes: those that the program declares."""
    used = [dataset for dataset in Dataset if f"{{{dataset}}}" in text]
    named = {str(dataset): f"({dataset_sql(dataset, relation)})" for dataset in used}
    if Dataset.MEMBERS in used and attributes:
        declared = ", ".join(
            f"{_IN_JSON[dialect]}(attributes, '$.{name}') AS {_quoted(ATTRIBUTE + name)}"
            for name in attributes
        )
        named["members"] = f"(SELECT every.*, {declared} FROM {named['members']} AS every)"
    return text.format(**named)


def dataset_sql(dataset: Dataset, relation: Relation) -> str:
    """A dataset: its base and what came after it, each row once, of those who are there."""
    if dataset is Dataset.MEMBERS:
        return f"SELECT * FROM ({_members(relation)}) AS each_once WHERE NOT merged"
    base, changes = relation(dataset, Kind.BASE), relation(dataset, Kind.CHANGES)
    columns, theirs = _columns(dataset), _of_who_is_there(dataset, relation)
    again = f"SELECT event FROM {changes} AS again"
    return (
        f"SELECT {columns} FROM {base} AS base WHERE event NOT IN ({again}) AND {theirs}"
        f" UNION ALL SELECT {columns} FROM ({_newest(dataset, changes, 'event', 'event')})"
        f" AS once WHERE place = 1 AND {theirs}"
    )


def base_sql(dataset: Dataset, relation: Relation, day: date) -> str:
    """The next base of a dataset, of which `relation` gives what it is made of."""
    if dataset is Dataset.MEMBERS:
        columns = _columns(dataset)
        changes, every = relation(dataset, Kind.CHANGES), relation(dataset, Kind.ALL)
        both = (
            f"(SELECT {columns} FROM {every} AS a UNION ALL SELECT {columns} FROM {changes} AS b)"
        )
        newest = _newest(dataset, both, "member_id", "as_of DESC, seq DESC")
        return f"SELECT {columns} FROM ({newest}) AS newest WHERE place = 1 AND NOT gone"
    oldest = day - timedelta(days=KEPT_DAYS)
    kept = dataset_sql(dataset, relation)
    return f"SELECT {_columns(dataset)} FROM ({kept}) AS kept WHERE day >= '{oldest}'"


def count_query(where: Where) -> SnapshotQuery:
    """One row: members, and how many of them can be reached by mail, text message and push."""
    reached = ", ".join(
        f"count(CASE WHEN reach_{channel} THEN 1 END)" for channel in ("mail", "sms", "push")
    )
    text = f"SELECT count(*), {reached} FROM {{members}} AS members WHERE {_braced(where)}"
    return SnapshotQuery(text, where.parameters)


def counted(row: tuple[Cell, ...]) -> AudienceCount:
    """What the row of `count_query` says."""
    members, mail, sms, push = (int(str(cell)) for cell in row)
    return AudienceCount(members, mail, sms, push)


def sample_query(where: Where, most: int) -> SnapshotQuery:
    """Some members: id, tier, points since joining. By the ends of their ids, which are random."""
    return SnapshotQuery(
        "SELECT member_id, tier, lifetime_points FROM {members} AS members"
        f" WHERE {_braced(where)} ORDER BY reverse(member_id) LIMIT {most}",
        where.parameters,
    )


def sampled(rows: Sequence[tuple[Cell, ...]]) -> tuple[Row, ...]:
    """What the rows of `sample_query` say."""
    return tuple(
        {"member_id": member_id, "tier": tier, "lifetime_points": points}
        for member_id, tier, points in rows
    )


def members_query(where: Where, after: str | None, limit: int) -> SnapshotQuery:
    """Ids of members above one, one more than asked for."""
    return SnapshotQuery(
        "SELECT member_id FROM {members} AS members"
        f" WHERE {_braced(where)} AND member_id > ? ORDER BY member_id LIMIT {limit + 1}",
        (*where.parameters, after or ""),
    )


def page_of(rows: Sequence[tuple[Cell, ...]], limit: int) -> MemberPage:
    """What the rows of `members_query` say."""
    found = tuple(str(row[0]) for row in rows)
    return MemberPage(found[:limit], found[limit - 1] if len(found) > limit else None)


def _braced(where: Where) -> str:
    return f"({where.text.replace('{', '{{').replace('}', '}}')})"


def _members(relation: Relation) -> str:
    """All, merged ones too. A change counts that is newer than the base: the pass over all members
    may have come after it."""
    columns = _columns(Dataset.MEMBERS)
    base = relation(Dataset.MEMBERS, Kind.BASE)
    changes = relation(Dataset.MEMBERS, Kind.CHANGES)
    newest = _newest(Dataset.MEMBERS, "newer", "member_id", "as_of DESC, seq DESC")
    return (
        f"WITH newer AS (SELECT change.* FROM {changes} AS change LEFT JOIN {base} AS before"
        " ON before.member_id = change.member_id"
        " WHERE before.member_id IS NULL OR change.as_of > before.as_of)"
        f" SELECT {columns} FROM {base} AS base"
        " WHERE member_id NOT IN (SELECT member_id FROM newer)"
        f" UNION ALL SELECT {columns} FROM ({newest}) AS newest WHERE place = 1 AND NOT gone"
    )


def _newest(dataset: Dataset, relation: str, of_each: str, order: str) -> str:
    return (
        f"SELECT {_columns(dataset)}, row_number() OVER"
        f" (PARTITION BY {of_each} ORDER BY {order}) AS place FROM {relation} AS every"
    )


def _of_who_is_there(dataset: Dataset, relation: Relation) -> str:
    allowed = " WHERE profiling" if dataset is Dataset.LINES else ""
    return f"member_id IN (SELECT member_id FROM ({_members(relation)}) AS members{allowed})"


def _columns(dataset: Dataset) -> str:
    return ", ".join(map(_quoted, COLUMNS[dataset]))


def _quoted(name: str) -> str:
    return f'"{column_of(name)}"'
