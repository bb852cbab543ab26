"""Imports in the table `config`, and beside each, a batch an item, the rows that were refused.

Knows how they are stored, not what becomes of a row. TTL forgets refused rows when the report that
is made of them is forgotten too; nothing is decided by it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.imports import FILE_DAYS, Import, RefusedRow
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import all_of, each_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Put, transact


class ImportItem(ConfigItem, discriminator="import"):
    """An import as it is."""

    schema = IntAttribute()
    version = IntAttribute()
    document = UnicodeAttribute()

    def job(self) -> Import:
        return decoded(Import, self.document, self.schema)


class RefusedRowsItem(ConfigItem, discriminator="import_refused"):
    """Refused rows of one batch, in the order of the file."""

    rows = UnicodeAttribute()
    ttl = IntAttribute()


class DynamoImports:
    """The `Imports` port over the bound tables."""

    def get(self, name: str) -> Import | None:
        item = get(ImportItem, keys.IMPORT, name)
        return item.job() if item is not None else None

    def all(self) -> list[Import]:
        jobs = [item.job() for item in all_of(ImportItem, keys.IMPORT)]
        return sorted(jobs, key=lambda job: (job.created_at, job.import_id), reverse=True)

    def add(self, name: str, job: Import) -> bool:
        return _written([Put(_item(name, job))])

    def save(
        self, name: str, before: Import, after: Import, refused: tuple[RefusedRow, ...] = ()
    ) -> bool:
        puts = [Put(_item(name, after), ImportItem.version == before.version)]
        if refused:
            # The batch of this place is put by whoever moves the import on from it, and by nobody
            # else: the condition above is the only one there needs to be.
            puts.append(Put(_refused_item(name, before, refused)))
        return _written(puts)

    def refused(self, name: str) -> Iterator[tuple[RefusedRow, ...]]:
        for item in each_of(RefusedRowsItem, keys.import_refused(name)):
            yield msgspec.json.decode(item.rows, type=tuple[RefusedRow, ...])


def _item(name: str, job: Import) -> ImportItem:
    item = ImportItem(keys.IMPORT, name)
    item.schema, item.version, item.document = SCHEMA, job.version, encoded(job)
    return item


def _refused_item(name: str, before: Import, refused: tuple[RefusedRow, ...]) -> RefusedRowsItem:
    item = RefusedRowsItem(keys.import_refused(name), keys.import_batch(before.place.offset))
    item.rows, item.ttl = msgspec.json.encode(refused).decode(), _forgotten_at(before)
    return item


def _forgotten_at(job: Import) -> int:
    began: datetime = job.started_at or job.created_at
    return int((began + timedelta(days=2 * FILE_DAYS)).timestamp())


def _written(puts: list[Put]) -> bool:
    try:
        transact(puts=puts)
    except Cancelled:
        return False
    return True
