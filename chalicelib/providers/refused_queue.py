"""Tells, by SQS, of purchases that came in and were refused. Must not know why."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsRefusedQueue:
    """A RefusedQueue. A message is a JSON document."""

    def __init__(self, queue_url: str, sqs: Callable[[], "SQSClient"]) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    def tell(self, document: Mapping[str, object]) -> None:
        body = json.dumps(document, separators=(",", ":"))
        with outages("sqs"):
            self._sqs().send_message(QueueUrl=self._queue_url, MessageBody=body)
