"""What contract tests of stores and providers share beside the local AWS."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pynamodb.connection import Connection

from chalicelib.storage import tables
from infrastructure.local import resources


@pytest.fixture
def endpoint(stack: resources.Stack) -> str:
    """Where the local AWS listens."""
    assert stack.names
    return os.environ["AWS_ENDPOINT_URL"]


@pytest.fixture
def empty_config(connection: Connection) -> Iterator[None]:
    """A table `config` of the test's own: whoever caches the shared one is not misled."""
    shared = tables.ConfigItem._get_connection()
    own = f"config-{uuid4()}"
    client: Any = connection.client  # its published type is private and without methods
    client.create_table(
        TableName=own,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in _KEYS],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in _KEYS.items()],
    )
    tables.ConfigItem.Meta.table_name = own
    table = tables.ConfigItem._get_connection()
    connection.add_meta_table(table.get_meta_table())
    table.connection = connection
    yield
    tables.ConfigItem.Meta.table_name = shared.table_name
    tables.ConfigItem._connection = shared
    client.delete_table(TableName=own)


_KEYS = {"pk": "HASH", "sk": "RANGE"}
