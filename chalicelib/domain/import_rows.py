"""Rows of an import: what a file's columns mean, and each row read, strictly. Pure.

Who the member of a row is, and what the row does to an account, others find out. What is wrong is
told without repeating what the file says: it may be somebody's address, or anything at all.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.card_numbers import holds_card_number
from chalicelib.domain.csv_records import LONGEST_RECORD_BYTES, Record
from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.imports import FileProblem, ImportKind
from chalicelib.domain.instants import parsed

MEMBER_COLUMNS = ("member_id", "card_number", "external_id", "email", "phone")
MOST_POINTS = 10**9
MOST_MINOR = 10**12

_REQUIRED: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.BALANCES: ("row_id", "points"),
    ImportKind.HISTORY: ("row_id", "occurred_at", "amount_minor", "points"),
}
_OPTIONAL: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.BALANCES: ("expires_on", "allow_debt"),
    ImportKind.HISTORY: (),
}
_ROW_ID = re.compile(r"[!-~]([ -~]{0,126}[!-~])?", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_OLDEST_YEAR = 1970

_LINE_PROBLEMS = {
    "malformed_line": "This line is no CSV: close every quote, and double those inside quotes.",
    "line_too_long": f"A row has at most {LONGEST_RECORD_BYTES:,} bytes.",
    "not_utf8": "Write the file in UTF-8.",
}


@dataclass(frozen=True, slots=True)
class Named:
    """The member of a row: which column names it, and how."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Points that a member had. points: negative for a debt, which `allow_debt` says is meant.
    expires_on: None for as long as points earned today."""

    row_id: str
    member: Named
    points: int
    expires_on: date | None
    allow_debt: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A purchase that a member made. points: what the other product gave for it."""

    row_id: str
    member: Named
    occurred_at: datetime
    amount_minor: int
    points: int


Row = BalanceRow | HistoryRow


class FileRefused(Exception):
    """The file as a whole cannot be read (on)."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def columns_of(kind: ImportKind, header: Record | None) -> tuple[str, ...]:
    """The columns that a file's first line names, in its order. Raises FileRefused."""
    cells = header.cells if header is not None else None
    named = tuple(cell.strip().lower() for cell in cells or ())
    known = (*_REQUIRED[kind], *MEMBER_COLUMNS, *_OPTIONAL[kind])
    if not set(named) & set(known):
        raise _refused(
            "not_csv",
            "The first line names none of the columns. Write a CSV file in UTF-8, cells separated "
            f"by commas, whose first line has some of: {', '.join(known)}.",
        )
    # By place, not by name: where the header is missing, its place is somebody's row.
    strange = [str(place) for place, name in enumerate(named, start=1) if name not in known]
    if strange:
        detail = f"Leave out, or rename, column {', '.join(strange)}; known: {', '.join(known)}."
        raise _refused("unknown_columns", detail)
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise _refused("duplicate_columns", f"Each column stands once: {', '.join(twice)}.")
    missing = [name for name in _REQUIRED[kind] if name not in named]
    if not set(named) & set(MEMBER_COLUMNS):
        missing.append("one of " + ", ".join(MEMBER_COLUMNS))
    if missing:
        raise _refused("missing_columns", f"The first line also needs: {'; '.join(missing)}.")
    return named


def row_id_of(columns: tuple[str, ...], record: Record) -> str:
    """A row's own id, for the report: "" where it cannot be told or must not be repeated."""
    if record.cells is None or len(record.cells) != len(columns):
        return ""  # in its place may be anything
    row_id = record.cells[columns.index("row_id")].strip()
    sound = _ROW_ID.fullmatch(row_id) is not None and not holds_card_number(row_id)
    return row_id if sound else ""


def row_of(kind: ImportKind, columns: tuple[str, ...], record: Record) -> Row:
    """A row, read. Raises Unacceptable."""
    if record.problem is not None or record.cells is None:
        problem = record.problem or "malformed_line"
        raise Unacceptable(problem, _LINE_PROBLEMS[problem])
    if len(record.cells) != len(columns):
        detail = f"The row has {len(record.cells)} cells, the first line {len(columns)}."
        raise Unacceptable("wrong_number_of_cells", detail)
    cells = {name: cell.strip() for name, cell in zip(columns, record.cells, strict=True)}
    _refuse_card_numbers(cells)
    row_id, member = _row_id(cells["row_id"]), _named(cells)
    if kind is ImportKind.BALANCES:
        return BalanceRow(
            row_id,
            member,
            _integer("points", cells["points"], -MOST_POINTS, MOST_POINTS),
            _day("expires_on", cells.get("expires_on", "")),
            _flag("allow_debt", cells.get("allow_debt", "")),
        )
    return HistoryRow(
        row_id,
        member,
        _instant("occurred_at", cells["occurred_at"]),
        _integer("amount_minor", cells["amount_minor"], 0, MOST_MINOR),
        _integer("points", cells["points"], 0, MOST_POINTS),
    )


def _refuse_card_numbers(cells: Mapping[str, str]) -> None:
    for name, cell in cells.items():
        if name != "phone" and holds_card_number(cell):  # phones are checked as phones
            detail = f"{name}: this looks like a card number; we never take one."
            if name in ("row_id", "external_id"):
                detail = f"{name}: this looks like a card number; put letters before it."
            raise Unacceptable("card_number_refused", detail)


def _row_id(text: str) -> str:
    if not _ROW_ID.fullmatch(text):
        raise Unacceptable("malformed", "row_id: write 1 to 128 printable ASCII characters.")
    return text


def _named(cells: Mapping[str, str]) -> Named:
    given = [Named(name, cells[name]) for name in MEMBER_COLUMNS if cells.get(name)]
    if len(given) != 1:
        said = "no cell does" if not given else f"{len(given)} cells do"
        detail = f"Exactly one of {', '.join(MEMBER_COLUMNS)} names the member; here {said}."
        raise Unacceptable("one_member", detail)
    return given[0]


def _integer(name: str, text: str, least: int, most: int) -> int:
    if not _INTEGER.fullmatch(text):
        raise Unacceptable("malformed", f"{name}: write a whole number, digits alone.")
    if not least <= int(text) <= most:
        raise Unacceptable("out_of_range", f"{name}: write a number from {least} to {most}.")
    return int(text)


def _day(name: str, text: str) -> date | None:
    try:
        if text and not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Unacceptable("malformed", f"{name}: write a date, such as 2027-12-31.") from None


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("", "true", "false"):
        raise Unacceptable("malformed", f"{name}: write true or false.")
    return text.lower() == "true"


def _instant(name: str, text: str) -> datetime:
    try:
        instant = parsed(text)
    except ValueError:
        detail = f"{name}: write an instant with its offset, such as 2024-05-31T18:30:00+02:00."
        raise Unacceptable("malformed", detail) from None
    if instant.year < _OLDEST_YEAR:
        raise Unacceptable("out_of_range", f"{name}: write an instant since {_OLDEST_YEAR}.")
    return instant


def _refused(code: str, detail: str) -> FileRefused:
    return FileRefused(FileProblem(code, detail))
