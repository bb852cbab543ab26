"""What is handed on to the snapshot arrives whole, in messages of a size that SQS takes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import boto3
import pytest

from chalicelib.providers.snapshot_queue import MOST_BYTES, SqsSnapshotQueue
from chalicelib.settings import Settings
from chalicelib.usecases.ports import SnapshotQueue
from tests.fakes.snapshot_queue import FakeSnapshotQueue


@dataclass(frozen=True, slots=True)
class Handed:
    """A queue to try, and what arrived there, by message."""

    queue: SnapshotQueue
    arrived: Callable[[], list[list[Any]]]


def on_aws() -> Handed:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"snapshot-{token_hex(6)}")["QueueUrl"]

    def arrived() -> list[list[Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        bodies = [one["Body"] for one in found]
        assert max(map(len, bodies)) <= MOST_BYTES
        return [json.loads(body) for body in bodies]

    return Handed(SqsSnapshotQueue(url, lambda: sqs), arrived)


def in_memory() -> Handed:
    queue = FakeSnapshotQueue()
    return Handed(queue, lambda: [list(queue.taken)])


@pytest.fixture(params=["fake", "aws"])
def handed(request: pytest.FixtureRequest) -> Handed:
    if request.param == "fake":
        return in_memory()
    request.getfixturevalue("bound")
    return on_aws()


def record(number: int, letters: int = 10) -> dict[str, object]:
    image = {"sk": {"S": f"E#{number}"}, "x": {"S": "é" + '"' * letters}}
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{number}", "NewImage": image}}


def test_records_arrive_as_they_were(handed: Handed) -> None:
    records = [record(number) for number in range(30)]
    assert handed.queue.put(records) == []
    [message] = handed.arrived()
    assert message == records


@pytest.mark.usefixtures("bound")
def test_many_records_are_as_few_messages_as_they_fit_in_and_one_too_large_is_named() -> None:
    handed = on_aws()
    records = [record(number, 24_000) for number in range(10)]
    records[4] = record(4, MOST_BYTES // 2)
    assert handed.queue.put(records) == [4]
    numbers = [[int(one["dynamodb"]["SequenceNumber"]) for one in m] for m in handed.arrived()]
    assert sorted(numbers) == [[0, 1, 2, 3], [5, 6, 7, 8], [9]]


def test_where_there_is_no_queue_nothing_is_taken(bound: Settings) -> None:
    sqs = boto3.client("sqs")
    queue = SqsSnapshotQueue(f"{bound.snapshot_queue}-not-there", lambda: sqs)
    assert queue.put([record(0), record(1)]) == [0, 1]
