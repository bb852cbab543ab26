"""A set of the template's resources of a test's own, queues and all: for who wires all anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from chalicelib.settings import Settings
from chalicelib.storage import tables
from tests import second_opinion
from tests.conftest import IDENTITY, SECRET


@contextmanager
def own_stage(shared: Settings) -> Iterator[Settings]:
    """Point the models at another, empty set of resources while it lasts; its settings."""
    with second_opinion.created(f"own-{uuid4().hex[:12]}", SECRET) as stack:
        own = Settings.read(stack.environment() | IDENTITY)
        tables.bind(own)
        try:
            yield own
        finally:
            tables.bind(shared)
