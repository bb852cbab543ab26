"""Runs the workers as Lambda would: from the ledger's real stream, from queues, and on schedules.

Knows the events' shapes and Lambda's rules for retries, nothing of what a worker does.
"""

import json
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3

from infrastructure.local import lambda_events
from infrastructure.local.declared_workers import (
    QueueWorker,
    ScheduledWorker,
    StreamWorker,
    Worker,
)
from infrastructure.local.gateway import Context

_ATTEMPTS = 9  # the first and MaximumRetryAttempts of resources.yaml
_WORKER_SECONDS = 300.0  # what .chalice/config.json gives those who look how much is left, or less
_MOST_RECEIVED = 10  # messages that SQS gives at once
_IDLE_SECONDS = 1.0  # between looks at the stream when nobody wakes us

Shown = Callable[[str], None]


@dataclass(slots=True)
class _Fed:
    """A worker behind the stream: where it has read to, and what it has still to take."""

    worker: StreamWorker
    iterator: str
    most: int  # records of the next batch: halved while batches fail, to find the one that does
    waiting: list[dict[str, Any]] = field(default_factory=list)
    failures: int = 0  # of the first record that waits, alone in its batch


@dataclass(slots=True)
class _Timed:
    """A worker on a schedule; `due` is None before its first run."""

    worker: ScheduledWorker
    due: datetime | None = None


class Pump:
    """Feeds the workers until `stop`. `wake` after a write; `drain` to wait for all of it."""

    def __init__(
        self,
        workers: Sequence[Worker],
        stream_arn: str,
        dead_letters: str,
        clock: Callable[[], datetime],
        show: Shown,
        after: Callable[[], None] = lambda: None,
        queues: Mapping[str, str] | None = None,
    ) -> None:
        """dead_letters: URL of the queue that takes what a stream's worker does not get done.
        after: called whenever all is worked off. queues: a worker's name -> URL of its queue."""
        self._streams = boto3.client("dynamodbstreams")
        self._sqs = boto3.client("sqs")
        self._stream_arn = stream_arn
        self._dead_letters = dead_letters
        self._clock = clock
        self._show = show
        self._after = after
        self._turn = threading.Lock()
        self._wakeup = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._fed = [
            _Fed(worker, self._beginning(), worker.batch_size)
            for worker in workers
            if isinstance(worker, StreamWorker)
        ]
        self._queued = [
            (worker, (queues or {})[worker.name])
            for worker in workers
            if isinstance(worker, QueueWorker)
        ]
        self._timed = [_Timed(worker) for worker in workers if isinstance(worker, ScheduledWorker)]

    def start(self) -> None:
        """Feed the workers from now on, on a thread of its own."""
        self._thread.start()

    def wake(self) -> None:
        """Something was written: look at the stream soon."""
        self._wakeup.set()

    def drain(self) -> None:
        """Return when the stream and the queues are empty and no schedule is due."""
        with self._turn:
            self._work_off()
            self._after()

    def stop(self) -> None:
        """Work off what is there, then feed no more. What is in queues is kept there: a worker that
        sends itself on could go on for long."""
        self._stopped.set()
        self._wakeup.set()
        if self._thread.is_alive():
            self._thread.join()
        self.drain()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wakeup.wait(_IDLE_SECONDS)
            self._wakeup.clear()
            try:
                self.drain()
            except Exception:  # the stack may be going down; the next look tells
                if not self._stopped.is_set():
                    self._show(f"worker pump: {traceback.format_exc()}")

    def _beginning(self) -> str:
        """The oldest record there is: MiniStack's stream starts anew with each of its starts."""
        return str(
            self._streams.get_shard_iterator(
                StreamArn=self._stream_arn, ShardId=self._shard(), ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )

    def _shard(self) -> str:
        stream = self._streams.describe_stream(StreamArn=self._stream_arn)["StreamDescription"]
        return str(stream["Shards"][0]["ShardId"])  # MiniStack has one

    # --- one turn --------------------------------------------------------------------------------

    def _work_off(self) -> None:
        # sum: everybody gets a turn; any() would leave at the first who has work. Queues come after
        # the stream: what its reader puts into one is taken in large batches.
        while sum(map(self._feed, self._fed)) or (
            sum(self._feed_from(url, worker) for worker, url in self._queued)
            + sum(map(self._run_if_due, self._timed))
        ):
            pass

    def _feed(self, fed: _Fed) -> bool:
        """Hand one batch over; False when there was none."""
        if not fed.waiting:
            answer = self._streams.get_records(ShardIterator=fed.iterator, Limit=1000)
            fed.iterator = answer["NextShardIterator"]
            fed.waiting = [
                lambda_events.of_stream_record(row, self._stream_arn) for row in answer["Records"]
            ]
        if not fed.waiting:
            return False
        batch = fed.waiting[: fed.most]
        done = self._handled(fed.worker, batch)
        if not done and len(batch) == 1:
            fed.failures += 1
            if fed.failures == _ATTEMPTS:
                self._give_up(fed.worker, batch[0])
                done = 1
        del fed.waiting[:done]
        fed.failures = 0 if done else fed.failures
        fed.most = fed.worker.batch_size if done else max(1, len(batch) // 2)
        return True

    def _handled(self, worker: StreamWorker, batch: list[dict[str, Any]]) -> int:
        """How many records, from the first on, the worker got done."""
        numbers = [row["dynamodb"]["SequenceNumber"] for row in batch]
        try:
            answer = worker.handler({"Records": batch}, _context(worker))
            failed = [row["itemIdentifier"] for row in (answer or {}).get("batchItemFailures", [])]
            # A number that is none of the batch's fails all of it, as on Lambda.
            return min((numbers.index(number) for number in failed), default=len(batch))
        except Exception as error:
            self._show(f"worker {worker.name} failed: {error!r}")
            return 0

    def _give_up(self, worker: StreamWorker, record: Mapping[str, Any]) -> None:
        number = record["dynamodb"]["SequenceNumber"]
        self._show(f"worker {worker.name} gives record {number} up; it is in the dead letters")
        batch = {
            "streamArn": self._stream_arn,
            "shardId": self._shard(),
            "startSequenceNumber": number,
            "endSequenceNumber": number,
            "batchSize": 1,
        }
        letter = {"worker": worker.name, "DDBStreamBatchInfo": batch}
        self._sqs.send_message(QueueUrl=self._dead_letters, MessageBody=json.dumps(letter))

    def _feed_from(self, queue: str, worker: QueueWorker) -> bool:
        """Hand one batch over; False when there was none. What fails comes again at once, and
        after so many times goes where the queue itself says."""
        messages = [] if self._stopped.is_set() else self._received(queue, worker.batch_size)
        failed = self._not_done(worker, messages) if messages else set()
        for message in messages:
            receipt = message["ReceiptHandle"]
            if message["MessageId"] in failed:
                self._sqs.change_message_visibility(
                    QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=0
                )
            else:
                self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=receipt)
        return bool(messages)

    def _received(self, queue: str, most: int) -> list[Mapping[str, Any]]:
        """What is there, by so many at a time as SQS gives."""
        received: list[Mapping[str, Any]] = []
        while len(received) < most:
            found = self._sqs.receive_message(
                QueueUrl=queue,
                MaxNumberOfMessages=min(_MOST_RECEIVED, most - len(received)),
                MessageSystemAttributeNames=["All"],
            )
            if not found.get("Messages"):
                break
            received += found["Messages"]
        return received

    def _not_done(self, worker: QueueWorker, messages: Sequence[Mapping[str, Any]]) -> set[str]:
        """The ids of the messages that the worker did not get done: of all where it raises."""
        event = {"Records": [lambda_events.of_message(message) for message in messages]}
        try:
            answer = worker.handler(event, _context(worker))
            return {row["itemIdentifier"] for row in (answer or {}).get("batchItemFailures", [])}
        except Exception as error:
            self._show(f"worker {worker.name} failed: {error!r}")
            return {message["MessageId"] for message in messages}

    def _run_if_due(self, timed: _Timed) -> bool:
        now, worker = self._clock(), timed.worker
        if timed.due and timed.due - worker.every <= now < timed.due:
            return False
        timed.due = now + worker.every
        try:
            worker.handler(lambda_events.of_schedule(now), _context(worker))
        except Exception as error:  # EventBridge tries again; here the next hour does
            self._show(f"worker {worker.name} failed: {error!r}")
        return True


def _context(worker: Worker) -> Context:
    """What Lambda tells a worker about a run."""
    return Context(f"stampbook-local-{worker.name}", seconds=_WORKER_SECONDS)
