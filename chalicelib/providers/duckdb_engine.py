"""Asks the snapshot by DuckDB, embedded in this process: for who runs on one machine.

DuckDB is loaded on first use, and is in no function's package. Must not know what is asked.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.domain.dialects import Dialect
from chalicelib.domain.fact_list import FactKind
from chalicelib.domain.snapshot_columns import COLUMNS, Cell, Dataset, Row
from chalicelib.providers import snapshot_sql
from chalicelib.providers.snapshot_bases import Maker, Reading, make_base
from chalicelib.providers.snapshot_files import Current, Kind, SnapshotFiles, prefix
from chalicelib.providers.snapshot_sql import Relation
from chalicelib.usecases.ports import (
    AsOf,
    AudienceCount,
    MemberPage,
    SnapshotQuery,
    StoreUnavailable,
    Where,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TYPES = {
    FactKind.INTEGER: "BIGINT",
    FactKind.BOOLEAN: "BOOLEAN",
    FactKind.TEXT: "VARCHAR",
    FactKind.TEXTS: "VARCHAR[]",
}

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "700MB",
    "threads": 2,
    "temp_directory": tempfile.gettempdir(),
    "autoinstall_known_extensions": False,  # nothing is fetched from anywhere
}

_beginning = Lock()


class DuckDbEngine:
    """The `AudienceQueries` port. attributes: those that the program declares by now."""

    dialect = Dialect.DUCKDB

    def __init__(self, files: SnapshotFiles, attributes: Callable[[], Sequence[str]]) -> None:
        self._files = files
        self._attributes = attributes

    def as_of(self) -> AsOf:
        return self._files.as_of(self._files.current())

    def count(self, where: Where) -> AudienceCount:
        [row] = self.rows(snapshot_sql.count_query(where))
        return snapshot_sql.counted(row)

    def sample(self, where: Where, most: int) -> tuple[Row, ...]:
        return snapshot_sql.sampled(self.rows(snapshot_sql.sample_query(where, most)))

    def members(self, where: Where, after: str | None, limit: int) -> MemberPage:
        rows = self.rows(snapshot_sql.members_query(where, after, limit))
        return snapshot_sql.page_of(rows, limit)

    def rows(self, query: SnapshotQuery) -> list[tuple[Cell, ...]]:
        now = self._files.current()
        relation = self._relation(Reading(now, now))
        text = snapshot_sql.query_text(query.text, relation, self.dialect, self._attributes())
        with _connected() as connection:
            return connection.execute(text, list(query.parameters)).fetchall()

    def compact(self, day: date) -> None:
        make_base(self._files, day, Maker(self._relation, self._keep, self._newest))

    def _relation(self, reading: Reading) -> Relation:
        @cache
        def relation(dataset: Dataset, kind: Kind) -> str:
            current, files = reading.of(dataset), self._files
            match kind:
                case Kind.BASE:
                    found = files.base(dataset, current)
                case Kind.CHANGES:
                    found = files.changes(dataset, current)
                case Kind.ALL:
                    found = files.all_of(date.fromisoformat(current.day))
            return _relation_of(dataset, kind, files.objects.paths(found))

        return relation

    def _keep(self, dataset: Dataset, base: Current, text: str) -> None:
        with tempfile.TemporaryDirectory() as folder, _connected() as connection:
            file = Path(folder) / "0.parquet"
            connection.execute(f"COPY ({text}) TO {_quoted(str(file))} (FORMAT parquet)")
            name = f"{prefix(dataset, Kind.BASE, base.base)}{file.name}"
            self._files.objects.write(name, file)

    def _newest(self, base: Current) -> str | None:
        relation = self._relation(Reading(base, base))(Dataset.MEMBERS, Kind.BASE)
        with _connected() as connection:
            [(newest,)] = connection.execute(f"SELECT max(as_of) FROM {relation} AS m").fetchall()  # noqa: S608  # our own names
        return str(newest) if newest is not None else None


def _relation_of(dataset: Dataset, kind: Kind, paths: Sequence[str]) -> str:
    columns = COLUMNS[dataset]
    nulls = ", ".join(f'CAST(NULL AS {_TYPES[of]}) AS "{name}"' for name, of in columns.items())
    none = f"SELECT {nulls} WHERE FALSE"
    if not paths:
        return f"({none})"
    files = f"[{', '.join(map(_quoted, paths))}]"
    if kind is Kind.BASE:  # one that an older release made lacks the columns that came since
        base = f"SELECT * FROM read_parquet({files}, union_by_name = true)"  # noqa: S608  # our own names
        return f"({base} UNION ALL BY NAME {none})"
    types = ", ".join(f"'{name}': '{_TYPES[of]}'" for name, of in columns.items())
    return (
        f"(SELECT * FROM read_json({files}, format = 'newline_delimited',"  # noqa: S608  # the same
        f" compression = 'gzip', columns = {{{types}}}))"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def _database() -> "DuckDBPyConnection":
    import duckdb

    return duckdb.connect(config=_SETTINGS)


@contextmanager
def _connected() -> "Iterator[DuckDBPyConnection]":
    """A connection of its own for every question: they do not wait for each other. All are to one
    database without a table, which holds the memory together and takes a while to begin."""
    import duckdb

    with _beginning:
        connection = _database().cursor()
    try:
        connection.execute("SET enable_progress_bar = false")  # it would draw on the terminal
        yield connection
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StoreUnavailable(f"duckdb: {type(error).__name__}") from error
    finally:
        connection.close()
