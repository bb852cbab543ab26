"""What the readers of an export are given, and what they give: plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.usecases.ports import Ports

Rows = Mapping[str, Any]
"""One row: a text for each name, or numbers, truths, None, and lists and mappings of them."""

SOMEBODY_ELSE = "another member"


@dataclass(frozen=True, slots=True)
class Reading:
    """Whose export is read, and as of when."""

    ports: Ports
    member_id: str
    now: datetime


def plain(value: object, *without: str) -> dict[str, Any]:
    """A dataclass as a row, without the fields that are named."""
    row: dict[str, Any] = msgspec.to_builtins(value)
    return {name: part for name, part in row.items() if name not in without}


def without_others(value: Any, member_id: str) -> Any:
    """The same with every other member's id left out: they are not the member's to take along."""
    match value:
        case str() if value.startswith("mem_") and value != member_id:
            return SOMEBODY_ELSE
        case list() | tuple():
            return [without_others(part, member_id) for part in value]
        case dict():
            return {name: without_others(part, member_id) for name, part in value.items()}
        case _:
            return value
