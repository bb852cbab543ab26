"""Asks a worker, by SQS, to go through audiences and to write letters. Must not know what that
means.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsLetterQueue:
    """A LetterQueue. A message is the announcement's id, with `/` and the members' ids, with commas
    between them, behind it where letters to them are asked for."""

    def __init__(self, queue_url: str, sqs: Callable[[], "SQSClient"]) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    def list_on(self, announcement_id: str) -> None:
        self._send(announcement_id)

    def write_to(self, announcement_id: str, member_ids: Sequence[str]) -> None:
        self._send(f"{announcement_id}/{','.join(member_ids)}")

    def _send(self, body: str) -> None:
        with outages("sqs"):
            self._sqs().send_message(QueueUrl=self._queue_url, MessageBody=body)
