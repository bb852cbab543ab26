"""Exports in memory: what is known of them, their files, and who is asked to make them."""

from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.domain.exports import Export, ExportStatus
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.ports.exports import DOWNLOAD_LIVES
from chalicelib.usecases.ports.imports import Address


class FakeExports:
    """The `Exports` port. gone: the members that are being erased."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Export] = {}
        self.gone: set[str] = set()

    def get(self, member_id: str, export_id: str) -> Export | None:
        return self.kept.get((member_id, export_id))

    def of_member(self, member_id: str) -> list[Export]:
        own = (export for export in self.kept.values() if export.member_id == member_id)
        return sorted(own, key=lambda one: (one.requested_at, one.export_id), reverse=True)

    def open(self) -> Iterator[tuple[str, str]]:
        kept = sorted(self.kept.items())
        return (key for key, export in kept if export.status is not ExportStatus.READY)

    def add(self, export: Export) -> bool:
        self._check(export.member_id)
        return self.kept.setdefault((export.member_id, export.export_id), export) is export

    def save(self, export: Export) -> None:
        self._check(export.member_id)
        self.kept[export.member_id, export.export_id] = export

    def _check(self, member_id: str) -> None:
        if member_id in self.gone:
            raise MemberErased


class FakeExportFiles:
    """The `ExportFiles` port: `files` by member and export. after_put: called after each."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.after_put: Callable[[], None] = lambda: None

    def put(self, member_id: str, export_id: str, content: bytes) -> None:
        self.files[member_id, export_id] = content
        self.after_put()

    def download_address(
        self, member_id: str, export_id: str, file_name: str, now: datetime
    ) -> Address:
        url = f"https://files.example/{member_id}/{export_id}?as={file_name}"
        return Address(url, now + DOWNLOAD_LIVES)

    def delete_all(self, member_id: str) -> int:
        own = [key for key in self.files if key[0] == member_id]
        for key in own:
            del self.files[key]
        return len(own)


class FakeExportQueue:
    """The `ExportQueue` port: what was asked for, oldest first."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def prepare(self, member_id: str, export_id: str) -> None:
        self.sent.append((member_id, export_id))
