"""What can be stored, read from the models themselves: every attribute of every kind of item."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

from pynamodb.attributes import DiscriminatorAttribute
from pynamodb.models import Model

from chalicelib import storage
from chalicelib.domain.register import Place
from chalicelib.storage import tables

TABLES: dict[type[Model], Place] = {
    tables.LedgerItem: Place.LEDGER,
    tables.PeopleItem: Place.PEOPLE,
    tables.KeysItem: Place.KEYS,
    tables.ConfigItem: Place.CONFIG,
    tables.AuditItem: Place.AUDIT,
    tables.AnchorItem: Place.ANCHORS,
}
_KIND = "t"
"""Which class an item is of: part of every item, and about nobody."""


def stored_attributes() -> frozenset[str]:
    """The address of every attribute that can be stored, such as `people/profile/f`."""
    for module in pkgutil.iter_modules(storage.__path__):
        importlib.import_module(f"{storage.__name__}.{module.name}")
    return frozenset(_addresses())


def item_name(model: type[Model]) -> str:
    """What the register calls a kind of item: `ProfileItem` is `profile`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model.__name__.removesuffix("Item")).lower()


def _addresses() -> Iterator[str]:
    for table, place in TABLES.items():
        shared = set(table.get_attributes()) - {"pk", "sk", _KIND}
        yield from (f"{place}/any/{name}" for name in shared)
        for model in kinds(table):
            own = set(model.get_attributes()) - {_KIND} - shared
            yield from (f"{place}/{item_name(model)}/{name}" for name in own)


def kinds(table: type[Model]) -> Iterator[type[Model]]:
    """Every kind of item of a table: the classes that have a discriminator of their own."""
    names = table.get_attributes()[_KIND]
    assert isinstance(names, DiscriminatorAttribute)
    return iter(names._class_map)
