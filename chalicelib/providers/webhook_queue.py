"""Feeds the worker that delivers to webhooks, by a FIFO queue: of a webhook and a shard of
groups one message after the other. Must not know what is delivered.
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.webhooks import Parcel
from chalicelib.providers.aws import code_of, outages
from chalicelib.usecases.ports.webhooks import Replay

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_log = logging.getLogger(__name__)
_AT_ONCE = 10  # a batch takes no more
_A_MINUTE = len("2026-11-22T09:30")

Message = Parcel | tuple[str, int] | tuple[str, Replay]
"""An event to deliver; a webhook and a shard of which something is due; a webhook and what to send
again."""


class SqsWebhookQueue:
    """A WebhookQueue."""

    def __init__(self, queue_url: str, sqs: Callable[[], "SQSClient"]) -> None:
        self._queue_url = queue_url
        self._sqs = sqs

    def send(self, parcels: Sequence[Parcel], again: str = "") -> list[int]:
        failed: list[int] = []
        for batch in _rounds(parcels):
            held = {_line(parcels[index]) for index in failed}
            free = [index for index in batch if _line(parcels[index]) not in held]
            failed += [index for index in batch if index not in free]
            failed += self._sent(free, [_entry(parcels[index], again) for index in free])
        return sorted(failed)

    def wake(self, hook_id: str, shards: Sequence[int], now: datetime) -> None:
        minute = printed(now)[:_A_MINUTE].replace(":", "-")
        for start in range(0, len(shards), _AT_ONCE):
            batch = shards[start : start + _AT_ONCE]
            with outages("sqs"):  # what it does not take is still due in a minute
                self._sqs().send_message_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {
                            "Id": str(shard),
                            "MessageBody": json.dumps({"hook": hook_id, "shard": shard}),
                            "MessageGroupId": f"{hook_id}-{shard}",
                            "MessageDeduplicationId": f"{hook_id}-wake-{shard}-{minute}",
                        }
                        for shard in batch
                    ],
                )

    def replay(self, hook_id: str, replay: Replay) -> None:
        body = {
            "hook": hook_id,
            "replay": replay.replay_id,
            "since": printed(replay.since),
            "until": printed(replay.until),
            "shard": replay.shard,
            "after": replay.after,
        }
        # The place where it goes on is in the name: the next part is no repetition of this one.
        name = f"{replay.replay_id}-{replay.shard}-{(replay.after or '').replace('#', '-')[-64:]}"
        with outages("sqs"):
            self._sqs().send_message(
                QueueUrl=self._queue_url,
                MessageBody=json.dumps(body),
                MessageGroupId=f"{hook_id}-replay",
                MessageDeduplicationId=f"{hook_id[-8:]}-{name}",
            )

    def _sent(
        self, indexes: Sequence[int], entries: Sequence["SendMessageBatchRequestEntryTypeDef"]
    ) -> list[int]:
        """The indexes of those that the queue did not take."""
        if not entries:
            return []
        try:
            answer = self._sqs().send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            said = code_of(error) if isinstance(error, ClientError) else type(error).__name__
            _log.warning("the queue of webhooks took none of %d events: %s", len(entries), said)
            return list(indexes)
        refused = {row["Id"] for row in answer.get("Failed", [])}
        return [
            index for index, entry in zip(indexes, entries, strict=True) if entry["Id"] in refused
        ]


def read_message(body: str) -> Message:
    """What a message of the queue asks for. ValueError and KeyError for none of ours."""
    said = json.loads(body)
    hook_id = str(said["hook"])
    if "replay" in said:
        times = parsed(said["since"]), parsed(said["until"])
        return hook_id, Replay(said["replay"], *times, int(said["shard"]), said["after"])
    if "event" in said:
        return Parcel(hook_id, said["group"], said["place"], said["event"], said["again"])
    return hook_id, int(said["shard"])


def _line(parcel: Parcel) -> str:
    return f"{parcel.hook_id}-{parcel.shard}"


def _rounds(parcels: Sequence[Parcel]) -> Iterator[list[int]]:
    """Batches in which no two stand in one line: of a batch, each is taken or not by itself."""
    waiting = list(range(len(parcels)))
    while waiting:
        batch: list[int] = []
        lines: set[str] = set()
        left: list[int] = []
        for index in waiting:
            line = _line(parcels[index])
            if line in lines or len(batch) == _AT_ONCE:
                left.append(index)
                lines.add(line)  # what follows it in its line follows it in time
            else:
                batch.append(index)
                lines.add(line)
        yield batch
        waiting = left


def _entry(parcel: Parcel, again: str) -> "SendMessageBatchRequestEntryTypeDef":
    body = {
        "hook": parcel.hook_id,
        "group": parcel.group,
        "place": parcel.place,
        "event": parcel.event_id,
        "again": bool(again),
    }
    return {
        "Id": f"{parcel.hook_id}-{parcel.shard}",
        "MessageBody": json.dumps(body),
        "MessageGroupId": _line(parcel),
        "MessageDeduplicationId": f"{parcel.hook_id}-{parcel.event_id}{again[-20:]}",
    }
