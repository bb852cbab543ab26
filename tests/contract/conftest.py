"""What contract tests of stores and providers share beside the local AWS."""

import os
from collections.abc import Iterator

import pytest
from pynamodb.connection import Connection

from infrastructure.local import resources
from tests.own_config import own_config


@pytest.fixture
def endpoint(stack: resources.Stack) -> str:
    """Where the local AWS listens."""
    assert stack.names
    return os.environ["AWS_ENDPOINT_URL"]


@pytest.fixture
def empty_config(connection: Connection) -> Iterator[None]:
    """A table `config` of the test's own, without an item."""
    with own_config(connection):
        yield
