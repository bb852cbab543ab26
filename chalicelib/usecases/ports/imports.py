"""Imports as they are kept, their files, and who goes on with them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.imports import FileFacts, Import, RefusedRow

ADDRESS_LIVES = timedelta(hours=1)
"""How long an address to upload to or download from is good."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where something can be uploaded to or downloaded from, by whoever knows it, for a while."""

    url: str
    expires_at: datetime


class FileChanged(Exception):
    """The file is not the one that the import was started with, or is gone."""


class Imports(Protocol):
    """Imports by their name, which stands for the caller's id. Every method may raise
    StoreUnavailable, those that read StoreNewer; every read is consistent."""

    def get(self, name: str) -> Import | None:
        """An import as it is."""
        ...

    def all(self) -> list[Import]:
        """Every import, newest first."""
        ...

    def add(self, name: str, job: Import) -> bool:
        """Keep a new one. False when its name is taken."""
        ...

    def save(
        self, name: str, before: Import, after: Import, refused: tuple[RefusedRow, ...] = ()
    ) -> bool:
        """Keep an import over its predecessor, and with it, all or nothing, the rows that were
        refused from `before.place` on. False when it was changed in the meantime."""
        ...

    def refused(self, name: str) -> Iterator[tuple[RefusedRow, ...]]:
        """Every refused row in the order of the file, a batch at a time."""
        ...


class ImportFiles(Protocol):
    """Files that were uploaded, and reports. Every method may raise StoreUnavailable."""

    def upload_address(self, name: str, now: datetime) -> Address:
        """Where the file of an import can be put (HTTP PUT)."""
        ...

    def facts(self, name: str) -> FileFacts | None:
        """What is known of an import's file; None while there is none."""
        ...

    def read(self, name: str, file: FileFacts, offset: int) -> bytes:
        """Some of the file from a place on, nothing at its end alone. Raises FileChanged."""
        ...

    def put_report(self, name: str, parts: Iterable[bytes]) -> None:
        """Keep the report of an import, over one that is there. Holds a few MB of it at once."""
        ...

    def report_address(self, name: str, file_name: str, now: datetime) -> Address:
        """Where the report can be downloaded (HTTP GET) under a name."""
        ...


class ImportQueue(Protocol):
    def go_on(self, name: str) -> None:
        """Ask a worker to go on with an import. StoreUnavailable when nobody takes it."""
        ...
