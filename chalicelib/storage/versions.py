"""Documents of staff that have versions, in the table `config`: of each the newest one, and the
first, which a repeated creation is answered with. Knows none of the documents.
"""

from datetime import datetime
from typing import TypeVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.instants import printed
from chalicelib.storage.documents import SCHEMA
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Put, transact


class VersionedItem(ConfigItem):
    """The newest version of a document. created_at: of its first."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()
    created_at = UnicodeAttribute()


class CreatedItem(ConfigItem):
    """Version 1 of a document."""

    schema = IntAttribute()
    document = UnicodeAttribute()


Item = TypeVar("Item", bound=VersionedItem)


def newest_first(kind: type[Item], partition: str) -> list[Item]:
    """The newest versions of all documents of a kind, the one that was created last first."""
    items = all_of(kind, partition)
    return sorted(items, key=lambda item: (item.created_at, item.sk), reverse=True)


def is_next(version: int, before: VersionedItem | None) -> bool:
    """Whether a version is the one after what is stored."""
    return (before.version if before else 0) == version - 1


def puts_of(
    item: VersionedItem, created: CreatedItem, before: VersionedItem | None, at: datetime
) -> list[Put]:
    """What writes the version after `before`, if nobody else does; the first as created, too.

    item: with its key, version and document. created: with its key. at: when it is written.
    """
    item.schema = SCHEMA
    if before is not None:
        item.created_at = before.created_at
        return [Put(item, VersionedItem.version == before.version)]
    item.created_at = printed(at)
    created.schema, created.document = SCHEMA, item.document
    return [Put(item), Put(created)]


def put_version(item: VersionedItem, created: CreatedItem, at: datetime) -> bool:
    """Write a version, as `puts_of` has it; False where it is not the next one any more."""
    before = get(type(item), item.pk, item.sk)
    if not is_next(item.version, before):
        return False
    try:
        transact(puts_of(item, created, before, at))
    except Cancelled:
        return False
    return True
