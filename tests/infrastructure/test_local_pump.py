"""The local pump feeds workers as Lambda would: from a real stream, queues, by a movable clock."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from chalicelib.workers import erase, imports
from infrastructure.again import again
from infrastructure.local import resources
from infrastructure.local.declared_workers import QueueWorker, ScheduledWorker, StreamWorker
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

    # The letter says where it is, as Lambda's do: what is mended takes it.
    worker.raises_on = None
    streams, sqs = boto3.client("dynamodbstreams"), boto3.client("sqs")
    assert again(streams, sqs, dead_letters, lambda event: worker(event, None)).taken == 1
    assert worker.batches[-1] == [2]


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


# --- queues --------------------------------------------------------------------------------------


@pytest.fixture
def queue(dead_letters: str) -> Iterator[str]:
    """A queue that gives up what was received three times."""
    sqs = boto3.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])
    redrive = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 3}
    attributes: Any = {"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "600"}
    made = sqs.create_queue(QueueName=f"fed-{uuid4()}", Attributes=attributes)["QueueUrl"]
    yield made
    sqs.delete_queue(QueueUrl=made)


def fed_by(
    stack: resources.Stack, queue: str, dead_letters: str, handler: Any, batch_size: int = 1
) -> Pump:
    stream = resources.stream_arn(stack.names["LedgerTable"])
    worker = QueueWorker("imports", handler, batch_size)
    queues = {"imports": queue}
    return Pump([worker], stream, dead_letters, lambda: NOON, lambda _: None, queues=queues)


def send(queue: str, *bodies: str) -> None:
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=body)


def test_messages_come_one_at_a_time_in_the_shape_that_lambda_gives_them(
    stack: resources.Stack, queue: str, dead_letters: str
) -> None:
    events: list[Any] = []
    send(queue, "a", "b")
    fed_by(stack, queue, dead_letters, lambda event, _: events.append(event)).drain()
    records = [record for event in events for record in event["Records"]]
    assert [len(event["Records"]) for event in events] == [1, 1]
    assert sorted(record["body"] for record in records) == ["a", "b"]
    assert {record["eventSource"] for record in records} == {"aws:sqs"}
    assert records[0]["attributes"]["ApproximateReceiveCount"] == "1"
    assert letters(queue) == 0


def test_many_messages_come_at_a_time_where_that_is_declared_and_those_reported_come_again(
    stack: resources.Stack, queue: str, dead_letters: str
) -> None:
    batches: list[list[str]] = []

    def handler(event: Any, _: Any) -> Any:
        batches.append(sorted(row["body"] for row in event["Records"]))
        failed = [row["messageId"] for row in event["Records"] if row["body"] == "poison"]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}

    good = [f"{number:02}" for number in range(13)]
    send(queue, *good, "poison")
    fed_by(stack, queue, dead_letters, handler, batch_size=12).drain()
    assert list(map(len, batches[:2])) == [12, 2 + batches[0].count("poison")]
    assert batches[-1] == ["poison"]
    assert sorted(body for batch in batches for body in batch if body != "poison") == good
    assert letters(dead_letters) == 1


def test_a_worker_has_more_time_than_any_keeps_free_for_its_end(
    stack: resources.Stack, queue: str, dead_letters: str
) -> None:
    left: list[int] = []
    send(queue, "a")

    def handle(_: Any, context: Any) -> None:
        left.append(context.get_remaining_time_in_millis())

    fed_by(stack, queue, dead_letters, handle).drain()
    spared = (erase.SPARE_MILLISECONDS, imports.SPARE_MILLISECONDS)
    assert left[0] > max(spared) * 2  # or it would send itself on for ever


def test_a_worker_that_sends_itself_on_is_fed_until_it_does_so_no_more(
    stack: resources.Stack, queue: str, dead_letters: str
) -> None:
    left = [4]

    def handler(event: Any, _: Any) -> None:
        left[0] -= 1
        if left[0]:
            send(queue, event["Records"][0]["body"])

    send(queue, "a")
    fed_by(stack, queue, dead_letters, handler).drain()
    assert left == [0]


def test_a_message_that_fails_comes_again_at_once_and_is_set_aside_in_the_end(
    stack: resources.Stack, queue: str, dead_letters: str
) -> None:
    tries: list[str] = []

    def handler(event: Any, _: Any) -> None:
        tries.append(event["Records"][0]["body"])
        if tries[-1] == "poison":
            raise RuntimeError("poison")

    send(queue, "poison", "good")
    pump = fed_by(stack, queue, dead_letters, handler)
    pump.drain()
    pump.drain()
    assert sorted(tries) == ["good", "poison", "poison", "poison"]
    assert letters(dead_letters) == 1


def test_stopping_leaves_what_is_in_queues_for_the_next_start(
    stack: resources.Stack, queue: str, dead_letters: str
) -> None:
    begun: list[str] = []

    def handler(event: Any, _: Any) -> None:
        begun.append(event["Records"][0]["body"])
        send(queue, "on")

    pump = fed_by(stack, queue, dead_letters, handler)
    pump.stop()
    send(queue, "a")
    pump.drain()
    assert begun == []
    assert letters(queue) == 1
