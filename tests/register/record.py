"""Adds the kinds of items that are not recorded yet: `python -m tests.register.record`.

Runs the tests that store them (or those that are given), and keeps of each kind that is missing the
item that says most. What is recorded already is never changed: an older release wrote it.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient

from chalicelib.domain.register import Place
from chalicelib.usecases.ports import StoreNewer
from tests.register.recorded import (
    PATH,
    Recorded,
    every_kind,
    in_json,
    kind_of,
    meaning,
    read,
    recorded,
)

TESTS = ["tests/contract", "tests/workers", "tests/api"]
MOST_BYTES = 4_000


class Recorder:
    """Sees every item that goes to a table or comes from one; keeps the best of each new kind."""

    def __init__(self) -> None:
        self.known = {one.kind for one in recorded()} if PATH.exists() else set()
        self.found: dict[str, Recorded] = {}

    def watch(self, client: Any, operation: str, given: dict[str, Any]) -> Any:
        answer = _really(client, operation, given)
        if client.meta.service_model.service_name == "dynamodb":
            for table, item in [*_items(given, ""), *_items(answer, given.get("TableName", ""))]:
                self.look(table, item)
            for changed in _updates(given):
                found = _really(client, "GetItem", {**changed, "ConsistentRead": True})
                self.look(changed["TableName"], found.get("Item", {}))
        return answer

    def look(self, table: str, raw: Any) -> None:
        """Keep an item if it is whole, and says more than the one that is kept."""
        place = next((place for place in Place if str(place) in table.lower()), None)
        item = in_json(raw)
        if place is None or not {"pk", "sk", "t"} <= set(item):
            return
        try:
            model = read(str(place), item)
            one = Recorded(kind_of(type(model)), item, meaning(model))
        except (StoreNewer, ValueError, KeyError):
            return  # what a test made wrong on purpose
        before = self.found.get(one.kind)
        if one.kind not in self.known and _says(one) > (_says(before) if before else (0, 0)):
            self.found[one.kind] = one


def _says(one: Recorded) -> tuple[int, int]:
    size = len(json.dumps(one.item))
    return (len(one.item), size) if size <= MOST_BYTES else (1, 0)


def _items(said: Any, table: str) -> Iterator[tuple[str, Any]]:
    """Every item in what DynamoDB is told or answers, with its table's name."""
    match said:
        case {"RequestItems": dict(tables)} | {"Responses": dict(tables)}:
            for name, rows in tables.items():
                yield from ((name, found) for row in rows for _, found in _items([row], name))
                yield from ((name, row) for row in rows if "pk" in row)
        case {"Item": dict(item)}:
            yield said.get("TableName", table), item
        case {"Items": list(items)}:
            yield from ((table, item) for item in items)
        case dict():
            for inner in said.values():
                yield from _items(inner, said.get("TableName", table))
        case list():
            for inner in said:
                yield from _items(inner, table)


def _updates(said: Any) -> Iterator[dict[str, Any]]:
    """Where every item stands that DynamoDB is told to change in place."""
    match said:
        case {"UpdateExpression": _, "TableName": str(table), "Key": dict(key)}:
            yield {"TableName": table, "Key": key}
        case dict():
            for inner in said.values():
                yield from _updates(inner)
        case list():
            for inner in said:
                yield from _updates(inner)


_really = BaseClient._make_api_call  # type: ignore[attr-defined]  # what every call goes through


def main() -> int:
    """Run the tests and write the file; 1 where a kind is still missing."""
    recorder = Recorder()

    def watched(client: Any, operation: str, given: dict[str, Any]) -> Any:
        return recorder.watch(client, operation, given)

    with mock.patch.object(BaseClient, "_make_api_call", watched):
        pytest.main([*(sys.argv[1:] or TESTS), "-q", "-p", "no:xdist"])
    kept = [*(recorded() if PATH.exists() else ()), *recorder.found.values()]
    rows = [asdict(one) for one in sorted(kept, key=lambda one: one.kind)]
    PATH.write_text(json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    missing = sorted(every_kind() - {one.kind for one in kept})
    print(f"{len(recorder.found)} added; missing: {', '.join(missing) or 'none'}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
