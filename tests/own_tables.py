"""Empty tables of a test's own: for what reads a whole table, where others' items would do, and for
who remembers what stands in the shared one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.models import Model

from chalicelib.storage.tables import (
    AnchorItem,
    AuditItem,
    ConfigItem,
    KeysItem,
    LedgerItem,
    PeopleItem,
)
from infrastructure.local import resources

_NAMES: dict[type[Model], str] = {
    LedgerItem: "LedgerTable",
    PeopleItem: "PeopleTable",
    KeysItem: "KeysTable",
    ConfigItem: "ConfigTable",
    AuditItem: "AuditTable",
    AnchorItem: "AnchorsTable",
}
"""What the template calls the table of each kind of item."""

_COPIED = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")


@contextmanager
def own_tables(connection: Connection, *models: type[Model]) -> Iterator[tuple[str, ...]]:
    """Point these items, or all where none is named, at new and empty tables while it lasts; the
    tables' names, in the order of the items."""
    client: Any = connection.client  # its published type is private and without methods
    shared = {model: model._get_connection() for model in models or _NAMES}
    own = {model: f"{_NAMES[model]}-{uuid4()}" for model in shared}
    try:
        for model, name in own.items():
            client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **_shape(model))
            client.get_waiter("table_exists").wait(TableName=name)
            model.Meta.table_name = name
            model._connection = None
            table = model._get_connection()
            connection.add_meta_table(table.get_meta_table())
            table.connection = connection
        yield tuple(own.values())
    finally:
        for model, table in shared.items():
            model.Meta.table_name = table.table_name
            model._connection = table
        for name in own.values():
            client.delete_table(TableName=name)


@cache
def _shape(model: type[Model]) -> dict[str, Any]:
    """The keys and indexes that the template gives a table."""
    properties = resources.template()["Resources"][_NAMES[model]]["Properties"]
    return {part: properties[part] for part in _COPIED if part in properties}
