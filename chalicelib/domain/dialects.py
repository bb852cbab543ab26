"""The two kinds of SQL that audiences are asked for in."""

from enum import StrEnum


class Dialect(StrEnum):
    """Of the engine that runs a query: the embedded one, or the one over files in S3."""

    DUCKDB = "duckdb"
    ATHENA = "athena"
