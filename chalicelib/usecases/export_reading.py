"""What the readers of an export are given, and what they give: plain rows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from chalicelib.domain.instants import printed
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
    row: dict[str, Any] = _plain(value)
    return {name: part for name, part in row.items() if name not in without}


def _plain(value: Any) -> Any:
    """The same in what JSON has: names, texts, numbers, truths, lists and None."""
    match value:
        case Enum():
            return str(value.value)
        case datetime():
            return printed(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Mapping():
            return {str(_plain(name)): _plain(part) for name, part in value.items()}
        case frozenset():
            return sorted(map(_plain, value))
        case list() | tuple():
            return [_plain(part) for part in value]
        case _ if is_dataclass(value):
            return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            return value


def without_others(value: Any, member_id: str) -> Any:
    """The same with every other member's id left out: they are not the member's to take along."""
    match value:
        case str() if value.startswith("mem_") and value != member_id:
            return SOMEBODY_ELSE
        case list():
            return [without_others(part, member_id) for part in value]
        case dict():
            return {name: without_others(part, member_id) for name, part in value.items()}
        case _:
            return value
