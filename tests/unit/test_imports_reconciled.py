"""The reconciler finds nothing wrong with what was imported, and finds what was changed of it."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.reconciliations import Report
from chalicelib.usecases.ports import OperationRecord
from chalicelib.usecases.reconcile import reconcile_now
from tests.fakes.books import FakeBooks
from tests.fakes.ledger import FakeLedger
from tests.import_world import NOW, YEARLY, ImportWorld, always, fake_import_world, table
from tests.unit.test_import_rows import HISTORY, LADDER


def filled() -> tuple[ImportWorld, FakeLedger]:
    """Balances of every sign, and purchases of lately, of years ago and of the month's edge."""
    world, ledger = fake_import_world(replace(YEARLY, tiers=LADDER))
    mia, tom = world.member("mia"), world.member("tom")
    balances = table(
        "row_id member_id points expires_on allow_debt",
        ("1", mia, 120, "2026-12-31", ""),
        ("2", tom, -30, "", "true"),
        ("3", tom, 0, "", ""),
        ("4", tom, 50, "", ""),
    )
    history = table(
        HISTORY,
        ("1", mia, "2026-02-28T23:30:00Z", 15_000, 150),
        ("2", mia, "2019-06-01T10:00:00Z", 900, 9),
        ("3", mia, "2024-03-01T10:00:00Z", 100, 1),
        ("4", mia, "2024-02-10T10:00:00Z", 100, 1),
        ("5", tom, "2026-03-14T12:00:00Z", 0, 0),
    )
    assert world.run("a", balances).tally.applied == 4
    assert world.run("h", history, "history").tally.applied == 5
    return world, ledger


def reconciled(world: ImportWorld, ledger: FakeLedger) -> Report:
    ports = replace(world.ports, books=FakeBooks(ledger, 7))
    return reconcile_now(ports, lambda: NOW + timedelta(days=1), always).report


def test_what_was_imported_agrees_with_its_records() -> None:
    world, ledger = filled()
    report = reconciled(world, ledger)
    assert [breach.what for breach in report.breaches] == []
    assert report.clean


def test_a_record_that_says_something_else_than_its_entry_is_found() -> None:
    for name, value in (("points", 121), ("occurred_on", "2026-02-01"), ("amount_minor", 1)):
        world, ledger = filled()
        for key, record in list(ledger.causes.items()):
            if isinstance(record, OperationRecord) and record.answer.get(name):
                changed = replace(record, answer=record.answer | {name: value})
                ledger.causes[key] = changed
                break
        assert not reconciled(world, ledger).clean, name
