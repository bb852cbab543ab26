"""Puts one act between the read and the write of another, where a race would put it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pynamodb.connection import Connection


@contextmanager
def before_first(
    connection: Connection, operation: str, act: Callable[[], object]
) -> Iterator[None]:
    """Let `act` happen once, right before the first call of an operation such as `PutItem`."""
    waiting = [act]

    def interrupt(model: Any, **_: Any) -> None:
        if model.name == operation and waiting:
            waiting.pop()()

    events = connection.client.meta.events
    events.register("before-call.dynamodb", interrupt)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb", interrupt)
    assert not waiting, f"there was no {operation}"
