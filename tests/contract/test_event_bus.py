"""Events on the bus: what a rule's target receives of them, and what is reported as not taken."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from chalicelib.providers import aws
from chalicelib.providers.event_bus import EventBridgeBus
from chalicelib.usecases.ports import Event, EventBus
from infrastructure.local.ministack import free_port
from infrastructure.local.resources import Stack

POSTED = Event(
    id="3f2a",
    source="/stampbook/ledger",
    type="stampbook.purchase.posted",
    subject="mem_a",
    time=datetime(2026, 11, 22, 1, 2, 3, 456_000, tzinfo=UTC),
    data={"points": 12, "explanation": "Kávová zrna ☕"},
)


@pytest.fixture
def bus(stack: Stack) -> EventBus:
    return EventBridgeBus(stack.names["EventBus"], aws.events)


@pytest.fixture
def queue(stack: Stack) -> Iterator[str]:
    """A queue that receives all that is published under our sources."""
    sqs, events, bus = boto3.client("sqs"), boto3.client("events"), stack.names["EventBus"]
    url = sqs.create_queue(QueueName="everything-published")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    pattern = json.dumps({"source": [{"prefix": "/stampbook/"}]})
    events.put_rule(Name="everything", EventBusName=bus, EventPattern=pattern)
    target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
    events.put_targets(Rule="everything", EventBusName=bus, Targets=[target])  # type: ignore[list-item]  # a TypedDict
    yield url
    events.remove_targets(Rule="everything", EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name="everything", EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def received(queue: str, expected: int) -> list[dict[str, object]]:
    """That many messages, within a few long polls."""
    found: list[dict[str, object]] = []
    for _ in range(10):
        answer = boto3.client("sqs").receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2
        )
        for message in answer.get("Messages", []):
            found.append(json.loads(message["Body"]))
            boto3.client("sqs").delete_message(
                QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"]
            )
        if len(found) >= expected:
            break
    return found


def test_a_subscriber_receives_a_whole_cloud_event(bus: EventBus, queue: str) -> None:
    assert bus.publish([POSTED]) == []
    (message,) = received(queue, 1)
    assert message["source"] == "/stampbook/ledger"
    assert message["detail-type"] == "stampbook.purchase.posted"
    assert message["detail"] == {
        "specversion": "1.0",
        "id": "3f2a",
        "source": "/stampbook/ledger",
        "type": "stampbook.purchase.posted",
        "subject": "mem_a",
        "time": "2026-11-22T01:02:03.456Z",
        "datacontenttype": "application/json",
        "data": {"points": 12, "explanation": "Kávová zrna ☕"},
    }


def test_more_than_ten_events_arrive_once_each(bus: EventBus, queue: str) -> None:
    assert bus.publish([replace(POSTED, id=str(number)) for number in range(23)]) == []
    details = [message["detail"] for message in received(queue, 23)]
    assert sorted(int(detail["id"]) for detail in details) == list(range(23))  # type: ignore[index]  # JSON


def test_no_events_need_no_bus() -> None:
    def no_client():  # type: ignore[no-untyped-def]  # it gives none
        raise AssertionError("nobody may be asked")

    assert EventBridgeBus("bus", no_client).publish([]) == []


def test_only_what_was_not_taken_is_reported(stack: Stack) -> None:
    taken: list[str] = []

    class Refusing:
        """The second and third event of each batch are refused; the third batch never lands."""

        def put_events(self, Entries: list[dict[str, str]]) -> dict[str, object]:  # noqa: N803
            if len(taken) >= 16:
                raise EndpointConnectionError(endpoint_url="the bus")
            taken.extend(entry["Detail"] for entry in Entries if entry not in Entries[1:3])
            refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}
            answers = [{"EventId": "x"} for _ in Entries]
            answers[1:3] = [refused, refused]
            return {"FailedEntryCount": 2, "Entries": answers}

    bus = EventBridgeBus(stack.names["EventBus"], Refusing)  # type: ignore[arg-type]  # stands in for the client
    events = [replace(POSTED, id=str(number)) for number in range(24)]
    assert bus.publish(events) == [1, 2, 11, 12, 20, 21, 22, 23]


def test_a_bus_that_does_not_answer_takes_nothing(stack: Stack) -> None:
    def unreachable():  # type: ignore[no-untyped-def]  # a client's type is of stubs alone
        address = f"http://127.0.0.1:{free_port()}"
        once = Config(retries={"total_max_attempts": 1})
        return boto3.client("events", endpoint_url=address, config=once)

    bus = EventBridgeBus(stack.names["EventBus"], unreachable)
    assert bus.publish([POSTED, POSTED]) == [0, 1]
