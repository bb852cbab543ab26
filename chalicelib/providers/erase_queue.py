"""Asks a worker, by SQS, to go on with an erasure. Must not know what that means."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsEraseQueue:
    """An EraseQueue. A message is the erasure's id alone."""

    def __init__(self, queue_url: str, sqs: Callable[[], "SQSClient"]) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    def erase(self, erasure_id: str) -> None:
        with outages("sqs"):
            self._sqs().send_message(QueueUrl=self._queue_url, MessageBody=erasure_id)
