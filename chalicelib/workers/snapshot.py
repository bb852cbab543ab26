"""Brings what happened to the ledger into the snapshot. Fed by the table's stream.

Expects duplicates, any order and poison; reports the records that it did not get done. Must never
read `app.py`.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import observability, wiring
from chalicelib.domain.entries import Entry
from chalicelib.storage.stream import whose_traits, written
from chalicelib.usecases.ports import Cause
from chalicelib.usecases.refresh_snapshot import Batch, refresh_snapshot
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:dynamodb:eu-central-1:000000000000:table/ledger/stream/ledger"


@worker.on_dynamodb_record(stream_arn=_SET_BY_THE_TEMPLATE, batch_size=1000, name="snapshot")
@told("snapshot")
def handle(event: DynamoDBEvent) -> dict[str, list[dict[str, str]]]:
    """Bring a batch of stream records in; the answer names those that have to be brought again."""
    rows = event.to_dict()["Records"]
    records: dict[str, Entry | Cause] = {}
    members: set[str] = set()
    failed: list[str] = []
    for row in rows:
        number = row["dynamodb"]["SequenceNumber"]
        try:
            _read(row, records, members)
        except Exception as error:
            # Poison: set aside by the stream's own rules, and never in the way of the others.
            observability.log_failure(error, worker="snapshot", sequence_number=number)
            failed.append(number)
    numbers = [row["dynamodb"]["SequenceNumber"] for row in rows]
    batch = Batch(tuple(records.values()), frozenset(members), _digest(numbers))
    try:
        services = wiring.services()
        refresh_snapshot(services.ports, batch, services.clock())
    except Exception as error:
        observability.log_failure(error, worker="snapshot", sequence_number=numbers[0])
        failed = numbers
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _read(row: Mapping[str, Any], records: dict[str, Entry | Cause], members: set[str]) -> None:
    change = row["dynamodb"]
    member_id = whose_traits(change)
    if member_id is not None:
        members.add(member_id)
    elif row["eventName"] == "INSERT":
        found = written(change["NewImage"])
        if found is not None:
            records[found.key] = found.record


def _digest(numbers: list[str]) -> str:
    return hashlib.sha256("/".join(numbers).encode()).hexdigest()[:16]
