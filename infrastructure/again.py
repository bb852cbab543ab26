"""Shows a reader of the ledger's stream again what it was set aside for: `python -m
infrastructure.again --stack stampbook-prod Relay`, once what failed is mended.

A message of its dead letters says where in the stream records are, not what is in them; the stream
keeps them for 24 hours. What the reader takes now is taken off the queue, what it does not stays
there. With `--since` and `--until`, Relay is shown the ledger's own events of that time instead.
Must not know what readers do.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from chalicelib.domain.instants import parsed
from infrastructure.forgotten import Reader, told_again
from infrastructure.local.lambda_events import of_stream_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_sqs import SQSClient

READERS = ("Relay", "Follow")
_AT_ONCE_SECONDS = 900  # nobody else is shown a message while its records are worked on


@dataclass(frozen=True, slots=True)
class Done:
    """How many messages were taken, and of the others why not, a line each."""

    taken: int
    left: tuple[str, ...]


def again(
    streams: "DynamoDBStreamsClient", sqs: "SQSClient", queue_url: str, reader: Reader
) -> Done:
    """Show the reader the records of each message of the queue, oldest first as far as SQS can."""
    taken, left = 0, []
    for message in _messages(sqs, queue_url):
        try:
            batch = json.loads(message["Body"])["DDBStreamBatchInfo"]
            why = _shown(streams, batch, reader)
        except streams.exceptions.TrimmedDataAccessException:
            first, last = (batch[f"approximateArrivalOf{end}Record"] for end in ("First", "Last"))
            why = f"the stream has forgotten its records, which came from {first} to {last}"
        if why is None:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            taken += 1
        else:
            left.append(why)
    return Done(taken, tuple(left))


def _shown(
    streams: "DynamoDBStreamsClient", batch: Mapping[str, Any], reader: Reader
) -> str | None:
    """None where the reader took all of a message's records, else why it did not."""
    records = list(_records(streams, batch))
    answer = reader({"Records": records})
    failed = [row["itemIdentifier"] for row in answer["batchItemFailures"]]
    return f"failed again at {', '.join(failed)}" if failed else None


def _records(
    streams: "DynamoDBStreamsClient", batch: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """From its first to its last, in the shape of Lambda's event."""
    iterator: str | None = streams.get_shard_iterator(
        StreamArn=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    )["ShardIterator"]
    while iterator:
        page = streams.get_records(ShardIterator=iterator, Limit=100)
        for record in page["Records"]:
            yield of_stream_record(record, batch["streamArn"])
            if record["dynamodb"]["SequenceNumber"] == batch["endSequenceNumber"]:
                return
        iterator = page.get("NextShardIterator") if page["Records"] else None


def _messages(sqs: "SQSClient", queue_url: str) -> Iterator[Any]:
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=1, VisibilityTimeout=_AT_ONCE_SECONDS
        )
        if not answer.get("Messages"):
            return
        yield answer["Messages"][0]


def main() -> int:
    """Show one reader of a stack its dead letters, or events of a time; 1 where any is left."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.again")
    parser.add_argument("--stack", required=True, help="such as stampbook-prod")
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--since", type=parsed, help="an instant, such as 2026-05-04T09:30:00Z")
    parser.add_argument("--until", type=parsed, help="the events up to it, of Relay alone")
    given = parser.parse_args()
    if (given.since is None) != (given.until is None) or (given.since and given.reader != "Relay"):
        parser.error("--since and --until go together, and with Relay alone")
    formation = boto3.client("cloudformation")

    def physical(logical_id: str) -> str:
        found = formation.describe_stack_resource(
            StackName=given.stack, LogicalResourceId=logical_id
        )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    functions, name = boto3.client("lambda"), physical(given.reader)

    def reader(event: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:  # of our own words: docs/runbook.md says where to look
            return {"batchItemFailures": [{"itemIdentifier": said.get("errorType", "Unknown")}]}
        return said

    if given.since:
        taken, left = told_again(
            boto3.client("dynamodb"), physical("LedgerTable"), given.since, given.until, reader
        )
        return _told(taken, left, f"the ledger from {given.since} to {given.until}")
    url = physical(f"{given.reader}DeadLetters")
    done = again(boto3.client("dynamodbstreams"), boto3.client("sqs"), url, reader)
    return _told(done.taken, done.left, os.path.basename(url))


def _told(taken: int, left: Sequence[str], where: str) -> int:
    print(f"{taken} taken, {len(left)} left in {where}")
    for why in left:
        print(f"  {why}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
