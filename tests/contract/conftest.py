"""What contract tests of stores and providers share beside the local AWS."""

import os

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
def empty_config(connection: Connection) -> Connection:
    """The table `config` without an item."""
    with tables.ConfigItem.batch_write() as batch:
        for item in tables.ConfigItem.scan():
            batch.delete(item)
    return connection
