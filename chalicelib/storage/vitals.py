"""Whether each table answers: a read of what is never there, as narrow as its role allows.

Must not know what the tables are for.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chalicelib.settings import Settings
from chalicelib.storage.tables import LedgerItem

_NOWHERE = "HEALTH"
"""A partition that no item has."""


def tables_answer(settings: Settings) -> Mapping[str, Callable[[], None]]:
    """A question for each table, by what the table is called among us. Each raises botocore's
    errors."""
    client = LedgerItem._get_connection().connection.client
    by_key = {
        "ledger": settings.ledger_table,
        "people": settings.people_table,
        "keys": settings.keys_table,
        "config": settings.config_table,
        "anchors": settings.anchors_table,
    }
    # The audit is put and searched, and nobody may read a single item of it by its key.
    searched: Mapping[str, Callable[[], None]] = {
        "audit": partial(_search, client, settings.audit_table)
    }
    return {name: partial(_read, client, table) for name, table in by_key.items()} | dict(searched)


def _read(client: Any, table: str) -> None:
    key = {"pk": {"S": _NOWHERE}, "sk": {"S": "0"}}
    client.get_item(TableName=table, Key=key)


def _search(client: Any, table: str) -> None:
    nowhere = {":pk": {"S": _NOWHERE}}
    client.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=nowhere,
        Limit=1,
    )
