"""A table `config` for one test: whoever caches what stands in the shared one is not misled."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pynamodb.connection import Connection

from chalicelib.storage.tables import ConfigItem

_KEYS = {"pk": "HASH", "sk": "RANGE"}


@contextmanager
def own_config(connection: Connection) -> Iterator[None]:
    """Point the items of `config` at a new, empty table while it lasts."""
    shared = ConfigItem._get_connection()
    own = f"config-{uuid4()}"
    client: Any = connection.client  # its published type is private and without methods
    client.create_table(
        TableName=own,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in _KEYS],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in _KEYS.items()],
    )
    client.get_waiter("table_exists").wait(TableName=own)
    ConfigItem.Meta.table_name = own
    table = ConfigItem._get_connection()
    connection.add_meta_table(table.get_meta_table())
    table.connection = connection
    try:
        yield
    finally:
        ConfigItem.Meta.table_name = shared.table_name
        ConfigItem._connection = shared
        client.delete_table(TableName=own)
