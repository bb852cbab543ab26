"""Imports in memory: where they are kept, their files, and who is asked to go on."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from chalicelib.domain.imports import FileFacts, Import, RefusedRow
from chalicelib.usecases.ports.imports import ADDRESS_LIVES, Address, FileChanged


class FakeImports:
    """The `Imports` port. before_save: called before each, and may break it off."""

    def __init__(self) -> None:
        self.kept: dict[str, Import] = {}
        self.refused_at: dict[str, dict[int, tuple[RefusedRow, ...]]] = {}
        self.before_save: Callable[[], None] = lambda: None

    def get(self, name: str) -> Import | None:
        return self.kept.get(name)

    def all(self) -> list[Import]:
        newest = sorted(self.kept.values(), key=lambda job: (job.created_at, job.import_id))
        return newest[::-1]

    def add(self, name: str, job: Import) -> bool:
        return self.kept.setdefault(name, job) is job

    def save(
        self, name: str, before: Import, after: Import, refused: tuple[RefusedRow, ...] = ()
    ) -> bool:
        self.before_save()
        if self.kept[name].version != before.version:
            return False
        self.kept[name] = after
        if refused:
            self.refused_at.setdefault(name, {})[before.place.offset] = refused
        return True

    def refused(self, name: str) -> Iterator[tuple[RefusedRow, ...]]:
        batches = self.refused_at.get(name, {})
        yield from (batches[offset] for offset in sorted(batches))


class FakeImportFiles:
    """The `ImportFiles` port; who has an address puts into `files` and reads `reports` itself.
    piece: how many bytes are read at once."""

    def __init__(self, piece: int = 1_000) -> None:
        self.files: dict[str, bytes] = {}
        self.reports: dict[str, bytes] = {}
        self.piece = piece

    def upload_address(self, name: str, now: datetime) -> Address:
        return Address(f"https://files.example/file/{name}", now + ADDRESS_LIVES)

    def facts(self, name: str) -> FileFacts | None:
        content = self.files.get(name)
        return FileFacts(len(content), str(hash(content))) if content is not None else None

    def read(self, name: str, file: FileFacts, offset: int) -> bytes:
        if self.facts(name) != file:
            raise FileChanged(name)
        return self.files[name][offset : offset + self.piece]

    def put_report(self, name: str, parts: Iterable[bytes]) -> None:
        self.reports[name] = b"".join(parts)

    def report_address(self, name: str, file_name: str, now: datetime) -> Address:
        return Address(f"https://files.example/report/{name}?as={file_name}", now + ADDRESS_LIVES)


class FakeImportQueue:
    """The `ImportQueue` port: the names that were sent, oldest first."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def go_on(self, name: str) -> None:
        self.sent.append(name)
