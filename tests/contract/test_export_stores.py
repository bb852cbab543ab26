"""Where exports are kept, their files and their queue: the fakes promise what AWS's do."""

import itertools
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from chalicelib.domain.exports import Export, failed, ready
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import MemberErased
from chalicelib.providers import aws
from chalicelib.providers.export_files import S3ExportFiles
from chalicelib.providers.export_queue import SqsExportQueue
from chalicelib.settings import Settings
from chalicelib.storage import keys
from chalicelib.storage.exports import DynamoExports
from chalicelib.storage.gone import GoneItem
from chalicelib.usecases.ports import ExportFiles, ExportQueue, Exports, StoreUnavailable
from tests.fakes.exports import FakeExportFiles, FakeExportQueue, FakeExports

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores to try. erase: marks a member as gone. files_of: the exports that have a file.
    waiting: what the queue holds, and takes it out."""

    exports: Exports
    files: ExportFiles
    queue: ExportQueue
    erase: Callable[[str], None]
    files_of: Callable[[str], list[str]]
    waiting: Callable[[], list[tuple[str, str]]]


def in_memory() -> Stores:
    exports, files, queue = FakeExports(), FakeExportFiles(), FakeExportQueue()

    def waiting() -> list[tuple[str, str]]:
        sent, queue.sent = queue.sent, []
        return sent

    def files_of(member_id: str) -> list[str]:
        return sorted(export_id for owner, export_id in files.files if owner == member_id)

    return Stores(exports, files, queue, exports.gone.add, files_of, waiting)


def on_aws(settings: Settings) -> Stores:
    def erase(member_id: str) -> None:
        GoneItem(keys.member(member_id), keys.GONE, at=printed(NOW)).save()

    def files_of(member_id: str) -> list[str]:
        found = boto3.client("s3").list_objects_v2(
            Bucket=settings.export_bucket, Prefix=f"export/{member_id}/"
        )
        names = [one["Key"] for one in found.get("Contents", ())]
        return sorted(
            name.removeprefix(f"export/{member_id}/").removesuffix(".zip") for name in names
        )

    def waiting() -> list[tuple[str, str]]:
        sqs, url = boto3.client("sqs"), settings.export_queue
        bodies: list[tuple[str, str]] = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                member_id, _, export_id = message["Body"].partition("/")
                bodies.append((member_id, export_id))
        return bodies

    files = S3ExportFiles(settings.export_bucket, aws.s3)
    queue = SqsExportQueue(settings.export_queue, aws.sqs)
    return Stores(DynamoExports(), files, queue, erase, files_of, waiting)


@pytest.fixture(params=["fake", "aws"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        return in_memory()
    return on_aws(request.getfixturevalue("bound"))


@pytest.fixture
def member() -> str:
    return f"mem_export{next(_numbers)}x{os.getpid()}"


def an_export(member_id: str, label: str = "a", at: datetime = NOW) -> Export:
    return Export(member_id, f"exp_{label}", at, f"member:{member_id}")


def test_an_export_is_kept_as_it_is_and_once(stores: Stores, member: str) -> None:
    export = an_export(member)
    assert stores.exports.get(member, "exp_a") is None
    assert stores.exports.add(export)
    assert not stores.exports.add(an_export(member, at=NOW + timedelta(hours=1)))
    assert stores.exports.get(member, "exp_a") == export
    stores.exports.save(ready(export, NOW))
    assert stores.exports.get(member, "exp_a") == ready(export, NOW)


def test_a_members_exports_are_its_own_and_newest_first(stores: Stores, member: str) -> None:
    older, newer = an_export(member, "b"), an_export(member, "a", NOW + timedelta(minutes=1))
    for export in (older, newer, an_export(f"{member}y")):
        assert stores.exports.add(export)
    assert stores.exports.of_member(member) == [newer, older]


def test_an_export_is_open_until_it_is_made_and_again_when_it_failed(
    stores: Stores, member: str
) -> None:
    export = an_export(member)

    def is_open() -> bool:
        return (member, export.export_id) in list(stores.exports.open())

    stores.exports.add(export)
    assert is_open()
    stores.exports.save(failed(export))
    assert is_open()
    stores.exports.save(ready(export, NOW))
    assert not is_open()


def test_nothing_is_kept_of_a_member_that_is_being_erased(stores: Stores, member: str) -> None:
    stores.exports.add(an_export(member))
    stores.erase(member)
    with pytest.raises(MemberErased):
        stores.exports.add(an_export(member, "b"))
    with pytest.raises(MemberErased):
        stores.exports.save(ready(an_export(member), NOW))
    assert stores.exports.get(member, "exp_a") == an_export(member)


def test_a_file_replaces_the_one_before_it(stores: Stores, member: str) -> None:
    stores.files.put(member, "exp_a", b"first")
    stores.files.put(member, "exp_a", b"second")
    assert stores.files_of(member) == ["exp_a"]


def test_all_files_of_a_member_are_deleted_and_nobody_elses(stores: Stores, member: str) -> None:
    for label in ("a", "b"):
        stores.files.put(member, f"exp_{label}", b"zip")
    stores.files.put(f"{member}y", "exp_a", b"another member's")
    assert stores.files.delete_all(member) == 2
    assert stores.files_of(member) == []
    assert stores.files_of(f"{member}y") == ["exp_a"]
    assert stores.files.delete_all(member) == 0


def test_what_is_asked_for_waits_for_a_worker(stores: Stores, member: str) -> None:
    stores.waiting()  # what other tests have left
    stores.queue.prepare(member, "exp_a")
    assert stores.waiting() == [(member, "exp_a")]


def test_an_address_gives_the_file_under_its_name_and_says_until_when(
    bound: Settings, member: str
) -> None:
    files = S3ExportFiles(bound.export_bucket, aws.s3)
    files.put(member, "exp_a", b"zip")
    address = files.download_address(member, "exp_a", "my-data.zip", NOW)
    assert address.expires_at == NOW + timedelta(minutes=5)
    with urllib.request.urlopen(address.url) as answer:
        assert answer.read() == b"zip"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.zip"'
        assert answer.headers["Cache-Control"] == "no-store"
    asked = parse_qs(urlsplit(address.url).query)
    assert asked.get("X-Amz-Expires", ["300"]) == ["300"]


def test_an_address_leads_nowhere_once_the_file_is_deleted(bound: Settings, member: str) -> None:
    files = S3ExportFiles(bound.export_bucket, aws.s3)
    files.put(member, "exp_a", b"zip")
    address = files.download_address(member, "exp_a", "my-data.zip", NOW)
    files.delete_all(member)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address.url)


def test_a_queue_that_is_not_there_is_unavailable(bound: Settings, member: str) -> None:
    queue = SqsExportQueue(f"{bound.export_queue}-not-there", aws.sqs)
    with pytest.raises(StoreUnavailable):
        queue.prepare(member, "exp_a")
