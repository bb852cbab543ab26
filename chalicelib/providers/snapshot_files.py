"""Which objects the snapshot is made of, and which of them count.

    current.json                              which base is read, and from when on what came after
    base/<dataset>/part=<day>-<hex>/*         a base, in Parquet
    changes/<dataset>/part=<day>/*.json.gz    what came after it, by the day on which it came
    all/members/part=<day>/*.json.gz          the pass over all members that a base is made of

A base is written whole before it is the current one, and never changed. Must not know any SQL.
"""

import gzip
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.instants import parsed
from chalicelib.domain.snapshot_columns import Dataset, Row
from chalicelib.providers.snapshot_objects import Found, Objects
from chalicelib.usecases.ports import AsOf

_CURRENT = "current.json"
_OVERLAP = timedelta(days=1)
"""A base is of a day in the program's zone, what comes after it lies under the day in UTC: by so
much more is read, and what is read twice counts once."""

_NAMED_BY_INSTANT = re.compile(r"(\d{8}T\d{9}Z)-[0-9a-zA-Z_-]+")
_INSTANT = "%Y%m%dT%H%M%S%f"


class Kind(StrEnum):
    """What an object is to its dataset."""

    BASE = "base"
    CHANGES = "changes"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Current:
    """What is read. base: its part, empty before the first. since: the first part of changes that
    counts. day, at: as in `AsOf`."""

    base: str = ""
    since: str = ""
    day: str = ""
    at: str = ""


def change_name(at: datetime, digest: str) -> str:
    """The name for rows that came at an instant: how fresh a snapshot is, is read from names."""
    return f"{at.astimezone(UTC).strftime(_INSTANT)[:-3]}Z-{digest}"


class SnapshotFiles:
    """The `Snapshots` port, and what engines need of the same objects."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def put_all(self, day: date, page: int, rows: Sequence[Row]) -> None:
        folder = prefix(Dataset.MEMBERS, Kind.ALL, day.isoformat())
        self.objects.write(f"{folder}{page:06}.json.gz", _lines(rows))

    def put_changes(self, dataset: Dataset, at: datetime, digest: str, rows: Sequence[Row]) -> None:
        folder = prefix(dataset, Kind.CHANGES, at.astimezone(UTC).date().isoformat())
        self.objects.write(f"{folder}{change_name(at, digest)}.json.gz", _lines(rows))

    # --- what engines read --------------------------------------------------------------------

    def current(self) -> Current:
        """What is read just now."""
        text = self.objects.read(_CURRENT)
        return Current(**json.loads(text)) if text else Current()

    def as_of(self, current: Current) -> AsOf:
        """How fresh that is, as the names of its objects say."""
        names = (found.name for found in self.changes(Dataset.MEMBERS, current))
        instants = [_instant(match[1]) for match in map(_NAMED_BY_INSTANT.search, names) if match]
        if current.at:
            instants.append(parsed(current.at))
        day = date.fromisoformat(current.day) if current.day else None
        return AsOf(day, max(instants, default=None))

    def base(self, dataset: Dataset, current: Current) -> list[Found]:
        """The objects of the current base."""
        if not current.base:
            return []
        return self.objects.find(prefix(dataset, Kind.BASE, current.base))

    def changes(self, dataset: Dataset, current: Current) -> list[Found]:
        """The objects of what came after it."""
        every = self.objects.find(f"{Kind.CHANGES}/{dataset}/")
        return [found for found in every if _part(found.name) >= current.since]

    def all_of(self, day: date) -> list[Found]:
        """The objects of the pass over all members of a day."""
        return self.objects.find(prefix(Dataset.MEMBERS, Kind.ALL, day.isoformat()))

    # --- making a base ------------------------------------------------------------------------

    def next_base(self, day: date) -> Current:
        """A base that nobody else makes; at: still to be told."""
        part = f"{day}-{secrets.token_hex(4)}"
        return Current(part, (day - _OVERLAP).isoformat(), day.isoformat())

    def switch(self, before: Current, to: Current) -> None:
        """Have another base read from now on, and delete what nobody reads any more: bases before
        the one that was read so far, and what came before that."""
        self.objects.write(_CURRENT, json.dumps(asdict(to)).encode())
        if before.day:
            self.objects.delete(self._older_than(before))

    def _older_than(self, kept: Current) -> Iterable[str]:
        for dataset in Dataset:
            for kind in Kind:
                first = kept.day if kind is Kind.BASE else kept.since
                found = self.objects.find(f"{kind}/{dataset}/")
                yield from (one.name for one in found if _part(one.name)[:10] < first)


def prefix(dataset: Dataset, kind: Kind, part: str) -> str:
    """Where the objects of a part lie."""
    return f"{kind}/{dataset}/part={part}/"


def _part(name: str) -> str:
    return name.split("/")[2].removeprefix("part=")


def _instant(text: str) -> datetime:
    return datetime.strptime(f"{text[:-1]}000+0000", f"{_INSTANT}%z")


def _lines(rows: Sequence[Row]) -> bytes:
    text = "".join(f"{json.dumps(dict(row), ensure_ascii=False)}\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)
