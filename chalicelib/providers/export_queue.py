"""Asks a worker, by SQS, to make an export. Must not know what that means."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsExportQueue:
    """An ExportQueue. A message is the member's id and the export's, with a `/` between them."""

    def __init__(self, queue_url: str, sqs: Callable[[], "SQSClient"]) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    def prepare(self, member_id: str, export_id: str) -> None:
        with outages("sqs"):
            self._sqs().send_message(
                QueueUrl=self._queue_url, MessageBody=f"{member_id}/{export_id}"
            )
