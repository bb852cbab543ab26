"""Records of a CSV file (RFC 4180) from any bytes, one after the other, each with its place.

Holds no more than a piece of the file, and a record never depends on how the file was cut into
pieces: whoever goes on where a record ended reads the same as whoever began at the file's start.
Must not know what the records are for, nor where the bytes come from.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_RECORD_BYTES = 8_192
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Fetch = Callable[[int], bytes]
"""A place in the file (bytes before it) -> some of what stands there; nothing at its end alone."""

_STOP = re.compile(rb"[,\n]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record begins: how many bytes are before it, and the number of its line, from 1."""

    offset: int
    line: int


BEGINNING = Place(offset=0, line=1)


@dataclass(frozen=True, slots=True)
class Record:
    """One record. line: the first of its lines. cells: None where `problem` says why nobody can
    tell them: malformed_line, line_too_long or not_utf8."""

    line: int
    cells: tuple[str, ...] | None
    problem: str | None = None


class RecordReader:
    """Reads record after record. place: where the next one begins."""

    def __init__(self, fetch: Fetch, place: Place) -> None:
        self._fetch = fetch
        self._buffer = b""
        self._at = 0  # of the next record in the buffer
        self._ended = False
        self.place = place

    def read(self) -> Record | None:
        """The next record, empty lines passed over; None at the end of the file."""
        while self._something_is_left():
            line, begin = self.place.line, self._at
            found = self._scanned()
            if found is None:
                return self._given_up(line)
            cells, end = found
            self._move_to(end)
            if self._buffer[begin:end].strip(b"\r\n"):
                return _record(line, cells)
        return None

    def _something_is_left(self) -> bool:
        """Have the longest record in the buffer, or else all that is left of the file."""
        while not self._ended and len(self._buffer) - self._at <= LONGEST_RECORD_BYTES:
            held = self._buffer[self._at :]
            piece = self._fetch(self.place.offset + len(held))
            self._buffer, self._at, self._ended = held + piece, 0, not piece
        if self.place.offset == 0 and self._buffer.startswith(BYTE_ORDER_MARK):
            self._move_to(len(BYTE_ORDER_MARK))
        return self._at < len(self._buffer)

    def _scanned(self) -> tuple[list[bytes] | None, int] | None:
        """Cells of the next record and its end in the buffer; None where it has no end."""
        window = self._at + LONGEST_RECORD_BYTES
        found = _scan(self._buffer, self._at, window)
        if found is None and len(self._buffer) <= window:  # no line break is needed after the last
            last = self._buffer[self._at :]
            found = _scan(last + b"\n", 0, len(last) + 1)
            if found is not None:
                found = (found[0], min(self._at + found[1], len(self._buffer)))
        return found

    def _given_up(self, line: int) -> Record:
        """One line of a record without an end: what stands on the next line may be sound."""
        window = self._at + LONGEST_RECORD_BYTES
        line_end = self._buffer.find(b"\n", self._at, window)
        if line_end >= 0 or len(self._buffer) <= window:
            self._move_to(line_end + 1 if line_end >= 0 else len(self._buffer))
            return Record(line, None, "malformed_line")
        while line_end < 0 and self._something_is_left():
            line_end = self._buffer.find(b"\n", self._at)
            self._move_to(line_end + 1 if line_end >= 0 else len(self._buffer))
        return Record(line, None, "line_too_long")

    def _move_to(self, end: int) -> None:
        lines = self._buffer.count(b"\n", self._at, end)
        self.place = Place(self.place.offset + end - self._at, self.place.line + lines)
        self._at = end


def _scan(text: bytes, begin: int, window: int) -> tuple[list[bytes] | None, int] | None:
    """The cells of the record at `begin` and where the next one begins.

    None where it has no end before `window`. Cells are None where it breaks the rules: then the
    next one begins on the next line, for a quote out of place must not cost other rows.
    """
    line_end = text.find(b"\n", begin, window)
    if line_end >= 0 and text.find(b'"', begin, line_end) < 0:
        plain = text[begin:line_end].removesuffix(b"\r")
        return (plain.split(b",") if b"\r" not in plain else None), line_end + 1
    cells: list[bytes] = []
    at = begin
    while True:
        cell, stop = _cell(text, at, window)
        if stop is None:
            return None
        if cell is None:
            line_end = text.find(b"\n", begin, window)
            return (None, line_end + 1) if line_end >= 0 else None
        cells.append(cell)
        if text[stop : stop + 1] == b"\n":
            return cells, stop + 1
        at = stop + 1


def _cell(text: bytes, begin: int, window: int) -> tuple[bytes | None, int | None]:
    """A cell, None where it breaks the rules, and where the comma or line break after it is, None
    where there is none."""
    quoted = text.startswith(b'"', begin)
    closing = _closing_quote(text, begin + 1, window) if quoted else begin - 1
    stop = _STOP.search(text, closing + 1, window) if closing is not None else None
    if closing is None or stop is None:
        return None, None
    rest = text[closing + 1 : stop.start()]
    if stop[0] == b"\n":
        rest = rest.removesuffix(b"\r")
    if quoted:
        inside = text[begin + 1 : closing].replace(b'""', b'"')
        return (None if rest else inside), stop.start()
    return (None if b'"' in rest or b"\r" in rest else rest), stop.start()


def _closing_quote(text: bytes, begin: int, window: int) -> int | None:
    """Where a quoted cell is closed: at the first quote that is not doubled."""
    while True:
        quote = text.find(b'"', begin, window)
        if quote < 0:
            return None
        if text[quote + 1 : quote + 2] != b'"':
            return quote
        begin = quote + 2


def _record(line: int, cells: list[bytes] | None) -> Record:
    if cells is None:
        return Record(line, None, "malformed_line")
    try:
        return Record(line, tuple(cell.decode() for cell in cells))
    except UnicodeDecodeError:
        return Record(line, None, "not_utf8")
