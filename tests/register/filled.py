"""Dataclasses with a canary in every field, made from their types: a new field is filled, too."""

import itertools
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")

_FIRST_INSTANT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Canaries:
    """Values that nobody else has: each one is given once."""

    _numbers = itertools.count(71_001)
    """One count for all: what two members hold is never the same."""

    def filled(self, kind: type[Kind], /, **fixed: Any) -> Kind:
        """An instance with every field filled but those that are given."""
        hints = get_type_hints(kind)
        given = {
            one.name: fixed[one.name] if one.name in fixed else self.value(hints[one.name])
            for one in fields(kind)  # type: ignore[arg-type]  # whoever calls has a dataclass
            if one.init
        }
        return kind(**given)

    def text(self) -> str:
        """A text."""
        return f"canary-{next(self._numbers)}"

    def number(self) -> int:
        """A number."""
        return next(self._numbers)

    def value(self, hint: Any) -> Any:
        """A value of a type. TypeError for one that nothing here can make."""
        number = next(self._numbers)
        origin, inner = get_origin(hint), get_args(hint)
        if origin is Literal:
            return inner[0]
        if origin in (UnionType, Union):
            return self.value(next(one for one in inner if one is not type(None)))
        if origin in (tuple, frozenset, list):
            many = [self.value(one) for one in inner if one is not Ellipsis]
            return origin(many)
        if origin is not None and issubclass(origin, Mapping):
            return {self.value(inner[0]): self.value(inner[1])}
        if is_dataclass(hint) and isinstance(hint, type):
            return self.filled(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return next(iter(hint))
        return _PLAIN[hint](number) if hint in _PLAIN else _unknown(hint)


def _unknown(hint: Any) -> Any:
    raise TypeError(f"no canary of {hint}")


_PLAIN: Mapping[Any, Any] = {
    str: lambda number: f"canary-{number}",
    int: lambda number: number,
    bool: lambda _: True,
    bytes: lambda number: f"canary-{number}".encode(),
    date: lambda number: _FIRST_INSTANT.date() + timedelta(days=number % 5_000),
    datetime: lambda number: _FIRST_INSTANT + timedelta(minutes=number),
    time: lambda number: time(number % 24, number % 60),
}
