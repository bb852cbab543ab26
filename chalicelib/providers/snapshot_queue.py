"""Hands records of the ledger's stream on, by SQS, to who brings them into the snapshot. Must not
know what they mean.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages
from chalicelib.usecases.ports import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_log = logging.getLogger(__name__)

MOST_BYTES = 200_000
"""Of a message: SQS takes 256 KiB everywhere, and Lambda 6 MB of messages at once."""


class SqsSnapshotQueue:
    """A SnapshotQueue. A message is a JSON array of whole records, in ASCII."""

    def __init__(self, queue_url: str, sqs: Callable[[], "SQSClient"]) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    def put(self, records: Sequence[Mapping[str, object]]) -> list[int]:
        failed: list[int] = []
        for indexes, body in _messages(records):
            if not self._is_sent(body):
                failed += indexes
        return failed

    def _is_sent(self, body: str) -> bool:
        if len(body) > MOST_BYTES:
            _log.warning("a record of %d bytes is too large for a message", len(body))
            return False
        try:
            with outages("sqs"):
                self._sqs().send_message(QueueUrl=self._queue_url, MessageBody=body)
        except StoreUnavailable as error:
            _log.warning("a message of records was not taken: %s", error)
            return False
        return True


def _messages(records: Sequence[Mapping[str, object]]) -> Iterator[tuple[list[int], str]]:
    """The indexes and the text of each message: as many records as fit, or one that is too large
    alone."""
    indexes: list[int] = []
    texts: list[str] = []
    room = MOST_BYTES - len("[]")
    for index, record in enumerate(records):
        text = json.dumps(record, separators=(",", ":"))
        if texts and len(text) > room:
            yield indexes, f"[{','.join(texts)}]"
            indexes, texts, room = [], [], MOST_BYTES - len("[]")
        indexes.append(index)
        texts.append(text)
        room -= len(text) + len(",")
    if texts:
        yield indexes, f"[{','.join(texts)}]"
