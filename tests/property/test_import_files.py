"""Whatever a file holds, its import comes to an end that tells of every row, and of no other."""

import csv
import io
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.csv_records import BEGINNING, RecordReader
from chalicelib.domain.import_report import HEADER, report_lines
from chalicelib.domain.imports import ImportStatus, RefusedRow
from tests.import_world import fake_import_world, table

MIA = "mem_w_mia"
HEADERS = st.sampled_from(
    [
        b"row_id,member_id,email,phone,points,expires_on,allow_debt\n",
        b"row_id,external_id,card_number,points\r\n",
        b"\xef\xbb\xbfpoints,row_id,member_id\n",
    ]
)
PIECES = [b'"', b",", b"\n", b"\r\n", b"1", b"-7", b"r1", b"\xff", b"\x00", b"=1", MIA.encode()]
PIECES += [b"mia@example.com", b"2026-12-31", b"true", b"4111111111111111", "²½٣é\u2028".encode()]
CELLS = st.sampled_from(PIECES[4:]) | st.just(b"")
LIKELY = st.tuples(
    st.sampled_from([b"r1", b"r2", b"=1", b""]),
    st.sampled_from([MIA.encode(), b""]),
    st.just(b""),
    st.just(b""),
    st.sampled_from([b"1", b"-7", b"0", b"x"]),
    st.sampled_from([b"", b"2026-12-31", b"2020-01-01"]),
    st.sampled_from([b"true", b""]),
).map(b",".join)
LINES = LIKELY | st.lists(CELLS, min_size=3, max_size=8).map(b",".join)
NOISE = (
    st.lists(LINES, max_size=12).map(b"\n".join)
    | st.lists(st.sampled_from(PIECES), max_size=80).map(b"".join)
    | st.binary(max_size=300)
)


@given(content=NOISE, header=HEADERS | st.just(b""), kind=st.sampled_from(["balances", "history"]))
@settings(max_examples=150)
def test_any_file_comes_to_an_end_and_every_row_of_it_is_told(
    content: bytes, header: bytes, kind: str
) -> None:
    world, _ = fake_import_world()
    mia = world.member("mia", email="mia@example.com")
    assert mia == MIA
    content = header + content
    job = world.run("a", content, kind)
    refused = world.report("w-a")
    assert len(refused) == job.tally.refused
    if job.status is ImportStatus.REFUSED:
        assert job.tally.done == 0
        return
    reader = RecordReader(lambda at: content[at : at + 100], BEGINNING)
    lines = [record.line for record in iter(reader.read, None)][1:]
    assert job.tally.done == len(lines)
    assert {int(line) for line, *_ in refused} <= set(lines)
    # Whatever counted stands in the account, and again counts for nothing.
    moved = world.story(mia)[1:]
    assert job.tally.applied >= len(moved)
    again = world.run("b", content, kind).tally
    assert again.applied == 0
    assert again.replayed == job.tally.applied + job.tally.replayed
    assert world.story(mia)[1:] == moved


ROWS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["mia", "tom"]), st.integers(1, 50)),
    max_size=30,
)


@given(rows=ROWS, at_once=st.integers(1, 10))
def test_of_rows_of_one_id_the_first_counts_whatever_the_batches(
    rows: list[tuple[str, str, int]], at_once: int
) -> None:
    world, _ = fake_import_world()
    members = {name: world.member(name) for name in ("mia", "tom")}
    content = table("row_id member_id points", *((i, members[m], p) for i, m, p in rows))
    import_id = world.prepared("a", content)
    world.go_on(import_id, rows_at_once=at_once)
    first: dict[str, tuple[str, int]] = {}
    outcomes: Counter[str] = Counter()
    for row_id, member, points in rows:
        known = first.setdefault(row_id, (member, points))
        new = known is first[row_id] and outcomes[row_id] == 0
        outcomes[row_id] += 1
        outcomes["applied" if new else "replayed" if known == (member, points) else "refused"] += 1
    tally = world.job(import_id).tally
    assert (tally.applied, tally.replayed, tally.refused) == (
        outcomes["applied"],
        outcomes["replayed"],
        outcomes["refused"],
    )
    for name, member_id in members.items():
        given_points = [points for member, points in first.values() if member == name]
        assert [points for _, points, _ in world.story(member_id)[1:]] == given_points


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)


@given(rows=st.lists(st.tuples(st.integers(1), TEXTS, TEXTS, TEXTS), max_size=5))
def test_a_report_is_csv_that_says_the_same_and_calculates_nothing(
    rows: list[tuple[int, str, str, str]],
) -> None:
    text = (HEADER + report_lines(RefusedRow(*row) for row in rows)).decode()
    _, *read = csv.reader(io.StringIO(text, newline=""))
    for (line, *cells), (shown_line, *shown) in zip(rows, read, strict=True):
        assert shown_line == str(line)
        for cell, seen in zip(cells, shown, strict=True):
            assert seen.removeprefix("'") == cell.removeprefix("'") or seen == cell
            assert not seen.startswith(("=", "+", "-", "@", "\t", "\r"))
