"""A hundred thousand rows of balances, imported, and imported again: pace, calls and memory.

Through the real worker, from the file's address to its report. Not a part of `make bench`, which it
would outlast: `make bench-imports`, or `python -m bench.imports ROWS`.
"""

import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from bench.installation import Installation, installation
from bench.tables import show
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.imports import Import, ImportKind, Tally
from chalicelib.domain.refusals import Refusal
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.people_items import identifier_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.create_import import CreateImport, create_import, import_name
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.usecases.read_import import addresses_of, read_import
from chalicelib.usecases.start_import import start_import
from chalicelib.wiring import Services
from chalicelib.workers import imports
from infrastructure.local import lambda_events
from infrastructure.local.demo_shop import PROGRAM

ROWS = 100_000
ROWS_A_MEMBER = 5
REFUSED_EVERY = 500
ADMIN = Caller(CallerKind.STAFF, "staff:bench", GROUP_SCOPES["admin"], "bench")
_AT_ONCE = 50
_PAGE_BYTES = 4096
_TIMEOUT_SECONDS = 120  # of .chalice/config.json


@dataclass(slots=True)
class Watched:
    """A call's context as Lambda gives it, which notes the process's memory whenever it is asked
    for the time that is left: after every batch."""

    resident: list[int]
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.resident.append(pages * _PAGE_BYTES)
        return int((self.started + _TIMEOUT_SECONDS - time.monotonic()) * 1000)


def run(rows: int = ROWS) -> None:
    """Measure and print. AssertionError where a point is missing or too many."""
    with installation() as bench, tempfile.TemporaryDirectory() as folder:
        bench.services.ports.programs.add(PROGRAM, bench.services.clock())
        members = _members(bench.services, rows // ROWS_A_MEMBER)
        file = Path(folder) / "balances.csv"
        file.write_bytes(b"".join(_lines(members, rows)))
        refused = rows // REFUSED_EVERY
        expected = {
            "first": Tally(applied=rows - refused, refused=refused),
            "again": Tally(replayed=rows - refused, refused=refused),
        }
        lines = []
        for name, tally in expected.items():
            ran = _imported(bench, file, name)
            lines.append(ran.row(name, rows))
            print(*lines[-1], flush=True)  # the other one takes a while
            assert ran.job.tally == tally
            assert _points(bench.services, members) == rows - refused
        heads = [
            "import",
            "seconds",
            "rows a second",
            "MB at first",
            "MB at most",
            "messages",
            "broken off",
        ]
        size = file.stat().st_size / 1e6
        title = f"{rows:,} rows ({size:.1f} MB) for {len(members):,} members, once and again"
        show(title, heads, lines)


@dataclass(frozen=True, slots=True)
class Ran:
    """One import. resident: the process's memory after each batch. broken_off: how many of the
    messages ended by an outage."""

    job: Import
    seconds: float
    resident: list[int]
    messages: int
    broken_off: int

    def row(self, name: str, rows: int) -> list[str]:
        """A line of the table."""
        return [
            name,
            f"{self.seconds:.0f}",
            f"{rows / self.seconds:.0f}",
            f"{self.resident[0] / 1e6:.0f}",
            f"{max(self.resident) / 1e6:.0f}",
            str(self.messages),
            str(self.broken_off),
        ]


def _imported(bench: Installation, file: Path, import_id: str) -> Ran:
    ports, now = bench.services.ports, bench.services.clock()
    command = CreateImport(import_id, ImportKind.BALANCES, "bench", dry_run=False)
    address = addresses_of(ports, create_import(ports, ADMIN, command, now).answer, now).upload
    assert address is not None
    with file.open("rb") as content:
        size = {"Content-Length": str(file.stat().st_size)}
        request = urllib.request.Request(address.url, content, size, method="PUT")
        urllib.request.urlopen(request).close()
    start_import(ports, ADMIN, import_id, now)
    resident: list[int] = []
    began, messages, broken_off = time.perf_counter(), 0, 0
    for event in _messages(bench.services.settings.import_queue):
        messages += 1
        try:
            imports.handle(event, Watched(resident))
        except (
            Refusal,
            StoreUnavailable,
        ):  # a busy machine's database may take too long: the message comes again
            broken_off += 1
            ports.import_queue.go_on(import_name(ports, import_id))
    seconds = time.perf_counter() - began
    return Ran(read_import(ports, import_id), seconds, resident, messages, broken_off)


def _messages(queue: str) -> Iterator[dict[str, object]]:
    """What Lambda would be fed with, until the queue is empty."""
    sqs = boto3.client("sqs")
    while found := sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []):
        for message in found:
            yield {"Records": [lambda_events.of_message(message)]}
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def _members(services: Services, count: int) -> list[str]:
    """Ids of new members, each known by an external id (`x-` and its number) as well."""
    ids = [f"mem_{number:026d}" for number in range(count)]
    now, namer = services.clock(), services.ports.namer
    for start in range(0, count, _AT_ONCE):
        puts = []
        for number, member_id in list(enumerate(ids))[start : start + _AT_ONCE]:
            identifier = Identifier(Kind.EXTERNAL_ID, f"x-{number}")
            puts.append(Put(entry_item(opening_entry(member_id, AccountStatus.ACTIVE, now))))
            puts.append(Put(identifier_item(namer, identifier, member_id)))
        transact(puts)
    return ids


def _lines(members: list[str], rows: int) -> Iterator[bytes]:
    """The file: a point a row; members by their id and by the external one in turns."""
    yield b"row_id,member_id,external_id,points,expires_on\r\n"
    for number in range(rows):
        place = number % len(members)
        whose = f"{members[place]}," if number % 2 else f",x-{place}"
        points = "many" if number % REFUSED_EVERY == 0 else "1"
        yield f"row-{number},{whose},{points},2099-12-31\r\n".encode()


def _points(services: Services, members: list[str]) -> int:
    heads = (services.ports.ledger.head(member_id) for member_id in members)
    return sum(head.entry.account().available for head in heads if head is not None)


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
