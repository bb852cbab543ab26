"""Brings what happened to the ledger into the snapshot, batch by batch. Fed by the ledger's stream.

A row says what is so now, or what happened once: duplicates and any order do no harm.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.purchases import ClaimRecord, PurchaseFile, PurchaseRecord, ReturnRecord
from chalicelib.domain.redemptions import EndedAs, RedemptionEnd, RedemptionRecord
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.snapshot_columns import Dataset, Row
from chalicelib.domain.snapshot_rows import (
    gift_rows,
    line_rows,
    purchase_row,
    return_row,
    reward_rows,
    taken_back_rows,
    use_rows,
)
from chalicelib.usecases.ports import Cause, Ports, StoreUnavailable
from chalicelib.usecases.snapshot_member import snapshot_member

Rows = dict[Dataset, list[Row]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what was written. members: those whose traits were. digest: the same for the same
    batch."""

    records: tuple[Entry | Cause, ...]
    members: frozenset[str]
    digest: str


def refresh_snapshot(ports: Ports, batch: Batch, now: datetime) -> None:
    """Put the rows of a batch into the snapshot; nothing while there is no program. Raises
    StoreUnavailable, StoreNewer: show it again."""
    if ports.programs.active_number() is None:
        return
    rows: Rows = {dataset: [] for dataset in Dataset}
    for record in batch.records:
        _add(ports, rows, record)
    touched = set(batch.members) | set(_touched(batch.records))
    touched |= {str(row["member_id"]) for row in rows[Dataset.PURCHASES]}
    program = ports.programs.active()
    made = (snapshot_member(ports, program, member_id, now) for member_id in sorted(touched))
    rows[Dataset.MEMBERS] = [row for row in made if row is not None]
    looked_at = {row["member_id"] for row in rows[Dataset.MEMBERS] if row["profiling"]}
    rows[Dataset.LINES] = [row for row in rows[Dataset.LINES] if row["member_id"] in looked_at]
    for dataset, some in rows.items():
        if some:
            ports.snapshots.put_changes(dataset, now, batch.digest, some)


def _touched(records: Iterable[Entry | Cause]) -> Iterator[str]:
    """The members whom an entry says something new of: all who share its account."""
    for record in records:
        if isinstance(record, Entry):
            yield record.account_id
            yield from record.account().household


def _add(ports: Ports, rows: Rows, record: Entry | Cause) -> None:
    match record:
        case Entry(kind=EntryKind.BONUS):
            live = ports.offers.live().by_id
            numbers = {one: (live[one].offer.number, live[one].offer.version) for one in live}
            rows[Dataset.USES] += gift_rows(record, numbers, ports.programs.active())
        case RedemptionRecord():
            rows[Dataset.USES] += reward_rows(record, ports.programs.active())
        case RedemptionEnd(ended_as=EndedAs.CANCELLED | EndedAs.EXPIRED):
            _add_taken_back(ports, rows, record)
        case PurchaseRecord() if record.member_id is not None:
            _add_purchase(ports, rows, PurchaseFile(record))
        case ClaimRecord():
            file = _file(ports, record.name, record.number)
            if file is not None:
                add_purchase(ports, rows, file)
        case ReturnRecord():
            file = _file(ports, record.name, record.number)
            if file is not None:
                _add_return(ports, rows, file, record)


def add_purchase(ports: Ports, rows: Rows, file: PurchaseFile) -> None:
    """Add what a purchase says, and what came back of it since."""
    _add_purchase(ports, rows, file)
    for event in file.returns:
        _add_return(ports, rows, file, event)


def _add_purchase(ports: Ports, rows: Rows, file: PurchaseFile) -> None:
    program = ports.programs.version(file.record.program_version)
    row = purchase_row(file, program.zone)
    if row is not None:
        member_id = str(row["member_id"])
        rows[Dataset.PURCHASES].append(row)
        rows[Dataset.LINES] += line_rows(file.record, member_id, program.zone)
        rows[Dataset.USES] += use_rows(file.record, member_id, program)


def _add_return(ports: Ports, rows: Rows, file: PurchaseFile, event: ReturnRecord) -> None:
    program = ports.programs.version(file.record.program_version)
    row = return_row(file, event, program.zone)
    if row is not None:
        rows[Dataset.PURCHASES].append(row)
        rows[Dataset.USES] += taken_back_rows(file, event, program)


def _add_taken_back(ports: Ports, rows: Rows, end: RedemptionEnd) -> None:
    file = ports.ledger.redemption(end.redemption_id)
    if file is not None:
        rows[Dataset.USES] += reward_rows(file.record, ports.programs.active(), end)


def _file(ports: Ports, name: str, number: int) -> PurchaseFile | None:
    """A purchase with what happened to it, up to a number at least; None where its member was
    erased."""
    try:
        file = ports.ledger.purchase(name)
    except MemberErased:
        return None
    if not isinstance(file, PurchaseFile) or file.next_number <= number:
        raise StoreUnavailable("a purchase is a moment behind what happened to it")
    return file
