"""The relay: passes on what happened to the ledger. Fed by the table's stream.

Expects duplicates, any order and poison; reports the records that it did not get done, so that
the rest of a batch is not held up. Must never read `app.py`.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import observability, wiring
from chalicelib.storage.keys import TRAITS
from chalicelib.storage.stream import is_redaction, written
from chalicelib.usecases.ports import Event
from chalicelib.usecases.publish_events import event_of
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:dynamodb:eu-central-1:000000000000:table/ledger/stream/ledger"


@worker.on_dynamodb_record(stream_arn=_SET_BY_THE_TEMPLATE, batch_size=100, name="relay")
@told("relay")
def handle(event: DynamoDBEvent) -> dict[str, list[dict[str, str]]]:
    """Publish the events of a batch of stream records; the answer names those that failed."""
    numbers: list[str] = []
    events: list[Event] = []
    failed: set[str] = set()
    for record in event.to_dict()["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            found = _event(record)
        except Exception as error:
            # Poison: set aside by the stream's own rules, and never in the way of the others.
            observability.log_failure(error, worker="relay", sequence_number=number)
            failed.add(number)
            continue
        if found is not None:
            numbers.append(number)
            events.append(found)
    if events:
        failed |= {numbers[index] for index in wiring.events_out().publish(events)}
    return {"batchItemFailures": [{"itemIdentifier": number} for number in sorted(failed)]}


def _event(record: Mapping[str, Any]) -> Event | None:
    change = record["dynamodb"]
    if record["eventName"] == "INSERT":
        found = written(change["NewImage"])
        return event_of(found.record, found.key) if found is not None and found.is_event else None
    if change["Keys"]["sk"]["S"] != TRAITS and not is_redaction(change):
        # Nothing of the ledger is ever changed but traits, and redacted where a member was erased:
        # of whatever else is, somebody must know.
        observability.log_tampering(record["eventName"], change["SequenceNumber"])
    return None
