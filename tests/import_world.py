"""What tests of imports need in one place: members with identifiers, files, a worker to run."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.entries import Entry, EntryKind, Why, opening_entry
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.imports import Import, ImportKind, ImportStatus
from chalicelib.domain.program import Expiry, ExpiryKind, Program
from chalicelib.storage.imports import DynamoImports
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.create_import import CreateImport, create_import, import_name
from chalicelib.usecases.ports import Ledger, Ports
from chalicelib.usecases.run_import import run_import
from chalicelib.usecases.start_import import start_import
from tests.fakes.imports import FakeImportFiles, FakeImportQueue, FakeImports
from tests.fakes.ledger import FakeLedger
from tests.fakes.programs import FakePrograms
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import PROGRAM, brisk, ports_over

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ADMIN = Caller(CallerKind.STAFF, "staff:ada", GROUP_SCOPES["admin"], "ada")
YEARLY = replace(PROGRAM, expiry=Expiry(ExpiryKind.AFTER_EARNING, 12))
"""Points of today last until the end of March 2027."""

Story = list[tuple[EntryKind, int, tuple[Why, ...]]]
"""Kind, points and reasons of an account's entries, oldest first."""


def always() -> bool:
    """There is time."""
    return True


def never() -> bool:
    """There is no time for another batch."""
    return False


class KnownPeople:
    """Finds members by identifiers that are handed to it; knows nothing else of them. buried:
    those that led to somebody who was erased."""

    def __init__(self) -> None:
        self.leads: dict[Identifier, str] = {}
        self.buried: set[Identifier] = set()

    def find(self, identifier: Identifier) -> str | None:
        return self.leads.get(identifier)

    def is_buried(self, identifier: Identifier) -> bool:
        return identifier in self.buried


@dataclass(slots=True)
class ImportWorld:
    """Imports over any stores, whose files are in memory. name: the source of its row ids.
    open_account: puts a first entry in place."""

    name: str
    ports: Ports
    people: KnownPeople
    files: FakeImportFiles
    queue: FakeImportQueue
    open_account: Callable[[Entry], None]
    now: datetime = NOW

    def member(self, label: str, **identifiers: str) -> str:
        """A member's id; whoever has an identifier is found by it."""
        member_id = f"mem_{self.name}_{label}"
        self.open_account(opening_entry(member_id, AccountStatus.ACTIVE, NOW))
        for kind, value in identifiers.items():
            self.people.leads[Identifier(Kind(kind), value)] = member_id
        return member_id

    def prepared(
        self, label: str, content: bytes, kind: str = "balances", *, dry_run: bool = False
    ) -> str:
        """The id of an import whose file is there and which has started."""
        import_id = f"{self.name}-{label}"
        command = CreateImport(import_id, ImportKind(kind), self.name, dry_run)
        create_import(self.ports, ADMIN, command, self.now)
        self.files.files[import_name(self.ports, import_id)] = content
        start_import(self.ports, ADMIN, import_id, self.now)
        return import_id

    def go_on(
        self,
        import_id: str,
        *,
        rows_at_once: int = 3,
        keep_going: Callable[[], bool] = always,
        ports: Ports | None = None,
    ) -> None:
        """A worker goes on with an import."""
        name = import_name(self.ports, import_id)
        run_import(
            ports or self.ports, name, lambda: self.now, keep_going, rows_at_once=rows_at_once
        )

    def run(self, label: str, content: bytes, kind: str = "balances", **how: bool) -> Import:
        """The import of a file, at its end."""
        import_id = self.prepared(label, content, kind, **how)
        self.go_on(import_id)
        job = self.job(import_id)
        assert job.status in (ImportStatus.DONE, ImportStatus.REFUSED)
        return job

    def job(self, import_id: str) -> Import:
        """The import as it is."""
        job = self.ports.imports.get(import_name(self.ports, import_id))
        assert job is not None
        return job

    def report(self, import_id: str) -> list[list[str]]:
        """The rows of an import's report, without its header."""
        text = self.files.reports[import_name(self.ports, import_id)].decode()
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        assert header == ["line", "row_id", "code", "detail"]
        return rows

    def refusals(self, import_id: str) -> list[tuple[int, str]]:
        """Line and code of each row that was refused."""
        return [(int(line), code) for line, _, code, _ in self.report(import_id)]

    def story(self, member_id: str) -> Story:
        """What an account tells."""
        entries = self.ports.ledger.entries(member_id, None, 100)
        return [(entry.kind, entry.points, entry.why) for entry in reversed(entries)]


def table(columns: str, *rows: Iterable[object]) -> bytes:
    """A CSV file of these columns (separated by blanks) and rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns.split())
    writer.writerows(rows)
    return text.getvalue().encode()


def import_world(
    name: str, ledger: Ledger, open_account: Callable[[Entry], None], program: Program = YEARLY
) -> ImportWorld:
    """A world over a ledger."""
    people, files, queue = KnownPeople(), FakeImportFiles(), FakeImportQueue()
    ports = replace(
        ports_over(ledger, FakeRewards(), seed=name),
        people=people,  # type: ignore[arg-type]  # all that an import asks
        programs=FakePrograms(program),
        imports=FakeImports(),
        import_files=files,
        import_queue=queue,
    )
    return ImportWorld(name, ports, people, files, queue, open_account)


def fake_import_world(program: Program = YEARLY) -> tuple[ImportWorld, FakeLedger]:
    """A world in memory, and its ledger."""
    ledger = FakeLedger(FakeRewards())
    return import_world("w", ledger, ledger.open, program), ledger


def dynamo_import_world(name: str) -> ImportWorld:
    """A world on the bound tables; `name` must be new to them. Files are in memory all the same."""
    world = import_world(name, DynamoLedger(), lambda entry: transact([Put(entry_item(entry))]))
    return replace(world, ports=replace(world.ports, imports=DynamoImports(), patience=brisk()))
