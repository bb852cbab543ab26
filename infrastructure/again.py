"""Shows a reader of the ledger's stream again what it was set aside for: `python -m
infrastructure.again --stack stampbook-prod Relay`, once what failed is mended.

A message of its dead letters says where in the stream records are, not what is in them; the stream
keeps them for 24 hours. What the reader takes now is taken off the queue, what it does not stays
there. Must not know what readers do.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from infrastructure.local.lambda_events import of_stream_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_sqs import SQSClient

READERS = ("Relay", "Follow")
_AT_ONCE_SECONDS = 900  # nobody else is shown a message while its records are worked on

Reader = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Given Lambda's event, what the function answers. Raises where it did not get as far."""


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
            why = _shown(streams, json.loads(message["Body"])["DDBStreamBatchInfo"], reader)
        except streams.exceptions.TrimmedDataAccessException:
            why = "the stream has forgotten its records"
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
    """Show one reader of a stack its dead letters; 1 where any of them is left."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.again")
    parser.add_argument("--stack", required=True, help="such as stampbook-prod")
    parser.add_argument("reader", choices=READERS)
    given = parser.parse_args()
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

    url = physical(f"{given.reader}DeadLetters")
    done = again(boto3.client("dynamodbstreams"), boto3.client("sqs"), url, reader)
    print(f"{done.taken} taken, {len(done.left)} left in {os.path.basename(url)}")
    for why in done.left:
        print(f"  {why}")
    return 1 if done.left else 0


if __name__ == "__main__":
    sys.exit(main())
