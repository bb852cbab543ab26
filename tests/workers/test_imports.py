"""The worker of imports, over the real application's tables, files and queue."""

import csv
import io
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

import boto3
import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.usecases.create_import import import_name
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.workers import imports
from chalicelib.workers.failures import WorkerFailed
from tests.api.shop import Shop
from tests.counted import calls_of
from tests.import_world import table


@dataclass(slots=True)
class Context:
    """Lambda's, with so many milliseconds left."""

    left: int = 120_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@dataclass(slots=True)
class Desk:
    """An admin who imports files, and the queue that feeds the worker."""

    shop: Shop
    admin: str
    queue: str

    def start(self, content: bytes, **fields: object) -> str:
        """The id of an import that was uploaded and started."""
        asked = {"import_id": f"move-{token_hex(6)}", "kind": "balances", **fields}
        job = self.shop.client.post("/v1/imports", asked, bearer=self.admin).json()
        request = urllib.request.Request(job["upload"]["url"], content, method="PUT")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        path = f"/v1/imports/{job['import_id']}/start"
        assert self.shop.client.post(path, bearer=self.admin).status == 202
        return str(job["import_id"])

    def waiting(self) -> list[str]:
        """The names in the queue, which are taken out of it."""
        sqs = boto3.client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        for message in found.get("Messages", []):
            sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found.get("Messages", [])]

    def work_off(self, context: Context) -> int:
        """Hand over what is in the queue until there is nothing; how many messages there were."""
        handed = 0
        while names := self.waiting():
            for name in names:
                imports.handle(event(name), context)
                handed += 1
        return handed

    def job(self, import_id: str) -> Any:
        """The import as the admin sees it."""
        return self.shop.client.get(f"/v1/imports/{import_id}", bearer=self.admin).json()

    def report(self, import_id: str) -> list[list[str]]:
        """The downloaded report."""
        with urllib.request.urlopen(self.job(import_id)["report"]["url"]) as answer:
            return list(csv.reader(io.TextIOWrapper(answer, newline="")))


def event(name: str) -> dict[str, Any]:
    """A queue's message as Lambda hands it over."""
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": name,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:imports",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


@pytest.fixture
def desk(shop: Shop, token_for: Callable[..., str]) -> Desk:
    made = Desk(shop, token_for("ada", ["admin"]), shop.services.settings.import_queue)
    while made.waiting():  # what other tests have left
        pass
    return made


def test_a_file_is_imported_from_its_address_to_the_report(desk: Desk) -> None:
    mia = desk.shop.member()
    rows = table(
        "row_id member_id points expires_on",
        ("=1", mia, 120, ""),
        ("2", mia, 30, "2026-12-31"),
        ("=3", "mem_nobody", 1, ""),
        ("4", mia, "many", ""),
    )
    import_id = desk.start(rows)
    assert desk.work_off(Context()) == 1
    job = desk.job(import_id)
    assert (job["status"], job["progress_percent"], job["problem"]) == ("done", 100, None)
    assert job["rows"] == {"done": 4, "applied": 2, "replayed": 0, "refused": 2}
    assert desk.shop.account(mia)["available"] == 150
    assert desk.report(import_id) == [
        ["line", "row_id", "code", "detail"],
        ["4", "'=3", "member_not_found", "No such member."],
        ["5", "4", "malformed", "points: write a whole number, digits alone."],
    ]


def test_without_time_it_does_a_batch_and_sends_itself_on(desk: Desk) -> None:
    mia = desk.shop.member()
    rows = [(str(number), mia, 1) for number in range(250)]
    import_id = desk.start(table("row_id member_id points", *rows), source=f"s-{token_hex(4)}")
    hurried = Context(imports.SPARE_MILLISECONDS)
    [name] = desk.waiting()
    imports.handle(event(name), hurried)
    job = desk.job(import_id)
    assert (job["status"], job["rows"]["applied"]) == ("running", 200)
    assert 75 < job["progress_percent"] < 85
    assert desk.work_off(hurried) == 2
    assert desk.job(import_id)["rows"]["applied"] == 250
    assert desk.shop.account(mia)["available"] == 250


def test_a_message_for_what_is_over_or_unknown_does_nothing(desk: Desk) -> None:
    mia = desk.shop.member()
    content = table("row_id member_id points", (token_hex(4), mia, 5))
    import_id = desk.start(content)
    desk.work_off(Context())
    before = desk.job(import_id)
    name = import_name(desk.shop.services.ports, import_id)
    imports.handle(event(name), Context())
    imports.handle(event("unknown"), Context())
    assert desk.waiting() == []
    after = desk.job(import_id)
    assert after["rows"] == before["rows"]
    assert desk.shop.account(mia)["available"] == 5


def test_an_outage_breaks_the_worker_off_and_the_message_comes_again(desk: Desk) -> None:
    mia = desk.shop.member()
    import_id = desk.start(table("row_id member_id points", (token_hex(4), mia, 5)))
    [name] = desk.waiting()
    services = desk.shop.services

    class Gone:
        def commit(self, *_: object) -> None:
            raise StoreUnavailable("nobody is there")

        def __getattr__(self, method: str) -> Any:
            return getattr(services.ports.ledger, method)

    ports = replace(services.ports, ledger=Gone(), patience=_impatient(services.ports.patience))  # type: ignore[arg-type]  # a ledger that writes nothing
    wiring.install(replace(services, ports=ports))
    with pytest.raises(WorkerFailed, match="TryAgain"):
        imports.handle(event(name), Context())
    wiring.install(services)
    assert desk.job(import_id)["rows"]["done"] == 0
    imports.handle(event(name), Context())
    assert desk.job(import_id)["rows"] == {"done": 1, "applied": 1, "replayed": 0, "refused": 0}


def _impatient(patience: Any) -> Any:
    return replace(patience, limit_ms=50)


def test_an_import_that_nobody_is_at_goes_on_when_it_is_started_again(desk: Desk) -> None:
    import_id = desk.start(table("row_id member_id points", (token_hex(4), desk.shop.member(), 5)))
    assert len(desk.waiting()) == 1  # and it is lost
    path = f"/v1/imports/{import_id}/start"
    assert desk.shop.client.post(path, bearer=desk.admin).status == 202
    assert desk.work_off(Context()) == 1
    assert desk.job(import_id)["status"] == "done"


def test_a_row_costs_two_calls_of_the_database(desk: Desk, connection: Connection) -> None:
    members = [desk.shop.member() for _ in range(20)]
    rows = [(token_hex(4), member, 5) for member in members]
    desk.start(table("row_id member_id points", *rows))
    [name] = desk.waiting()
    with calls_of(connection) as calls:
        imports.handle(event(name), Context())
    counted = Counter(calls)
    # One each for the batch and for the end; what is refused is asked for once.
    assert counted["TransactWriteItems"] == len(rows) + 2
    assert counted["Query"] == len(rows) + 1
    assert sum(counted.values()) <= 2 * len(rows) + 8
