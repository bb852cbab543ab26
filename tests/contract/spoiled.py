"""The raw items of a ledger, to be spoiled one at a time and put right again."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Item = dict[str, Any]


class RawLedger:
    """A ledger's table, past everything that keeps it right. client: boto3's."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def items(self) -> list[Item]:
        """Every item, in the order of keys."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        found = [item for page in pages for item in page["Items"]]
        return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def put(self, item: Item) -> None:
        self._client.put_item(TableName=self._table, Item=item)

    def delete(self, item: Item) -> None:
        key = {"pk": item["pk"], "sk": item["sk"]}
        self._client.delete_item(TableName=self._table, Key=key)

    @contextmanager
    def spoiled(self, spoil: Callable[["RawLedger"], None]) -> Iterator[None]:
        """Everything as it was before, once the spoiling has been looked at."""
        before = self.items()
        spoil(self)
        try:
            yield
        finally:
            after = self.items()
            for item in after:
                if item not in before:
                    self.delete(item)
            for item in before:
                if item not in after:
                    self.put(item)

    # --- finding ---------------------------------------------------------------------------------

    def find(self, pk: str, **fields: str) -> Item:
        """The first item of a partition whose key begins so and that has these fields; `d` and
        `sk` need only contain theirs."""
        for item in self.items():
            if item["pk"]["S"].startswith(pk) and all(
                wanted in _text(item, name) if name in ("d", "sk") else _text(item, name) == wanted
                for name, wanted in fields.items()
            ):
                return item
        raise LookupError(f"nothing like {pk} {fields}")

    def change(self, item: Item, **fields: Any) -> None:
        """Put an item with other fields: a text, a number or bytes, None for none."""
        changed = dict(item)
        for name, value in fields.items():
            changed.pop(name, None)
            if value is not None:
                changed[name] = _typed(value)
        self.put(changed)

    def change_json(self, item: Item, name: str, change: Callable[[Any], Any]) -> None:
        """Put an item with another JSON text."""
        text = json.dumps(change(json.loads(item[name]["S"])), separators=(",", ":"))
        self.change(item, **{name: text})


def _text(item: Item, name: str) -> str:
    return str(next(iter(item.get(name, {"S": ""}).values())))


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bytes):
        return {"B": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}
