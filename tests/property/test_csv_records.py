"""Records of CSV: what was written is read again, any bytes are read to their end, and how a file
was cut into pieces, or where reading it was broken off, cannot be told from what was read."""

import csv
import io
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.csv_records import (
    BEGINNING,
    BYTE_ORDER_MARK,
    LONGEST_RECORD_BYTES,
    Place,
    Record,
    RecordReader,
)

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=8)
NOISE = st.lists(
    st.sampled_from([b'"', b",", b"\n", b"\r", b"\r\n", b"a", b"1", b'""', b"\xff", b"\x00"]),
    max_size=60,
).map(b"".join)


def read(content: bytes, piece: int = 64, place: Place = BEGINNING) -> list[Record]:
    """All records, from pieces of so many bytes."""
    reader = RecordReader(lambda at: content[at : at + piece], place)
    return list(iter(reader.read, None))


def cells(content: bytes) -> list[tuple[str, ...] | str]:
    """The cells of each record, or what is wrong with it."""
    return [record.cells or record.problem or () for record in read(content)]


@given(rows=ROWS, line_break=st.sampled_from(["\r\n", "\n"]), marked=st.booleans())
def test_what_a_spreadsheet_writes_is_read_cell_by_cell(
    rows: list[list[str]], line_break: str, marked: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_break, quoting=csv.QUOTE_ALL).writerows(rows)
    content = (BYTE_ORDER_MARK if marked else b"") + text.getvalue().encode()
    assert cells(content) == [tuple(row) for row in rows]


@given(content=NOISE | st.binary(max_size=200), piece=st.integers(1, 50))
@example(content=b'"', piece=1)
@example(content=b'a,"b\nc,d\n', piece=3)
def test_any_bytes_are_read_to_their_end_and_every_line_is_told_once(
    content: bytes, piece: int
) -> None:
    reader = RecordReader(lambda at: content[at : at + piece], BEGINNING)
    lines = []
    while (record := reader.read()) is not None:
        assert (record.cells is None) != (record.problem is None)
        lines.append(record.line)
    assert reader.place == Place(len(content), content.count(b"\n") + 1)
    assert lines == sorted(set(lines))


@given(content=NOISE, piece=st.integers(1, 50), other=st.integers(1, 50))
def test_how_a_file_is_cut_into_pieces_does_not_matter(
    content: bytes, piece: int, other: int
) -> None:
    assert read(content, piece) == read(content, other)


@given(content=NOISE, piece=st.integers(1, 50))
def test_going_on_where_any_record_ended_reads_the_same(content: bytes, piece: int) -> None:
    whole = read(content, piece)
    reader = RecordReader(lambda at: content[at : at + piece], BEGINNING)
    for number in range(len(whole)):
        assert read(content, piece, reader.place) == whole[number:]
        reader.read()


def test_a_quoted_line_break_and_a_doubled_quote_belong_to_their_cell() -> None:
    content = b'row_id,"a\r\nb","say ""hi"""\r\nnext,1,2\r\n'
    assert read(content) == [
        Record(1, ("row_id", "a\r\nb", 'say "hi"')),
        Record(3, ("next", "1", "2")),
    ]


@pytest.mark.parametrize(
    "line",
    [b'a,5" nail', b'"a"b,c', b"a\rb,c", b'a,"b', b'"a""b,c', b'x,"a"\r,c', b'a,"b"c"'],
)
def test_a_malformed_line_costs_itself_and_no_other(line: bytes) -> None:
    content = b"first,1\n" + line + b'\nsecond,2\n"third",3\n'
    assert cells(content) == [("first", "1"), "malformed_line", ("second", "2"), ("third", "3")]


def test_bytes_that_are_no_text_cost_their_line() -> None:
    assert cells(b"a,1\nb\xff,2\nc,3") == [("a", "1"), "not_utf8", ("c", "3")]


@pytest.mark.parametrize("last", [b"b,2", b"b,2\n", b"b,2\r\n", b'b,"2"', b"b,2\n\n\r\n"])
def test_the_last_line_needs_no_line_break_and_empty_lines_are_none(last: bytes) -> None:
    assert cells(b"a,1\n\n\r\n" + last) == [("a", "1"), ("b", "2")]


@pytest.mark.parametrize("size", [LONGEST_RECORD_BYTES, LONGEST_RECORD_BYTES * 40])
@pytest.mark.parametrize("begun", [b"", b'"', b'x,"'])
def test_a_line_that_is_too_long_costs_itself(size: int, begun: bytes) -> None:
    content = b"a,1\n" + begun + b"x" * size + b"\nb,2\n"
    assert cells(content) == [("a", "1"), "line_too_long", ("b", "2")]


def test_the_longest_record_is_read() -> None:
    cell = "x" * (LONGEST_RECORD_BYTES - len(",1\n"))
    assert cells(f"{cell},1\nb,2\n".encode()) == [(cell, "1"), ("b", "2")]


def test_an_open_quote_costs_its_line_alone_even_when_others_are_quoted() -> None:
    rows = "".join(f'"r{number}","{letter}"\n' for number, letter in enumerate("abcdefgh"))
    content = b'start,"open\n' + rows.encode()
    found = cells(content)
    assert found[0] == "malformed_line"
    assert found[1:] == [(f"r{n}", letter) for n, letter in enumerate("abcdefgh")]


def test_no_more_is_held_than_a_piece_and_a_record() -> None:
    asked = []
    content = ("a," + string.ascii_letters + "\n").encode() * 20_000

    def fetch(at: int) -> bytes:
        asked.append(at)
        return content[at : at + 4_096]

    reader = RecordReader(fetch, BEGINNING)
    while reader.read() is not None:
        assert len(reader._buffer) <= LONGEST_RECORD_BYTES + 2 * 4_096
    assert asked == sorted(set(asked))
