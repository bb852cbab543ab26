"""The second reader of the table's stream, beside the relay, and the last that there may be: it
hands what happened on to the snapshot, counts what members buy, and looks for what somebody should
look at. What it need not be shown again, it sums up in the log, for the metrics of the business.

Each of the three does all that it can of a batch, whatever another one fails at. Expects
duplicates, any order and poison; reports the records that were not got done. Must never read
`app.py`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import observability, wiring
from chalicelib.domain.entries import Entry
from chalicelib.storage.stream import may_be_counted, written
from chalicelib.usecases.business_figures import business_figures
from chalicelib.usecases.follow_behaviour import COUNTED, follow_behaviour
from chalicelib.usecases.ports import Cause
from chalicelib.usecases.watch_ledger import watch
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:dynamodb:eu-central-1:000000000000:table/ledger/stream/ledger"


@dataclass(frozen=True, slots=True)
class _Told:
    """What a stream record says. number: its own. record: that was written, if it is one of the
    ledger's history. begins: the account whose member has just begun to let us look at what it
    buys, if it says so."""

    number: str
    record: Entry | Cause | None
    begins: str | None

    @property
    def entry(self) -> Entry | None:
        """What was written, where it is an account's entry."""
        return self.record if isinstance(self.record, Entry) else None


@worker.on_dynamodb_record(stream_arn=_SET_BY_THE_TEMPLATE, batch_size=100, name="follow")
@told("follow")
def handle(event: DynamoDBEvent) -> dict[str, list[dict[str, str]]]:
    """Do all three with a batch of stream records; the answer names those to be shown again."""
    records = event.to_dict()["Records"]
    failed = set(_hand_on(records))  # first: it waits for nobody's account
    batch: list[_Told] = []
    for record in records:
        number = _number(record)
        try:
            batch.append(_read(number, record))
        except Exception as error:
            # Poison: set aside by the stream's own rules, and never in the way of the others.
            failed.add(_failed(error, number))
    failed |= {*_count(batch), *_look(batch)}
    observability.log_business(business_figures(_over_with(records, batch, failed)))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in sorted(failed)]}


def _read(number: str, record: Mapping[str, Any]) -> _Told:
    change = record["dynamodb"]
    found = written(change["NewImage"]) if record["eventName"] == "INSERT" else None
    return _Told(number, found.record if found is not None else None, may_be_counted(change))


def _over_with(
    records: Sequence[Mapping[str, Any]], batch: Sequence[_Told], failed: Collection[str]
) -> Iterator[Entry | Cause]:
    """What will not be shown again: Lambda begins anew with the first record that failed, whatever
    became of those behind it."""
    told = {one.number: one.record for one in batch}
    for number in map(_number, records):
        if number in failed:
            return
        record = told[number]
        if record is not None:
            yield record


def _number(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


# --- each gives the numbers of the records that it did not get done -------------------------------


def _hand_on(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """To who brings them into the snapshot, as they are: also those that cannot be read here."""
    numbers = [_number(record) for record in records]
    try:
        missed = wiring.services().ports.snapshot_queue.put(records)
    except Exception as error:
        _failed(error, numbers[0])
        return numbers
    return [numbers[index] for index in missed]


def _count(batch: Sequence[_Told]) -> Iterator[str]:
    """What members buy, for those who let us look at it: once an account."""
    due: dict[str, list[tuple[_Told, int | None]]] = {}
    for one in batch:
        if one.begins is not None:
            due.setdefault(one.begins, []).append((one, None))
        elif one.entry is not None and one.entry.kind in COUNTED:
            due.setdefault(one.entry.account_id, []).append((one, one.entry.seq))
    for account_id, asked in due.items():
        seqs = [seq for _, seq in asked if seq is not None]
        up_to = max(seqs) if len(seqs) == len(asked) else None  # everything, who has just begun
        try:
            follow_behaviour(wiring.services().ports, account_id, up_to)
        except Exception as error:
            _failed(error, asked[0][0].number)
            yield from (one.number for one, _ in asked)


def _look(batch: Sequence[_Told]) -> Iterator[str]:
    """For reviews to open, and for bonuses and gifts that are due."""
    for one in batch:
        if one.entry is None:
            continue
        try:
            services = wiring.services()
            watch(services.ports, one.entry, services.clock())
        except Exception as error:
            yield _failed(error, one.number)  # busy, or poison: tried again, then set aside


def _failed(error: Exception, number: str) -> str:
    """The number of a record that failed, once the log knows why."""
    observability.log_failure(error, worker="follow", sequence_number=number)
    return number
