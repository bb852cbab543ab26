"""One row of an import, counted once for ever by its own id, in whatever file or run it comes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain import causes
from chalicelib.domain.bring_over import bring_balance, bring_purchase
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.import_rows import BalanceRow, Row
from chalicelib.domain.imports import ImportKind
from chalicelib.domain.instants import local_date, printed
from chalicelib.domain.refusals import ConflictingReplay
from chalicelib.usecases.current import Current, current
from chalicelib.usecases.ports import OperationRecord, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, preview, settle

IMPORT = "import"

Came = Literal["applied", "replayed"]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of an import of this name. line: where it begins in the file. row: whose row ids are
    those of `source`. member_id: of the row's member."""

    import_name: str
    source: str
    line: int
    row: Row
    member_id: str


def import_row(ports: Ports, command: ImportRow, now: datetime, *, dry_run: bool) -> Came:
    """Apply a row, or find that it had counted before.

    A row that this very line of this import has applied is told as applied again: whoever is killed
    and begins a batch anew comes to the same counts. Raises MemberNotFound, InvalidContent,
    InTheFuture, AccountFull, ConflictingReplay, TryAgain.
    """
    row = command.row
    kind = ImportKind.BALANCES if isinstance(row, BalanceRow) else ImportKind.HISTORY
    name = ports.namer.name("import row", kind, command.source, row.row_id)
    content = _content(command)

    def decide(_: Attempts) -> Plan[OperationRecord]:
        at = current(ports, command.member_id, causes.of_operation(IMPORT, name), now)
        entries = _entries(at, row, causes.of_operation(IMPORT, name))
        record = OperationRecord(IMPORT, name, content, _answer(command, kind, at, entries))
        return Plan(Write((record,), entries), record)

    def replay() -> OperationRecord | None:
        record = ports.ledger.operation(IMPORT, name)
        if record is not None and record.fingerprint != content:
            raise ConflictingReplay(differing=differing(record.fingerprint, content))
        return record

    if dry_run:
        return "replayed" if preview(ports, decide, replay).replayed else "applied"
    kept = settle(ports, decide, replay).answer.answer
    own = (kept["import"], kept["line"]) == (command.import_name, command.line)
    return "applied" if own else "replayed"


def _entries(at: Current, row: Row, cause: str) -> tuple[Entry, ...]:
    """The entries that bring a row over; none for a balance of zero, which moves nothing."""
    if isinstance(row, BalanceRow):
        kind = EntryKind.ADJUST
        after, why = bring_balance(at.account, row, at.program, at.today)
        if not row.points:
            return ()
    else:
        kind = EntryKind.EARN
        after, why = bring_purchase(at.account, row, at.program, at.now, at.today)
    return at.entries(after, kind=kind, cause=cause, program_version=at.program.version, why=why)


def _content(command: ImportRow) -> dict[str, str]:
    """What makes two rows of one id the same: the member by who it is, however it is named."""
    row = command.row
    if isinstance(row, BalanceRow):
        expires_on = str(row.expires_on) if row.expires_on else None
        said = {"points": row.points, "expires_on": expires_on, "allow_debt": row.allow_debt}
    else:
        occurred_at = printed(row.occurred_at)
        said = {"points": row.points, "occurred_at": occurred_at, "amount_minor": row.amount_minor}
    return fingerprint({"member": command.member_id, **said})


def _answer(
    command: ImportRow, kind: ImportKind, at: Current, entries: tuple[Entry, ...]
) -> dict[str, int | str | None]:
    """What is kept of a row: enough to tell what came of it without its entry."""
    row, after = command.row, entries[-1].account() if entries else at.account
    kept: dict[str, int | str | None] = {
        "import": command.import_name,
        "line": command.line,
        "of": kind,
        "member_id": at.account_id,
        "at": printed(at.now),
        "version": at.program.version,
        "points": row.points,
        "available_after": after.available,
        "pending_after": after.pending_points,
        "debt_after": after.debt,
    }
    if not isinstance(row, BalanceRow):
        kept["amount_minor"] = row.amount_minor
        kept["occurred_on"] = str(local_date(row.occurred_at, at.program.zone))
    return kept
