"""What an import refuses, row by row or as a whole, and how it is asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.imports import MOST_BYTES, FileFacts, ImportKind, ImportStatus, Tally
from chalicelib.domain.packing import LARGEST_BYTES
from chalicelib.domain.refusals import Conflict, ConflictingReplay, NotFound
from chalicelib.usecases.create_import import CreateImport, create_import, import_name
from chalicelib.usecases.read_import import Addresses, addresses_of
from chalicelib.usecases.start_import import start_import
from tests.fakes.audit import FakeAudit
from tests.fakes.imports import FakeImportFiles
from tests.import_world import (
    ADMIN,
    NOW,
    ImportWorld,
    fake_import_world,
    table,
)

HISTORY = "row_id member_id occurred_at amount_minor points"


@pytest.fixture
def world() -> ImportWorld:
    return fake_import_world()[0]


# --- what is refused -----------------------------------------------------------------------------

MEMBERS = "row_id member_id card_number external_id email phone points"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("", "mem_w_mia", "", "", "", "", 1), "malformed"),
        (("a\tb", "mem_w_mia", "", "", "", "", 1), "malformed"),
        (("é", "mem_w_mia", "", "", "", "", 1), "malformed"),
        (("x" * 129, "mem_w_mia", "", "", "", "", 1), "malformed"),
        (("1", "", "", "", "", "", 1), "one_member"),
        (("1", "mem_w_mia", "", "", "mia@example.com", "", 1), "one_member"),
        (("1", "mem_nobody", "", "", "", "", 1), "member_not_found"),
        (("1", "é" * 2_000, "", "", "", "", 1), "malformed"),
        (("1", "", "2900000000001", "", "", "", 1), "member_not_found"),
        (("1", "", "12345", "", "", "", 1), "malformed"),
        (("1", "", "", "nobody", "", "", 1), "member_not_found"),
        (("1", "", "", "", "nobody@example.com", "", 1), "member_not_found"),
        (("1", "", "", "", "no address", "", 1), "malformed"),
        (("1", "", "", "", "", "+4915112345678", 1), "member_not_found"),
        (("1", "", "", "", "", "0151 12345678", 1), "not_international"),
        (("1", "", "", "", "", "+49151" + "1" * 3_000, 1), "malformed"),
        (("1", "mem_w_mia", "", "", "", "", ""), "malformed"),
        (("1", "mem_w_mia", "", "", "", "", "1.0"), "malformed"),
        (("1", "mem_w_mia", "", "", "", "", "1e3"), "malformed"),
        (("1", "mem_w_mia", "", "", "", "", "٣"), "malformed"),
        (("1", "mem_w_mia", "", "", "", "", 10**9 + 1), "out_of_range"),
        (("1", "mem_w_mia", "", "", "", "", "9" * 30), "malformed"),
        (("1", "mem_w_mia", "", "", "", ""), "wrong_number_of_cells"),
        (("1", "mem_w_mia", "", "", "", "", 1, ""), "wrong_number_of_cells"),
        (("4111 1111 1111 1111", "mem_w_mia", "", "", "", "", 1), "card_number_refused"),
        (("1", "4111111111111111", "", "", "", "", 1), "card_number_refused"),
        (("1", "", "", "4111-1111-1111-1111", "", "", 1), "card_number_refused"),
    ],
)
def test_a_row_that_is_wrong_is_refused_and_the_next_one_applied(
    world: ImportWorld, row: tuple[object, ...], code: str
) -> None:
    mia = world.member("mia", email="mia@example.com")
    content = table(MEMBERS, row, ("ok", mia, "", "", "", "", 7))
    assert world.run("a", content).tally == Tally(applied=1, refused=1)
    assert world.refusals("w-a") == [(2, code)]


@pytest.mark.parametrize(
    ("columns", "row", "code"),
    [
        ("row_id member_id points expires_on", ("1", "m", 1, "31.12.2027"), "malformed"),
        ("row_id member_id points expires_on", ("1", "m", 1, "2027-02-29"), "malformed"),
        ("row_id member_id points expires_on", ("1", "m", 1, "20271231"), "malformed"),
        ("row_id member_id points allow_debt", ("1", "m", 1, "yes"), "malformed"),
        (HISTORY, ("1", "m", "2024-05-03", 1, 1), "malformed"),
        (HISTORY, ("1", "m", "2024-05-03T10:00:00", 1, 1), "malformed"),
        (HISTORY, ("1", "m", "1969-05-03T10:00:00Z", 1, 1), "out_of_range"),
        (HISTORY, ("1", "m", "0001-01-01T00:00:00+14:00", 1, 1), "malformed"),
        (HISTORY, ("1", "m", "2024-05-03T10:00:00Z", -1, 1), "out_of_range"),
        (HISTORY, ("1", "m", "2024-05-03T10:00:00Z", 1, -1), "out_of_range"),
        (HISTORY, ("1", "m", "2024-05-03T10:00:00Z", "", 1), "malformed"),
    ],
)
def test_a_cell_that_is_wrong_costs_its_row(
    world: ImportWorld, columns: str, row: tuple[object, ...], code: str
) -> None:
    kind = "history" if columns is HISTORY else "balances"
    assert world.run("a", table(columns, row), kind).tally == Tally(refused=1)
    assert world.refusals("w-a") == [(2, code)]


def test_a_phone_that_has_the_digits_of_a_card_is_a_phone(world: ImportWorld) -> None:
    mia = world.member("mia", phone="+4915112345678")
    rows = table("row_id phone points", ("1", "+49 151 12345678", 5))
    assert world.run("a", rows).tally == Tally(applied=1)
    assert world.story(mia)[-1][1] == 5


def test_a_row_of_somebody_who_was_erased_brings_nobody_back(world: ImportWorld) -> None:
    world.people.buried.add(Identifier(Kind.EMAIL, "gone@example.com"))
    rows = table("row_id email points", ("1", "gone@example.com", 5))
    assert world.run("a", rows).tally == Tally(refused=1)
    assert world.refusals("w-a") == [(2, "member_erased")]


def test_the_report_tells_nothing_of_a_row_but_its_own_id(world: ImportWorld) -> None:
    secret = "zoe.private@example.com"
    rows = table(
        "row_id email points",
        ("1", secret, "x"),
        ("2", secret, 5),
        ("3", secret + " ", "5", secret),
        ("4111111111111111", secret, 5),
        (secret, "5"),
    )
    world.run("a", rows)
    assert [row[1] for row in world.report("w-a")] == ["1", "2", "", "", ""]
    report = world.files.reports[import_name(world.ports, "w-a")].decode()
    assert secret not in report
    assert "4111111111111111" not in report


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_the_report_is_safe_to_open_in_a_spreadsheet(world: ImportWorld, formula: str) -> None:
    world.run("a", table("row_id member_id points", (formula, "mem_nobody", 5)))
    assert [row[1] for row in world.report("w-a")] == ["'" + formula]


# --- the file as a whole -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_csv"),
        (b"\n\n", "not_csv"),
        (b"PK\x03\x04\x14\x00\x06\x00", "not_csv"),
        (b"row_id;member_id;points\n", "not_csv"),
        ("row_id,member_id,points\n".encode("utf-16"), "not_csv"),
        (b"x" * 20_000, "not_csv"),
        (b'"row_id,points', "not_csv"),
        (b"row_id,email,points,name,\n", "unknown_columns"),
        (b"row_id,email,points,email\n", "duplicate_columns"),
        (b"row_id,email\n", "missing_columns"),
        (b"row_id,points\n", "missing_columns"),
        (b"email,points\n", "missing_columns"),
    ],
)
def test_a_file_that_cannot_be_an_import_is_refused_as_a_whole(
    world: ImportWorld, content: bytes, code: str
) -> None:
    job = world.run("a", content)
    assert (job.status, job.tally) == (ImportStatus.REFUSED, Tally())
    assert job.problem is not None
    assert job.problem.code == code
    assert "\n" not in job.problem.detail
    assert world.report("w-a") == []


def test_a_missing_header_is_told_without_repeating_the_row_in_its_place(
    world: ImportWorld,
) -> None:
    job = world.run("a", b"17,zoe@example.com,email,5\n")
    assert job.problem is not None
    assert "zoe" not in job.problem.detail


def test_the_header_may_have_a_mark_blanks_and_capitals_in_any_order(world: ImportWorld) -> None:
    mia = world.member("mia")
    content = b"\xef\xbb\xbfPoints, Row_ID ,member_id\r\n5,1," + mia.encode()
    assert world.run("a", content).tally == Tally(applied=1)


def test_balances_of_ever_more_last_days_leave_room_for_what_is_earned(world: ImportWorld) -> None:
    mia = world.member("mia")
    days = [NOW.date() + timedelta(days=number) for number in range(300)]
    rows = [(number, mia, 1_000_000, day) for number, day in enumerate(days)]
    job = world.run("f", table("row_id member_id points expires_on", *rows))
    refused = world.report(job.import_id)
    head = world.ports.ledger.head(mia)
    assert head is not None
    assert {code for _, _, code, _ in refused} == {"account_full"}
    assert len(head.entry.account().lots) == len(days) - len(refused) > 100
    assert len(head.entry.state) < LARGEST_BYTES // 2

    more = table("row_id member_id points expires_on", ("again", mia, 5, days[0]))
    assert world.run("g", more).tally == Tally(applied=1)


def test_a_file_that_is_replaced_while_it_is_read_ends_the_import(world: ImportWorld) -> None:
    mia = world.member("mia")
    rows = [(str(number), mia, 1) for number in range(60)]
    world.files.piece = 600
    import_id = world.prepared("a", table("row_id member_id points", *rows))
    world.go_on(import_id, keep_going=lambda: False)
    world.files.files[import_name(world.ports, import_id)] += b"more,mem_x,1\n"
    world.go_on(import_id)
    job = world.job(import_id)
    assert job.status is ImportStatus.REFUSED
    assert job.problem is not None
    assert job.problem.code == "file_changed"
    assert job.tally == Tally(applied=3)


# --- asking for it -------------------------------------------------------------------------------


def test_an_import_starts_when_its_file_is_there_and_no_sooner(world: ImportWorld) -> None:
    with pytest.raises(NotFound):
        start_import(world.ports, ADMIN, "unknown", NOW)
    create_import(world.ports, ADMIN, CreateImport("b", ImportKind.BALANCES, "s", False), NOW)
    with pytest.raises(Conflict, match="file_missing"):
        start_import(world.ports, ADMIN, "b", NOW)
    world.files.files[import_name(world.ports, "b")] = b"row_id"
    assert start_import(world.ports, ADMIN, "b", NOW).answer.status is ImportStatus.RUNNING


def test_a_file_that_is_too_large_is_not_begun(world: ImportWorld) -> None:
    large = replace(world.ports, import_files=_OneLargeFile())
    create_import(large, ADMIN, CreateImport("b", ImportKind.BALANCES, "s", False), NOW)
    with pytest.raises(Conflict, match="file_too_large"):
        start_import(large, ADMIN, "b", NOW)


class _OneLargeFile(FakeImportFiles):
    def facts(self, name: str) -> FileFacts:
        return FileFacts(MOST_BYTES + 1, name)


def test_staff_who_ask_for_an_import_and_start_it_are_recorded(world: ImportWorld) -> None:
    world.prepared("a", b"row_id")
    audit = world.ports.audit
    assert isinstance(audit, FakeAudit)
    assert [(r.who, r.action, r.subject) for r in audit.records] == [
        ("staff:ada", "import.created", "w-a"),
        ("staff:ada", "import.started", "w-a"),
    ]


def test_the_same_import_asked_for_again_is_the_same_and_otherwise_a_conflict(
    world: ImportWorld,
) -> None:
    world.prepared("a", b"row_id")
    with pytest.raises(ConflictingReplay) as refused:
        world.prepared("a", b"row_id", "history", dry_run=True)
    assert refused.value.differing == ["dry_run", "kind"]
    world.prepared("a", b"row_id")
    assert world.queue.sent == [import_name(world.ports, "w-a")] * 2


def test_addresses_are_given_as_long_as_they_are_of_use(world: ImportWorld) -> None:
    import_id = world.prepared("a", table("row_id member_id points"))
    running, nothing = world.job(import_id), Addresses(None, None)
    waiting = replace(running, status=ImportStatus.AWAITING_FILE)
    upload = addresses_of(world.ports, waiting, NOW).upload
    assert upload is not None
    assert upload.expires_at == NOW + timedelta(hours=1)
    assert addresses_of(world.ports, running, NOW) == nothing
    world.go_on(import_id)
    done = world.job(import_id)
    assert addresses_of(world.ports, done, NOW).report is not None
    assert addresses_of(world.ports, done, NOW + timedelta(days=30)) == nothing
