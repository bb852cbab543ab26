"""The watcher: looks at what happened to the ledger for what somebody should look at. Fed by the
table's stream.

Expects duplicates, any order and poison; reports the records that it did not get done. Must never
read `app.py`.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import observability, wiring
from chalicelib.domain.entries import Entry
from chalicelib.storage.stream import written
from chalicelib.usecases.watch_ledger import watch
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:dynamodb:eu-central-1:000000000000:table/ledger/stream/ledger"


@worker.on_dynamodb_record(stream_arn=_SET_BY_THE_TEMPLATE, batch_size=25, name="watch")
@told("watch")
def handle(event: DynamoDBEvent) -> dict[str, list[dict[str, str]]]:
    """Look at a batch of stream records; the answer names those that have to be looked at again."""
    failed: list[str] = []
    for record in event.to_dict()["Records"]:
        try:
            _look_at(record)
        except Exception as error:
            # Busy, or poison: tried again, then set aside, and never in the way of the others.
            number = record["dynamodb"]["SequenceNumber"]
            observability.log_failure(error, worker="watch", sequence_number=number)
            failed.append(number)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _look_at(record: Mapping[str, Any]) -> None:
    if record["eventName"] != "INSERT":
        return
    found = written(record["dynamodb"]["NewImage"])
    if found is not None and isinstance(found.record, Entry):
        services = wiring.services()
        watch(services.ports, found.record, services.clock())
