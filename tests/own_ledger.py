"""A table `ledger` for one test: whoever goes through all of it meets nobody else's records."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.storage.programs import DynamoPrograms
from chalicelib.storage.tables import LedgerItem
from chalicelib.wiring import Services
from tests.contract.spoiled import RawLedger
from tests.own_config import own_config

_KEYS = {"pk": "HASH", "sk": "RANGE"}
_DUE = {"due_bucket": "HASH", "due_at": "RANGE"}


@contextmanager
def own_ledger(connection: Connection) -> Iterator[str]:
    """Point the items of `ledger` at a new, empty table while it lasts; its name."""
    shared = LedgerItem._get_connection()
    own = f"ledger-{uuid4()}"
    client: Any = connection.client  # its published type is private and without methods
    client.create_table(
        TableName=own,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in (*_KEYS, *_DUE)
        ],
        KeySchema=_schema(_KEYS),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": _schema(_DUE),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    client.get_waiter("table_exists").wait(TableName=own)
    LedgerItem.Meta.table_name = own
    table = LedgerItem._get_connection()
    connection.add_meta_table(table.get_meta_table())
    table.connection = connection
    try:
        yield own
    finally:
        LedgerItem.Meta.table_name = shared.table_name
        LedgerItem._connection = shared
        client.delete_table(TableName=own)


@contextmanager
def own_books(services: Services, connection: Connection) -> Iterator[RawLedger]:
    """The whole application on a table `ledger` and a table `config` of the test's own; no program
    is there yet."""
    with own_ledger(connection) as table, own_config(connection):
        programs = DynamoPrograms()  # whose memory is empty, too
        wiring.install(replace(services, ports=replace(services.ports, programs=programs)))
        yield RawLedger(connection.client, table)


def _schema(keys: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()]
