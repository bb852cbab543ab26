"""Where imports are kept, their files and their queue: the fakes promise what AWS's do."""

import itertools
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.session import get_session

from chalicelib.domain.csv_records import Place
from chalicelib.domain.imports import FileFacts, Import, ImportKind, RefusedRow, gone_on, started
from chalicelib.providers import aws
from chalicelib.providers.import_files import PART_BYTES, S3ImportFiles
from chalicelib.providers.import_queue import SqsImportQueue
from chalicelib.settings import Settings
from chalicelib.storage.imports import DynamoImports
from chalicelib.usecases.ports import ImportFiles, ImportQueue, Imports, StoreUnavailable
from chalicelib.usecases.ports.imports import FileChanged
from infrastructure.local.ministack import free_port
from tests.fakes.imports import FakeImportFiles, FakeImportQueue, FakeImports

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores to try. put: uploads a file to its address. got: downloads a report. waiting: the
    names that the queue holds, and takes them out."""

    imports: Imports
    files: ImportFiles
    queue: ImportQueue
    put: Callable[[str, bytes], None]
    got: Callable[[str], bytes]
    waiting: Callable[[], list[str]]


def in_memory() -> Stores:
    files, queue = FakeImportFiles(), FakeImportQueue()

    def waiting() -> list[str]:
        sent, queue.sent = queue.sent, []
        return sent

    return Stores(
        FakeImports(),
        files,
        queue,
        files.files.__setitem__,
        files.reports.__getitem__,
        waiting,
    )


def on_aws(settings: Settings) -> Stores:
    files = S3ImportFiles(settings.import_bucket, aws.s3)

    def put(name: str, content: bytes) -> None:
        url = files.upload_address(name, NOW).url
        with urllib.request.urlopen(urllib.request.Request(url, content, method="PUT")) as answer:
            assert answer.status == 200

    def got(name: str) -> bytes:
        with urllib.request.urlopen(files.report_address(name, "x.csv", NOW).url) as answer:
            assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
            assert answer.headers["Content-Disposition"] == 'attachment; filename="x.csv"'
            return bytes(answer.read())

    def waiting() -> list[str]:
        sqs, url = boto3.client("sqs"), settings.import_queue
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    queue = SqsImportQueue(settings.import_queue, aws.sqs)
    return Stores(DynamoImports(), files, queue, put, got, waiting)


@pytest.fixture(params=["fake", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        return in_memory()
    return on_aws(request.getfixturevalue("bound"))


@pytest.fixture
def name() -> str:
    return f"import-{next(_numbers)}-{os.getpid()}"


def an_import(label: str = "a", at: datetime = NOW) -> Import:
    return Import(label, ImportKind.BALANCES, "old-shop", dry_run=False, created_at=at)


def row(line: int) -> RefusedRow:
    return RefusedRow(line, f"row {line}", "malformed", "points: write a whole number, „ä“.")


# --- imports -------------------------------------------------------------------------------------


def test_an_import_is_kept_as_it_is_and_once(stores: Stores, name: str) -> None:
    assert stores.imports.get(name) is None
    assert stores.imports.add(name, an_import())
    assert not stores.imports.add(name, an_import("b"))
    assert stores.imports.get(name) == an_import()
    running = started(an_import(), FileFacts(1_000, '"etag"'), NOW)
    assert stores.imports.save(name, an_import(), running)
    after = gone_on(running, Place(500, 11), ("row_id", "points"), 5, 3, 2)
    assert stores.imports.save(name, running, after)
    assert stores.imports.get(name) == after


def test_who_was_not_the_first_keeps_nothing(stores: Stores, name: str) -> None:
    stores.imports.add(name, an_import())
    running = started(an_import(), FileFacts(1_000, "etag"), NOW)
    stores.imports.save(name, an_import(), running)
    first = gone_on(running, Place(300, 7), (), 1, 0, 1)
    assert stores.imports.save(name, running, first, (row(2),))
    assert not stores.imports.save(
        name, running, gone_on(running, Place(300, 7), (), 0, 0, 2), (row(3),)
    )
    assert stores.imports.get(name) == first
    assert list(stores.imports.refused(name)) == [(row(2),)]


def test_refused_rows_come_in_the_order_of_the_file_and_of_their_import_alone(
    stores: Stores, name: str
) -> None:
    for whose in (name, f"{name}-other"):
        job = an_import()
        stores.imports.add(whose, job)
        for offset in (900, 10_000, 2_000_000, 2_000_001):
            moved = replace(job, place=Place(offset, 1), version=job.version + 1)
            refused = (row(job.place.offset), row(job.place.offset + 1))
            assert stores.imports.save(whose, job, moved, refused)
            job = moved
    batches = list(stores.imports.refused(name))
    assert [batch[0].line for batch in batches] == [0, 900, 10_000, 2_000_000]
    assert batches[0] == (row(0), row(1))
    assert list(stores.imports.refused("unknown")) == []


def test_a_full_batch_of_the_longest_refusals_can_be_kept(stores: Stores, name: str) -> None:
    stores.imports.add(name, an_import())
    long = tuple(RefusedRow(line, "x" * 128, "y" * 30, "z" * 400) for line in range(200))
    moved = gone_on(an_import(), Place(1, 201), (), 0, 0, 200)
    assert stores.imports.save(name, an_import(), moved, long)
    assert list(stores.imports.refused(name)) == [long]


def test_imports_are_listed_newest_first(stores: Stores, name: str) -> None:
    ids = [f"{name}-{number}" for number in range(4)]
    for number, import_id in enumerate(ids):
        stores.imports.add(import_id, an_import(import_id, NOW + timedelta(minutes=number % 3)))
    listed = [job.import_id for job in stores.imports.all() if job.import_id in ids]
    assert listed == [ids[2], ids[1], ids[3], ids[0]]


# --- files ---------------------------------------------------------------------------------------


def test_an_uploaded_file_is_read_piece_by_piece(stores: Stores, name: str) -> None:
    assert stores.files.facts(name) is None
    content = bytes(range(256)) * 3_000
    stores.put(name, content)
    file = stores.files.facts(name)
    assert file is not None
    assert file.size_bytes == len(content)
    read = b""
    while piece := stores.files.read(name, file, len(read)):
        read += piece
    assert read == content


def test_reading_begins_at_any_place_and_ends_with_the_file(stores: Stores, name: str) -> None:
    stores.put(name, b"0123456789")
    file = stores.files.facts(name)
    assert file is not None
    assert stores.files.read(name, file, 7) == b"789"
    assert stores.files.read(name, file, 10) == b""


def test_an_empty_file_is_one(stores: Stores, name: str) -> None:
    stores.put(name, b"")
    file = stores.files.facts(name)
    assert file is not None
    assert (file.size_bytes, stores.files.read(name, file, 0)) == (0, b"")


def test_another_file_in_the_place_of_one_is_noticed(stores: Stores, name: str) -> None:
    stores.put(name, b"0123456789")
    file = stores.files.facts(name)
    assert file is not None
    stores.put(name, b"0123456780")
    with pytest.raises(FileChanged):
        stores.files.read(name, file, 0)
    with pytest.raises(FileChanged):
        stores.files.read(f"{name}-gone", file, 0)


@pytest.mark.parametrize(
    "sizes", [[], [10], [10, 20], [PART_BYTES], [PART_BYTES, 1, PART_BYTES, 7]]
)
def test_a_report_of_any_size_is_what_was_put_last(
    stores: Stores, name: str, sizes: list[int]
) -> None:
    stores.files.put_report(name, iter([b"an earlier one"]))
    parts = [bytes([48 + number]) * size for number, size in enumerate(sizes)]
    stores.files.put_report(name, iter(parts))
    assert stores.got(name) == b"".join(parts)


def test_addresses_are_good_for_an_hour(stores: Stores, name: str) -> None:
    for address in (
        stores.files.upload_address(name, NOW),
        stores.files.report_address(name, "x.csv", NOW),
    ):
        assert address.expires_at == NOW + timedelta(hours=1)


def test_an_address_says_itself_how_long_it_is_good_and_for_what(
    bound: Settings, name: str
) -> None:
    stores = on_aws(bound)
    url = stores.files.upload_address(name, NOW).url
    said = parse_qs(urlsplit(url).query)
    assert said["X-Amz-Expires"] == ["3600"]
    assert said["X-Amz-SignedHeaders"] == ["host"]  # nothing that curl would have to be told
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url)  # an address of ours; it is for PUT alone
    assert refused.value.code == 403
    elsewhere = urllib.request.Request(url.replace(name, f"{name}-other"), b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as other:
        urllib.request.urlopen(elsewhere)
    assert other.value.code == 403


def test_a_file_store_that_does_not_answer_is_an_outage(bound: Settings, name: str) -> None:
    def unreachable():  # type: ignore[no-untyped-def]  # a client's type is of stubs alone
        once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
        address = f"http://127.0.0.1:{free_port()}"
        return get_session().create_client("s3", endpoint_url=address, config=once)

    files = S3ImportFiles(bound.import_bucket, unreachable)
    with pytest.raises(StoreUnavailable):
        files.facts(name)
    with pytest.raises(StoreUnavailable):
        files.read(name, FileFacts(10, "etag"), 0)
    with pytest.raises(StoreUnavailable):
        files.put_report(name, [b"x"])


# --- the queue -----------------------------------------------------------------------------------


def test_who_is_asked_to_go_on_is_told_the_name_alone(stores: Stores, name: str) -> None:
    stores.waiting()
    stores.queue.go_on(name)
    stores.queue.go_on(f"{name}-b")
    assert sorted(stores.waiting()) == [name, f"{name}-b"]


def test_a_queue_that_is_not_there_is_an_outage(bound: Settings) -> None:
    queue = SqsImportQueue(f"{bound.import_queue}-not-there", aws.sqs)
    with pytest.raises(StoreUnavailable):
        queue.go_on("name")
