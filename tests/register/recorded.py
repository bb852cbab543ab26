"""Items as a release stored them, one of each kind, and what it read from them.

Whatever is in the file was once written by a release, and stays readable: see
tests/register/test_recorded_items.py. `python -m tests.register.record` adds kinds that are new.
"""

import inspect
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from pynamodb.models import Model

from chalicelib.domain.announcements import Announcement
from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.program import Program
from chalicelib.domain.register import Place
from chalicelib.domain.simulations import Simulation
from chalicelib.domain.together import Together
from chalicelib.storage.documents import decoded
from chalicelib.storage.offer_documents import decoded_offer
from tests.register.stored import TABLES, item_name, kinds, stored_attributes

PATH = Path(__file__).with_name("recorded_items.json")


_COUNTED_IN_PLACE = frozenset(
    f"config/{name}"
    for name in ("announcement_sums", "generation", "offer_number", "offers_listed", "survey_sums")
)
"""Only ever added to where they stand, without a kind or with an attribute for each thing counted:
nothing reads them by their kind."""


_DOCUMENTS: Mapping[str, Callable[[str, int], object]] = {
    "config/announcement": partial(decoded, Announcement),
    "config/launch": partial(decoded, LaunchAudience),
    "config/live_key": partial(decoded, ApiKey),
    "config/offer_version": decoded_offer,
    "config/program": partial(decoded, Program),
    "config/simulation": partial(decoded, Simulation),
    "config/together": partial(decoded, Together),
}
"""How documents are read that no method of their item's reads."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """kind: such as `people/profile`. item: in DynamoDB's JSON. means: what its methods that need
    nothing else told of it, by their names."""

    kind: str
    item: Mapping[str, Any]
    means: Mapping[str, Any]


def recorded() -> list[Recorded]:
    """Every one in the file."""
    return [Recorded(**row) for row in json.loads(PATH.read_text())]


def every_kind() -> set[str]:
    """Every kind of item that this release puts and reads as a whole."""
    stored_attributes()  # loads every module of the store
    found = {kind_of(model) for table in TABLES for model in kinds(table)}
    return found - _COUNTED_IN_PLACE


def kind_of(model: type[Model]) -> str:
    """Such as `people/profile`."""
    table = next(table for table in TABLES if issubclass(model, table))
    return f"{TABLES[table]}/{item_name(model)}"


def read(place: str, item: Mapping[str, Any]) -> Model:
    """An item of a table, in JSON, as this release reads it; raises what its model raises."""
    stored_attributes()
    table = next(table for table, its in TABLES.items() if its is Place(place))
    return table.from_raw_data(_of_json(item))


def written(model: Model) -> dict[str, Any]:
    """The item in JSON as this release would put it."""
    found: dict[str, Any] = in_json(model.serialize())
    return found


def meaning(model: Model) -> dict[str, Any]:
    """What an item's own methods tell that need nothing else, and the document in it; in JSON."""
    told = {name: _told(getattr(model, name)()) for name in sorted(_methods(type(model)))}
    reader = _DOCUMENTS.get(kind_of(type(model)))
    if reader is not None:
        told["document"] = _told(reader(model.document, model.schema))  # type: ignore[attr-defined]  # these have both
    return told


def in_json(value: Any) -> Any:
    """DynamoDB's attribute values with bytes in base 64."""
    match value:
        case bytes():
            return b64encode(value).decode()
        case dict():
            return {name: in_json(inner) for name, inner in value.items()}
        case list():
            return [in_json(inner) for inner in value]
    return value


def _of_json(value: Any) -> Any:
    match value:
        case {"B": str(text)}:
            return {"B": b64decode(text)}
        case dict():
            return {name: _of_json(inner) for name, inner in value.items()}
        case list():
            return [_of_json(inner) for inner in value]
    return value


def _methods(kind: type[Model]) -> Iterator[str]:
    for name in dir(kind):
        if not name.startswith("_") and not hasattr(Model, name):
            its = inspect.getattr_static(kind, name)
            if inspect.isfunction(its) and len(inspect.signature(its).parameters) == 1:
                yield name


def _told(value: Any) -> Any:
    """A value of the domain in JSON, field by field."""
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case date():  # and instants
            return value.isoformat()
        case bytes():
            return value.hex()
        case Mapping():
            return {str(_told(name)): _told(inner) for name, inner in value.items()}
        case frozenset() | set():
            return sorted((_told(inner) for inner in value), key=json.dumps)
        case list() | tuple() if not hasattr(value, "_fields"):
            return [_told(inner) for inner in value]
    names = _field_names(value)
    return {name: _told(getattr(value, name)) for name in names} if names else str(value)


def _field_names(value: Any) -> tuple[str, ...]:
    if is_dataclass(value):
        return tuple(field.name for field in fields(value))
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return getattr(value, "_fields", ())
