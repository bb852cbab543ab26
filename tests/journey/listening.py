"""A queue that takes everything from a bus, for tests that want to know what was published."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.journey.deployment import Deployment

_LONGEST_LOOK_SECONDS = 5  # at once; the local stream is looked at every second or so
_LOOKS = 12

Event = dict[str, Any]


class Listener:
    """What a deployment's bus was given since it listens; `events` in the order of their coming,
    repetitions included."""

    def __init__(self, deployment: Deployment) -> None:
        self.events: list[Event] = []
        self._sqs = deployment.client("sqs")
        name = f"listener-{uuid4().hex[:12]}"
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn, bus = asked["Attributes"]["QueueArn"], deployment.resources["EventBus"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                }
            ],
        }
        self._sqs.set_queue_attributes(
            QueueUrl=self._queue, Attributes={"Policy": json.dumps(policy)}
        )
        rules, pattern = deployment.client("events"), json.dumps({"source": [{"prefix": ""}]})
        rules.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
        rules.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "listener", "Arn": arn}])

    def until(self, enough: Callable[[list[Event]], bool]) -> list[Event]:
        """Everything so far, once it is enough, or when a minute has passed."""
        self.take()
        for _ in range(_LOOKS):
            if enough(self.events):
                break
            self.take(_LONGEST_LOOK_SECONDS)
        return self.events

    def take(self, seconds: int = 0) -> None:
        """Take what is there, waiting so long for the first of it."""
        while got := self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=seconds
        ).get("Messages"):
            seconds = 0
            self.events.extend(json.loads(message["Body"])["detail"] for message in got)
            self._sqs.delete_message_batch(
                QueueUrl=self._queue,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(got)
                ],
            )
