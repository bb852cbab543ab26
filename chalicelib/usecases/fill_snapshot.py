"""Once and for all: what members bought before there was a snapshot is put into it, by a pass over
the ledger. What has come by the stream since counts once all the same.
"""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.snapshot_columns import Dataset
from chalicelib.usecases.ledger_pass import LedgerPass, Place, Sums, run_pass
from chalicelib.usecases.ports import Book, Ports, PurchaseBook
from chalicelib.usecases.refresh_snapshot import Rows, add_purchase

_PASS = LedgerPass("snapshot-fill")


def fill_snapshot(
    ports: Ports, clock: Callable[[], datetime], keep_going: Callable[[], bool]
) -> bool:
    """Begin the pass or go on with it; whether it is done. Raises StoreUnavailable; the next run
    goes on after the last page that was kept."""
    return run_pass(ports.books, _PASS, _Filler(ports, clock), keep_going).done


class _Filler:
    def __init__(self, ports: Ports, clock: Callable[[], datetime]) -> None:
        self._ports = ports
        self._clock = clock

    def start(self) -> Sums:
        return {"purchases": 0}

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:
        rows: Rows = {dataset: [] for dataset in Dataset}
        for book in books:
            file = book.file if isinstance(book, PurchaseBook) else None
            if file is not None:
                add_purchase(self._ports, rows, file)
        whose = {str(row["member_id"]) for row in rows[Dataset.LINES]}
        looked_at = {member_id for member_id in whose if self._may_be_looked_at(member_id)}
        rows[Dataset.LINES] = [row for row in rows[Dataset.LINES] if row["member_id"] in looked_at]
        for dataset, some in rows.items():
            if some:
                digest = f"fill-{place.page:06}"
                self._ports.snapshots.put_changes(dataset, self._clock(), digest, some)
        return {"purchases": sums["purchases"] + len(rows[Dataset.PURCHASES])}

    def _may_be_looked_at(self, member_id: str) -> bool:
        traits = self._ports.people.traits(member_id)
        return traits is not None and traits.profiling
