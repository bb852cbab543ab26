"""What contract tests of stores and providers share beside the local AWS."""

import os
from collections.abc import Callable, Iterator

import pytest
from pynamodb.connection import Connection

from chalicelib.storage.tables import ConfigItem
from infrastructure.local import resources
from tests.fakes.stored import snapshot_of
from tests.ledger_world import dynamo_world, fake_world, new_name
from tests.neighbours import SHARING, Neighbours
from tests.own_tables import own_tables
from tests.simulation.invariants import broken


@pytest.fixture
def endpoint(stack: resources.Stack) -> str:
    """Where the local AWS listens."""
    assert stack.names
    return os.environ["AWS_ENDPOINT_URL"]


@pytest.fixture
def empty_config(connection: Connection) -> Iterator[None]:
    """A table `config` of the test's own, without an item."""
    with own_tables(connection, ConfigItem):
        yield


@pytest.fixture(params=["memory", "dynamodb"])
def neighbourhood(request: pytest.FixtureRequest) -> Iterator[Callable[..., Neighbours]]:
    """`neighbourhood(program?)` gives neighbours over the fake, whose books are checked at the end,
    and over the real ledger."""
    if request.param == "dynamodb":
        request.getfixturevalue("connection")
        yield lambda program=SHARING: Neighbours(dynamo_world(new_name("near")), program)
        return
    world, ledger = fake_world()
    yield lambda program=SHARING: Neighbours(world, program)
    assert broken(snapshot_of(ledger, world.ports.rewards)) == []
