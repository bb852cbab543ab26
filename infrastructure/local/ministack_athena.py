"""What MiniStack's Athena lacks to be asked as Athena is: its SQL, parameters, UNLOAD and types.

MiniStack hands a query to DuckDB as it is written. Here it is read first as what Athena reads,
with each parameter put where its question mark is, and said again in DuckDB's words. Tables of JSON
lines have the types that the catalogue gives them, instead of those that somebody guesses.

A part of `ministack_child.py`: it must not import anything of this project, nor anything that
MiniStack's smaller installation has not, before the first query.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

from ministack.services import athena, s3

_UNLOAD = re.compile(
    r"\s*UNLOAD\s*\((.*)\)\s*TO\s*'s3://([^/']+)/([^']*)'\s*WITH\s*\(\s*format\s*=\s*'PARQUET'\s*\)",
    re.DOTALL | re.IGNORECASE,
)
_COPY = re.compile(r"COPY .* TO '([^']+)' \(FORMAT parquet\)", re.DOTALL)

_start, _run = athena._start_query_execution, athena._run_duckdb
_relation, _empty = athena._table_relation, athena._empty_relation
_unloaded: dict[str, tuple[str, str]] = {}  # a file that DuckDB writes -> its bucket and key


def install() -> None:
    """Put it in place; MiniStack without DuckDB stays as it is."""
    if athena.get_athena_engine() == "duckdb":
        athena._start_query_execution = _start_as_athena
        athena._run_duckdb = _run_and_unload
        athena._table_relation = _typed_relation
        athena._empty_relation = _typed_nothing


def _start_as_athena(data: dict[str, Any]) -> Any:
    text, parameters = data.get("QueryString", ""), data.get("ExecutionParameters", [])
    unload = _UNLOAD.fullmatch(text)
    try:
        said = _in_duckdb(unload[1] if unload else text, parameters)
    except ValueError as error:
        return athena.error_response_json("InvalidRequestException", str(error), 400)
    if unload:
        file = tempfile.mktemp(suffix=".parquet")  # noqa: S306  # a name in MiniStack's own folder
        _unloaded[file] = (unload[2], f"{unload[3]}0.parquet")
        said = f"COPY ({said}) TO '{file}' (FORMAT parquet)"
    return _start(data | {"QueryString": said})


def _in_duckdb(text: str, parameters: list[str]) -> str:
    """ValueError for what Athena would not understand, or with another number of parameters."""
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(text, read="athena")
    places = sum(1 for _ in tree.find_all(exp.Placeholder))
    if places != len(parameters):
        raise ValueError(f"Incorrect number of parameters: expected {places}")
    literals = iter(parameters)  # in the order of the text, as a tree is gone through depth first
    filled = tree.transform(
        lambda node: (
            sqlglot.parse_one(next(literals), read="athena")
            if isinstance(node, exp.Placeholder)
            else node
        )
    )
    return str(filled.sql(dialect="duckdb"))


async def _run_and_unload(query: str, database: str, catalog: str | None = None) -> Any:
    results = await _run(query, database, catalog)
    copied = _COPY.fullmatch(query)
    if copied:
        file, (bucket, key) = Path(copied[1]), _unloaded.pop(copied[1])
        s3._put_object(bucket, key, file.read_bytes(), {})
        file.unlink()
        return {"columns": [], "rows": [], "column_types": []}
    return results


def _typed_relation(table: dict[str, Any], files: list[str]) -> str:
    columns = table["StorageDescriptor"]["Columns"]
    if athena._data_format(table) != "json":
        return str(_relation(table, files))
    types = ", ".join(f"'{column['Name']}': '{_type(column)}'" for column in columns)
    parts = athena._hive_options(athena._path_partition_keys(table, files))
    read = f"read_json({athena._sql_list(files)}, format = 'newline_delimited', {parts}"
    return f"{read}, columns = {{{types}}})"


def _typed_nothing(table: dict[str, Any]) -> str:
    columns = [*table["StorageDescriptor"]["Columns"], *table.get("PartitionKeys", [])]
    nulls = ", ".join(f'CAST(NULL AS {_type(one)}) AS "{one["Name"]}"' for one in columns)
    return f"(SELECT {nulls} WHERE FALSE)"


def _type(column: dict[str, Any]) -> str:
    name = str(column["Type"])
    inner = re.fullmatch(r"array<(\w+)>", name)
    return f"{athena._duckdb_type({'Type': inner[1]})}[]" if inner else athena._duckdb_type(column)
