"""Brings what happened to the ledger into the snapshot. Fed by a queue of records of its stream,
many in a message, many messages at a time.

Expects duplicates, any order and poison; reports the messages that it did not get done. Must never
read `app.py`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import observability, wiring
from chalicelib.domain.entries import Entry
from chalicelib.storage.stream import whose_traits, written
from chalicelib.usecases.ports import Cause
from chalicelib.usecases.refresh_snapshot import Batch, refresh_snapshot
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:snapshot"

MOST_MESSAGES = 15
"""At a time: of 200 KB each, they stay below the 6 MB that Lambda takes, were every letter quoted
once more."""


@dataclass(slots=True)
class _Message:
    """What a message says. name: the queue's own. numbers: of its records. spoiled: whether some of
    it could not be read."""

    name: str
    numbers: list[str] = field(default_factory=list)
    records: dict[str, Entry | Cause] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    spoiled: bool = False


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=MOST_MESSAGES, name="snapshot")
@told("snapshot")
def handle(event: SQSEvent) -> dict[str, list[dict[str, str]]]:
    """Bring messages in, all at once, or one by one where that fails; the answer names those that
    have to be brought again."""
    messages = [_message(row) for row in event.to_dict()["Records"]]
    failed = {message.name for message in messages if message.spoiled}
    failed |= set(_missed(messages))
    return {"batchItemFailures": [{"itemIdentifier": name} for name in sorted(failed)]}


def _message(row: Mapping[str, Any]) -> _Message:
    message = _Message(row["messageId"])
    for record in _records(message, row["body"]):
        try:
            _read(message, record)
        except Exception as error:
            # Poison: its message is set aside by the queue's own rules, the rest is brought in.
            _spoil(message, error)
    return message


def _records(message: _Message, body: str) -> list[Mapping[str, Any]]:
    try:
        return list(json.loads(body))
    except ValueError as error:
        _spoil(message, error)
        return []


def _read(message: _Message, record: Mapping[str, Any]) -> None:
    change = record["dynamodb"]
    member_id = whose_traits(change)
    if member_id is not None:
        message.members.add(member_id)
    elif record["eventName"] == "INSERT":
        found = written(change["NewImage"])
        if found is not None:
            message.records[found.key] = found.record
    message.numbers.append(change["SequenceNumber"])


def _spoil(message: _Message, error: Exception) -> None:
    _failed(error, message)
    message.spoiled = True


def _missed(messages: Sequence[_Message]) -> list[str]:
    """The names of those that cannot be brought in."""
    if _brought_in(messages):
        return []
    if len(messages) == 1:
        return [messages[0].name]
    return [message.name for message in messages if not _brought_in([message])]


def _brought_in(messages: Sequence[_Message]) -> bool:
    """Whether that is in the snapshot now."""
    records = {key: record for one in messages for key, record in one.records.items()}
    members = frozenset(member_id for one in messages for member_id in one.members)
    numbers = sorted(number for one in messages for number in one.numbers)
    try:
        services = wiring.services()
        batch = Batch(tuple(records.values()), members, _digest(numbers))
        refresh_snapshot(services.ports, batch, services.clock())
    except Exception as error:
        _failed(error, messages[0])
        return False
    return True


def _failed(error: Exception, message: _Message) -> None:
    observability.log_failure(error, worker="snapshot", message_id=message.name)


def _digest(numbers: Sequence[str]) -> str:
    """The same for the same records, in whatever order and messages they come."""
    return hashlib.sha256("/".join(numbers).encode()).hexdigest()[:16]
