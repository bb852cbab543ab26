"""What was set aside is shown to its reader again, once it can be read: over the real local stream
and a real queue.
"""

import json
from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import opening_entry
from chalicelib.settings import Settings
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.writing import Put, transact
from infrastructure.again import again
from infrastructure.local.resources import stream_arn
from tests.ledger_world import NOW


class Reader:
    """A reader that keeps what it was shown; it fails at accounts that it `cannot` read."""

    def __init__(self) -> None:
        self.shown: list[list[str]] = []
        self.cannot: set[str] = set()

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        records = event["Records"]
        accounts = [row["dynamodb"]["Keys"]["pk"]["S"].removeprefix("A#") for row in records]
        self.shown.append(accounts)
        failed = [
            {"itemIdentifier": row["dynamodb"]["SequenceNumber"]}
            for row, account in zip(records, accounts, strict=True)
            if account in self.cannot
        ]
        return {"batchItemFailures": failed}


@pytest.fixture
def aside() -> Iterator[str]:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"aside-{token_hex(4)}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def written(bound: Settings) -> dict[str, dict[str, str]]:
    """Three accounts, and where each of their first entries stands in the stream."""
    names = [f"mem_{token_hex(8)}" for _ in range(3)]
    for name in names:
        transact([Put(entry_item(opening_entry(name, AccountStatus.ACTIVE, NOW)))])
    arn = stream_arn(bound.ledger_table)
    streams = boto3.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found = {}
    while records := (page := streams.get_records(ShardIterator=iterator))["Records"]:
        iterator = page["NextShardIterator"]
        for row in records:
            number = row["dynamodb"]["SequenceNumber"]
            account = row["dynamodb"]["Keys"]["pk"]["S"].removeprefix("A#")
            found[account] = {"streamArn": arn, "shardId": shard, "number": number}
    return {name: found[name] for name in names}


def set_aside(url: str, first: Mapping[str, str], last: Mapping[str, str]) -> None:
    """As Lambda does it: where the records are, not what is in them."""
    batch = {
        "streamArn": first["streamArn"],
        "shardId": first["shardId"],
        "startSequenceNumber": first["number"],
        "endSequenceNumber": last["number"],
    }
    boto3.client("sqs").send_message(
        QueueUrl=url, MessageBody=json.dumps({"DDBStreamBatchInfo": batch})
    )


def waiting(url: str) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(told["Attributes"][name]) for name in names)


def test_what_is_taken_now_leaves_the_queue_and_what_is_not_stays(
    written: dict[str, dict[str, str]], aside: str
) -> None:
    first, second, third = written
    set_aside(aside, written[first], written[second])
    set_aside(aside, written[third], written[third])
    reader = Reader()
    reader.cannot = {third}

    done = again(boto3.client("dynamodbstreams"), boto3.client("sqs"), aside, reader)

    assert sorted(reader.shown) == sorted([[first, second], [third]])
    assert (done.taken, done.left) == (1, (f"failed again at {written[third]['number']}",))
    assert waiting(aside) == 1


def test_an_empty_queue_shows_nothing(bound: Settings, aside: str) -> None:
    assert bound
    reader = Reader()
    done = again(boto3.client("dynamodbstreams"), boto3.client("sqs"), aside, reader)
    assert (done.taken, done.left, reader.shown) == (0, (), [])


def test_of_what_the_stream_has_forgotten_it_says_from_when_to_when_it_came(aside: str) -> None:
    first, last = "2026-05-04T09:30:00Z", "2026-05-04T11:00:00Z"
    batch = {
        "streamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/ledger/stream/1",
        "shardId": "shardId-00000001573689847184-864758bb",
        "startSequenceNumber": "800000000003126276362",
        "endSequenceNumber": "800000000003126276363",
        "approximateArrivalOfFirstRecord": first,
        "approximateArrivalOfLastRecord": last,
    }
    sqs, streams = boto3.client("sqs"), boto3.client("dynamodbstreams")
    sqs.send_message(QueueUrl=aside, MessageBody=json.dumps({"DDBStreamBatchInfo": batch}))

    with Stubber(streams) as answering:
        answering.add_client_error("get_shard_iterator", "TrimmedDataAccessException")
        done = again(streams, sqs, aside, Reader())

    told = f"the stream has forgotten its records, which came from {first} to {last}"
    assert (done.taken, done.left) == (0, (told,))
    assert waiting(aside) == 1
