"""Counts what members buy, for those who let us look at it. Fed by the ledger's stream.

Expects duplicates, any order and poison; reports the records that it did not get done. Must never
read `app.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import observability, wiring
from chalicelib.domain.entries import Entry
from chalicelib.storage.stream import may_be_counted, written
from chalicelib.usecases.follow_behaviour import COUNTED, follow_behaviour
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:dynamodb:eu-central-1:000000000000:table/ledger/stream/ledger"


@worker.on_dynamodb_record(stream_arn=_SET_BY_THE_TEMPLATE, batch_size=100, name="behaviour")
@told("behaviour")
def handle(event: DynamoDBEvent) -> dict[str, list[dict[str, str]]]:
    """Count a batch of stream records; the answer names those that have to be counted again."""
    due: dict[str, list[tuple[str, int | None]]] = {}
    failed: list[str] = []
    for record in event.to_dict()["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            found = _whom(record)
        except Exception as error:
            # Poison: set aside by the stream's own rules, and never in the way of the others.
            observability.log_failure(error, worker="behaviour", sequence_number=number)
            failed.append(number)
            continue
        if found is not None:
            account_id, seq = found
            due.setdefault(account_id, []).append((number, seq))
    for account_id, asked in due.items():
        if not _followed(account_id, asked):
            failed += [number for number, _ in asked]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in sorted(failed)]}


def _whom(record: Mapping[str, Any]) -> tuple[str, int | None] | None:
    """The account that a record says something new of, and up to which entry; no number where its
    member has just begun to let us look."""
    change = record["dynamodb"]
    account_id = may_be_counted(change)
    if account_id is not None:
        return account_id, None
    if record["eventName"] != "INSERT":
        return None
    found = written(change["NewImage"])
    entry = found.record if found is not None else None
    if isinstance(entry, Entry) and entry.kind in COUNTED:
        return entry.account_id, entry.seq
    return None


def _followed(account_id: str, asked: Sequence[tuple[str, int | None]]) -> bool:
    """Whether the digest of an account is up to all that was asked of it."""
    seqs = [seq for _, seq in asked if seq is not None]
    everything = len(seqs) < len(asked)
    try:
        follow_behaviour(wiring.services().ports, account_id, None if everything else max(seqs))
    except Exception as error:
        observability.log_failure(error, worker="behaviour", sequence_number=asked[0][0])
        return False
    return True
