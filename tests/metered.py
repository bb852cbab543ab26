"""Adds up what calls to DynamoDB cost: how many, how many units, how many bytes were read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pynamodb.connection import Connection

READ_UNIT_BYTES = 4_096


@dataclass(slots=True)
class Meter:
    """calls: the operations, in order. write_units, read_units: as DynamoDB says. read_bytes: the
    size of the items of each read, from which a read's units follow where an engine rounds them."""

    calls: list[str] = field(default_factory=list)
    write_units: float = 0.0
    read_units: float = 0.0
    read_bytes: list[int] = field(default_factory=list)


@contextmanager
def metered(connection: Connection) -> Iterator[Meter]:
    """Meter every call of a connection while it lasts."""
    meter = Meter()

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        meter.calls.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        rows = [consumed] if isinstance(consumed, dict) else consumed
        units = sum(row["CapacityUnits"] for row in rows)
        if model.name in ("Query", "GetItem"):
            meter.read_units += units
            items = parsed.get("Items", [parsed["Item"]] if "Item" in parsed else [])
            meter.read_bytes.append(sum(map(size_of, items)))
        else:
            meter.write_units += units

    events: Any = connection.client.meta.events
    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", note)
    try:
        yield meter
    finally:
        events.unregister("provide-client-params.dynamodb", ask)
        events.unregister("after-call.dynamodb", note)


def size_of(item: Mapping[str, Mapping[str, Any]]) -> int:
    """The bytes of an item as DynamoDB bills them, near enough: names, texts, binaries, numbers."""
    return sum(len(name.encode()) + _size(*value.items()) for name, value in item.items())


def _size(typed: tuple[str, Any]) -> int:
    kind, value = typed
    if kind == "N":
        return (len(value) + 1) // 2 + 1
    return len(value.encode() if isinstance(value, str) else value)
