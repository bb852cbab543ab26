"""Events that the ledger's stream has forgotten, read from the ledger itself: as the stream would
have told of them, those of an account in the order of its entries.

Reads the whole table once (a gigabyte costs about 2 cents), and holds the events of the time asked
for in memory. What else the stream tells of, traits for one, is not told again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.storage.stream import written
from chalicelib.usecases.ports import Event, StoreNewer
from chalicelib.usecases.publish_events import event_of
from infrastructure.local.lambda_events import of_stream_record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AT_ONCE = 100
"""Records of an invocation, as the stream's own."""

Record = dict[str, Any]
Reader = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Given Lambda's event, what the function answers. Raises where it did not get as far."""


def told_again(
    dynamodb: "DynamoDBClient", table: str, since: datetime, until: datetime, reader: Reader
) -> tuple[int, list[str]]:
    """Show the relay the ledger's events from an instant up to another, both included: how many it
    took, and the places in the ledger that it did not, or that this release cannot read."""
    events, unread = _events(dynamodb, table, since, until)
    left = list(unread)
    for first in range(0, len(events), _AT_ONCE):
        answer = reader({"Records": events[first : first + _AT_ONCE]})
        left += [row["itemIdentifier"] for row in answer["batchItemFailures"]]
    return len(events) + len(unread) - len(left), left


def _events(
    dynamodb: "DynamoDBClient", table: str, since: datetime, until: datetime
) -> tuple[list[Record], list[str]]:
    source = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    found: list[tuple[tuple[str, int], Record]] = []
    unread: list[str] = []
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for record in (_record(item, source, until) for item in page["Items"]):
            try:
                event = _event(record)
            except StoreNewer:
                unread.append(record["dynamodb"]["SequenceNumber"])
                continue
            if event is not None and since <= event.time <= until:
                found.append((_order(event), record))
    return [record for _, record in sorted(found, key=lambda one: one[0])], unread


def _record(item: Mapping[str, Any], source: str, told_at: datetime) -> Record:
    """As the stream would tell of it; its place stands for the number that it has there alone."""
    change = {
        "Keys": {name: item[name] for name in ("pk", "sk")},
        "NewImage": item,
        "SequenceNumber": f"{item['pk']['S']}/{item['sk']['S']}",
        "ApproximateCreationDateTime": told_at,
    }
    return of_stream_record({"eventName": "INSERT", "dynamodb": change}, source)


def _event(record: Record) -> Event | None:
    change = record["dynamodb"]
    found = written(change["NewImage"])
    return event_of(found.record, found.key) if found is not None and found.is_event else None


def _order(event: Event) -> tuple[str, int]:
    return event.subject, int(str(event.data.get("seq", 0)))
