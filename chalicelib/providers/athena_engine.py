"""Asks the snapshot by Athena, over the same objects in S3: for whom one machine is too small.

The tables are those of the template; which parts of them count is said in every query. Must not
know what is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.domain.condition_sql import execution_parameters
from chalicelib.domain.dialects import Dialect
from chalicelib.domain.snapshot_columns import COLUMNS, Cell, Dataset, Row
from chalicelib.providers import snapshot_sql
from chalicelib.providers.aws import outages
from chalicelib.providers.snapshot_bases import Maker, Reading, make_base
from chalicelib.providers.snapshot_files import Current, Kind, SnapshotFiles, prefix
from chalicelib.providers.snapshot_sql import Relation
from chalicelib.usecases.ports import (
    AsOf,
    AudienceCount,
    MemberPage,
    Patience,
    SnapshotQuery,
    StoreUnavailable,
    Where,
)

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import ResultSetTypeDef

ANSWER_SECONDS = 14.0
"""How long a question may take: whoever asks over HTTP is cut off after 20."""

COMPACT_SECONDS = 600.0
"""How long a part of a base may take."""

_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class AthenaPlace:
    """Where the objects lie, and the template's tables over them and limits to queries."""

    bucket: str
    database: str
    workgroup: str


class AthenaEngine:
    """The `AudienceQueries` port. attributes: those that the program declares by now."""

    dialect = Dialect.ATHENA

    def __init__(
        self,
        athena: Callable[[], "AthenaClient"],
        files: SnapshotFiles,
        place: AthenaPlace,
        attributes: Callable[[], Sequence[str]],
        patience: Patience,
    ) -> None:
        self._athena = athena
        self._files = files
        self._place = place
        self._attributes = attributes
        self._patience = patience

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
        return self._results(self._run(text, query.parameters, ANSWER_SECONDS))

    def compact(self, day: date) -> None:
        make_base(self._files, day, Maker(self._relation, self._keep, self._newest))

    # --- a query -------------------------------------------------------------------------------

    def _run(self, text: str, parameters: Sequence[int | str | bool], seconds: float) -> str:
        """The id of a query that has succeeded; one that takes longer is stopped."""
        asked = {"ExecutionParameters": execution_parameters(parameters)} if parameters else {}
        until = self._patience.monotonic() + seconds
        with outages("athena"):
            started = self._athena().start_query_execution(
                QueryString=text,
                WorkGroup=self._place.workgroup,
                QueryExecutionContext={"Database": self._place.database},
                **asked,  # type: ignore[arg-type]  # an empty list is refused
            )
            query = started["QueryExecutionId"]
            while (state := self._state(query)) not in ("SUCCEEDED", "FAILED", "CANCELLED"):
                if self._patience.monotonic() > until:
                    self._athena().stop_query_execution(QueryExecutionId=query)
                    raise StoreUnavailable(f"athena: no answer within {seconds:.0f} s")
                self._patience.pause(_POLL_SECONDS)
        if state != "SUCCEEDED":
            raise StoreUnavailable(f"athena: query {query} {state.lower()}")
        return query

    def _state(self, query: str) -> str:
        found = self._athena().get_query_execution(QueryExecutionId=query)
        return found["QueryExecution"]["Status"]["State"]

    def _results(self, query: str) -> list[tuple[Cell, ...]]:
        rows: list[tuple[Cell, ...]] = []
        with outages("athena"):
            pages = self._athena().get_paginator("get_query_results")
            for page in pages.paginate(QueryExecutionId=query):
                rows += _cells(page["ResultSet"])
        return rows[1:]  # the first one names the columns

    # --- its tables ----------------------------------------------------------------------------

    def _relation(self, reading: Reading) -> Relation:
        def relation(dataset: Dataset, kind: Kind) -> str:
            current = reading.of(dataset)
            names = ", ".join(f'"{name}"' for name in COLUMNS[dataset])
            table = f'"{self._place.database}"."{dataset}_{kind}"'
            match kind:
                case Kind.BASE:
                    parts = f"part = '{current.base or 'none'}'"
                case Kind.CHANGES:
                    parts = f"part >= '{current.since or _FIRST_PART}'"
                case Kind.ALL:
                    parts = f"part = '{current.day}'"
            return f"(SELECT {names} FROM {table} AS rows_of_it WHERE {parts})"  # noqa: S608  # our own names

        return relation

    def _keep(self, dataset: Dataset, base: Current, text: str) -> None:
        place = f"s3://{self._place.bucket}/{prefix(dataset, Kind.BASE, base.base)}"
        self._run(f"UNLOAD ({text}) TO '{place}' WITH (format = 'PARQUET')", (), COMPACT_SECONDS)

    def _newest(self, base: Current) -> str | None:
        relation = self._relation(Reading(base, base))(Dataset.MEMBERS, Kind.BASE)
        text = f"SELECT max(as_of) FROM {relation} AS members"  # noqa: S608  # our own names
        [(newest,)] = self._results(self._run(text, (), ANSWER_SECONDS))
        return str(newest) if newest is not None else None


_FIRST_PART = "2020-01-01"


def _cells(results: "ResultSetTypeDef") -> list[tuple[Cell, ...]]:
    kinds = [column["Type"] for column in results["ResultSetMetadata"]["ColumnInfo"]]
    return [
        tuple(
            _cell(kind, cell.get("VarCharValue"))
            for kind, cell in zip(kinds, row["Data"], strict=True)
        )
        for row in results["Rows"]
    ]


def _cell(kind: str, text: str | None) -> Cell:
    """A value by its type; the row of names is no number and stays text."""
    if text is None:
        return None
    try:
        if kind in ("bigint", "integer"):
            return int(text)
        if kind in ("double", "float", "decimal"):
            return float(text)
    except ValueError:
        return text
    return text == "true" if kind == "boolean" else text
