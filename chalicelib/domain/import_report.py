"""The report of an import: every refused row, as CSV that is safe to open in a spreadsheet."""

from collections.abc import Iterable

from chalicelib.domain.imports import RefusedRow

HEADER = b'"line","row_id","code","detail"\r\n'

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_lines(rows: Iterable[RefusedRow]) -> bytes:
    """Rows as lines of the report, without its header."""
    return b"".join(
        ",".join(map(_cell, (str(row.line), row.row_id, row.code, row.detail))).encode() + b"\r\n"
        for row in rows
    )


def _cell(text: str) -> str:
    """A quoted cell; what a spreadsheet would calculate is made text by an apostrophe before it."""
    kept = f"'{text}" if text.startswith(_FORMULA) else text
    return '"' + kept.replace('"', '""') + '"'
