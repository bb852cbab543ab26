"""Exports of what is held of members: what is known of each, their files, and who makes them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.exports import Export
from chalicelib.usecases.ports.imports import Address

DOWNLOAD_LIVES = timedelta(minutes=5)
"""How long an address to download an export from is good."""


class Exports(Protocol):
    """Exports by member and id. Every method may raise StoreUnavailable; every read is
    consistent."""

    def get(self, member_id: str, export_id: str) -> Export | None:
        """An export as it was written last."""
        ...

    def of_member(self, member_id: str) -> list[Export]:
        """Every export of a member, newest first."""
        ...

    def open(self) -> Iterator[tuple[str, str]]:
        """Members and ids of the exports that nobody has made: they are under way, or failed. A
        hint: one whose member has gone may be among them."""
        ...

    def add(self, export: Export) -> bool:
        """Keep a new one. False when it is there already. Raises MemberErased."""
        ...

    def save(self, export: Export) -> None:
        """Keep it over what is there, whoever wrote that: what is written last is true. Raises
        MemberErased, and then nothing was written."""
        ...


class ExportFiles(Protocol):
    """The files of exports. Every method may raise StoreUnavailable."""

    def put(self, member_id: str, export_id: str, content: bytes) -> None:
        """Keep the file of an export, over one that is there."""
        ...

    def download_address(
        self, member_id: str, export_id: str, file_name: str, now: datetime
    ) -> Address:
        """Where the file can be downloaded (HTTP GET) under a name, for DOWNLOAD_LIVES."""
        ...

    def delete_all(self, member_id: str) -> int:
        """Delete every file of a member, and tell how many there were. Safe to repeat. Whoever
        erases a member marks it as gone before: an export that is under way looks for that after
        it put its file, and deletes it then."""
        ...


class ExportQueue(Protocol):
    def prepare(self, member_id: str, export_id: str) -> None:
        """Ask a worker to make an export. StoreUnavailable when nobody takes it."""
        ...
