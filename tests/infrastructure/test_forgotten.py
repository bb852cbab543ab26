"""What the stream has forgotten is read from the ledger, and the relay tells of it as it would have
then."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import boto3
import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import Entry, EntryKind, next_entry, opening_entry
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.tables import LedgerItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Event
from chalicelib.workers import relay
from infrastructure.forgotten import told_again
from tests.own_tables import own_tables

SINCE = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=1)


class Bus:
    """A bus that keeps what it takes; it refuses what is about accounts in `refused`."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.refused: set[str] = set()

    def publish(self, events: Sequence[Event]) -> list[int]:
        self.taken += [event for event in events if event.subject not in self.refused]
        return [index for index, event in enumerate(events) if event.subject in self.refused]


@pytest.fixture
def bus() -> Iterator[Bus]:
    kept = Bus()
    wiring.publish_to(kept)
    yield kept
    wiring.publish_to(None)


def shown(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return relay.handle(dict(event), None)  # type: ignore[no-any-return]  # Chalice says nothing


def opened(at: datetime) -> Entry:
    entry = opening_entry(f"mem_{token_hex(8)}", AccountStatus.ACTIVE, at)
    transact([Put(entry_item(entry))])
    return entry


def went_on(head: Entry, at: datetime, *, is_event: bool = True) -> Entry:
    kind, cause = EntryKind.ADJUST, f"test:{head.account_id}"
    entry = next_entry(head, head.account(), kind=kind, cause=cause, now=at)
    transact([Put(entry_item(entry, is_event=is_event))])
    return entry


@pytest.fixture
def table(connection: Connection) -> Iterator[str]:
    """A ledger of its own: others' items could not be read, on purpose."""
    with own_tables(connection, LedgerItem) as (name,):
        yield name


def told(table: str) -> tuple[int, list[str]]:
    return told_again(boto3.client("dynamodb"), table, SINCE, UNTIL, shown)


def test_the_events_of_a_time_are_told_as_they_were_an_accounts_in_order(
    table: str, bus: Bus
) -> None:
    second = timedelta(seconds=1)
    opened(SINCE - second)
    opened(UNTIL + second)
    first = opened(SINCE)
    later = went_on(first, UNTIL - second)
    went_on(later, UNTIL, is_event=False)  # another record stands for that operation
    other = opened(UNTIL)

    assert told(table) == (3, [])
    ids = [event.id for event in bus.taken]
    assert set(ids) == {entry.hash.hex() for entry in (first, later, other)}
    assert ids.index(first.hash.hex()) < ids.index(later.hash.hex())

    bus.refused = {other.account_id}
    assert told(table) == (2, [f"A#{other.account_id}/E#000000000001"])


def test_what_this_release_cannot_read_is_named_and_in_nobodys_way(table: str, bus: Bus) -> None:
    newer, known = opened(SINCE), opened(SINCE)
    key = {"pk": {"S": f"A#{newer.account_id}"}, "sk": {"S": "E#000000000001"}}
    boto3.client("dynamodb").update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET of_tomorrow = :it",
        ExpressionAttributeValues={":it": {"S": "kept"}},
    )
    assert told(table) == (1, [f"A#{newer.account_id}/E#000000000001"])
    assert [event.subject for event in bus.taken] == [known.account_id]
