"""The local pump feeds workers as Lambda would, from a real stream and by a movable clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from infrastructure.local import resources
from infrastructure.local.declared_workers import ScheduledWorker, StreamWorker
from infrastructure.local.pump import Pump

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Worker:
    """Takes batches, notes the marks of their records, and fails as it is told."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.batches: list[list[int]] = []
        self.events: list[Any] = []
        self.reports: dict[int, int] = {}  # record -> how often it is reported as failed
        self.raises_on: int | None = None

    def __call__(self, event: Any, _context: Any) -> Any:
        self.events.append(event)
        ours = [row for row in event["Records"] if row["dynamodb"]["Keys"]["pk"]["S"] == self.mark]
        numbers = {int(row["dynamodb"]["Keys"]["sk"]["S"]): row for row in ours}
        if numbers:
            self.batches.append(list(numbers))
        if self.raises_on in numbers:
            raise RuntimeError("poison")
        failed = [number for number in numbers if self.reports.get(number, 0) > 0]
        for number in failed:
            self.reports[number] -= 1
        rows = [numbers[number]["dynamodb"]["SequenceNumber"] for number in failed]
        return {"batchItemFailures": [{"itemIdentifier": row} for row in rows]}


@pytest.fixture
def worker() -> Worker:
    return Worker(f"P#{uuid4()}")


@pytest.fixture
def dead_letters(stack: resources.Stack) -> Iterator[str]:  # noqa: ARG001  # clients find it
    queue = boto3.client("sqs").create_queue(QueueName=f"dead-{uuid4()}")["QueueUrl"]
    yield queue
    boto3.client("sqs").delete_queue(QueueUrl=queue)


@pytest.fixture
def pump(stack: resources.Stack, worker: Worker, dead_letters: str) -> Pump:
    stream = resources.stream_arn(stack.names["LedgerTable"])
    fed = Pump(
        [StreamWorker("relay", worker, 3)], stream, dead_letters, lambda: NOON, lambda _: None
    )
    worker.raises_on = None
    fed.drain()  # what other tests have written
    worker.batches.clear()
    worker.events.clear()
    return fed


def write(stack: resources.Stack, worker: Worker, count: int) -> None:
    client = boto3.client("dynamodb")
    for number in range(count):
        client.put_item(
            TableName=stack.names["LedgerTable"],
            Item={"pk": {"S": worker.mark}, "sk": {"S": f"{number}"}, "raw": {"B": b"\x00\xff"}},
        )


def letters(queue: str) -> int:
    count = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    return int(count["Attributes"]["ApproximateNumberOfMessages"])


def test_records_come_in_order_and_in_batches_of_the_declared_size(
    stack: resources.Stack, pump: Pump, worker: Worker
) -> None:
    write(stack, worker, 7)
    pump.drain()
    assert worker.batches == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_record_has_the_shape_that_lambda_gives_it(
    stack: resources.Stack, pump: Pump, worker: Worker
) -> None:
    write(stack, worker, 1)
    pump.drain()
    (record,) = worker.events[-1]["Records"]
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:")
    assert record["dynamodb"]["NewImage"]["raw"] == {"B": "AP8="}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)


def test_a_reported_failure_is_retried_with_all_that_follow_it(
    stack: resources.Stack, pump: Pump, worker: Worker
) -> None:
    worker.reports = {1: 1}
    write(stack, worker, 4)
    pump.drain()
    assert worker.batches == [[0, 1, 2], [1, 2, 3]]


def test_poison_is_isolated_and_goes_to_the_dead_letters(
    stack: resources.Stack, pump: Pump, worker: Worker, dead_letters: str
) -> None:
    worker.raises_on = 2
    write(stack, worker, 4)
    pump.drain()
    assert worker.batches[-1] == [3]
    assert worker.batches.count([2]) == 9
    assert [0] in worker.batches or [0, 1] in worker.batches
    assert letters(dead_letters) == 1


def test_an_answer_that_names_an_unknown_record_fails_the_whole_batch(
    stack: resources.Stack, dead_letters: str
) -> None:
    calls = []

    def confused(event: Any, _: Any) -> Any:
        calls.append(event)
        return {"batchItemFailures": [{"itemIdentifier": "nonsense"}]} if len(calls) == 1 else None

    stream = resources.stream_arn(stack.names["LedgerTable"])
    write(stack, Worker(f"P#{uuid4()}"), 1)
    worker = StreamWorker("relay", confused, 1)
    Pump([worker], stream, dead_letters, lambda: NOON, lambda _: None).drain()
    assert calls[0] == calls[1]


def test_a_schedule_runs_at_once_then_when_its_hour_has_passed_and_after_a_move_back(
    stack: resources.Stack, dead_letters: str
) -> None:
    now = [NOON]
    runs: list[str] = []
    hourly = ScheduledWorker(
        "hourly", lambda event, _: runs.append(event["time"]), timedelta(hours=1)
    )
    stream = resources.stream_arn(stack.names["LedgerTable"])
    pump = Pump([hourly], stream, dead_letters, lambda: now[0], lambda _: None)
    for moved in (0, 59, 60, 60, 60 * 24 * 400, 60 * 24 * 399):
        now[0] = NOON + timedelta(minutes=moved)
        pump.drain()
    assert runs == [
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00Z",
        "2027-04-05T12:00:00Z",
        "2027-04-04T12:00:00Z",
    ]


def test_a_write_wakes_the_pump_and_stopping_leaves_nothing_behind(
    stack: resources.Stack, pump: Pump, worker: Worker
) -> None:
    pump.start()
    write(stack, worker, 2)
    pump.wake()
    pump.stop()
    assert [number for batch in worker.batches for number in batch] == [0, 1]
