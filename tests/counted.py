"""Counts the calls that reach DynamoDB, so that a test can say what something costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pynamodb.connection import Connection


@contextmanager
def calls_of(connection: Connection) -> Iterator[list[str]]:
    """The operations called while it lasts, such as `GetItem`, in their order."""
    calls: list[str] = []

    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    events = connection.client.meta.events
    events.register("before-call.dynamodb", note)
    try:
        yield calls
    finally:
        events.unregister("before-call.dynamodb", note)
