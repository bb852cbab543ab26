"""A line for each event that the service publishes, read from where it was published to.

A rule on the real bus sends everything to a queue of ours. Knows no worker and no ledger.
"""

import json
from collections.abc import Callable
from typing import Any

import boto3

_NAME = "stampbook-local-event-lines"
_MOST_AT_ONCE = 10


class EventLines:
    """Listens to a bus; `show` writes what has come since the last time."""

    def __init__(self, bus: str, show: Callable[[str], None]) -> None:
        self._events = boto3.client("events")
        self._sqs = boto3.client("sqs")
        self._bus = bus
        self._show = show
        self._queue: str | None = None

    def show(self) -> None:
        """Write a line for each event. The first call only begins to listen, so that what was
        published before (all of the demo's past) is not told."""
        if self._queue is None:
            self._queue = self._listen()
            return
        while bodies := self._received(self._queue):
            for body in bodies:
                self._show(_line(json.loads(body)))

    def _listen(self) -> str:
        queue = self._sqs.create_queue(QueueName=_NAME)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": [{"prefix": "/stampbook"}]})
        self._events.put_rule(Name=_NAME, EventBusName=self._bus, EventPattern=pattern)
        self._events.put_targets(
            Rule=_NAME,
            EventBusName=self._bus,
            Targets=[{"Id": "queue", "Arn": attributes["Attributes"]["QueueArn"]}],
        )
        return queue

    def _received(self, queue: str) -> list[str]:
        """Up to ten bodies, taken off the queue."""
        answer = self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=_MOST_AT_ONCE)
        messages = answer.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]


def _line(envelope: dict[str, Any]) -> str:
    """`event stampbook.points.earned  mem_..., seq 12: +25 points, 316 available`."""
    said = envelope["detail"]
    data = said.get("data", said)
    facts = [f"{said.get('subject', '')}"]
    if "seq" in data:
        facts.append(f"entry {data['seq']}")
    if "points" in data:
        sign = "+" if "seq" in data else ""  # of an entry they are a change
        facts.append(f"{data['points']:{sign}} points")
    if "expires_on" in data:
        facts.append(f"until {data['expires_on']}")
    if "available_after" in data:
        facts.append(f"{data['available_after']} available")
    return f"event  {envelope['detail-type']:<48} {', '.join(facts)}"
