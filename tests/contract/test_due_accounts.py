"""The index of last days, in memory and in DynamoDB: who is found, in which order, how often."""

import itertools
from collections.abc import Iterator
from datetime import date

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.due import SHARDS, shard_of
from chalicelib.domain.entries import Entry, EntryKind, next_entry, opening_entry
from chalicelib.settings import Settings
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.tables import ConfigItem, LedgerItem
from chalicelib.usecases.ports import DueHint, Ledger, Write
from tests.contract.ledger_place import Place, in_dynamodb, in_memory, opened
from tests.ledger_world import NOW
from tests.metered import metered
from tests.own_tables import own_tables

DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)


@pytest.fixture(params=["dynamo", "fake"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "fake":
        yield in_memory()
        return
    with own_tables(request.getfixturevalue("connection"), LedgerItem, ConfigItem):
        yield in_dynamodb()


def holding(place: Place, head: Entry, *days: date | None) -> Entry:
    """The account has 10 points of each of these last days from now on."""
    after = Account(lots=tuple(Lot(day, 10) for day in days))
    entry = next_entry(head, after, kind=EntryKind.ADJUST, cause=f"t:{head.seq}", now=NOW)
    place.ledger.commit(Write((), (entry,)))
    return entry


def found(
    ledger: Ledger, first: date | None, last: date, shards: range = range(SHARDS)
) -> list[DueHint]:
    hints: list[DueHint] = []
    for shard in shards:
        page = ledger.due_accounts(shard, first, last, None)
        hints += page.hints
        while page.cursor is not None:
            page = ledger.due_accounts(shard, first, last, page.cursor)
            hints += page.hints
    return hints


def test_an_account_is_found_by_the_last_day_that_comes_next(place: Place) -> None:
    mia = opened(place, "mia")
    holding(place, mia, JANUARY, FEBRUARY, None)
    assert found(place.ledger, None, FEBRUARY) == [DueHint(JANUARY, mia.account_id)]
    assert found(place.ledger, JANUARY, JANUARY) == [DueHint(JANUARY, mia.account_id)]
    assert found(place.ledger, None, DECEMBER) == []
    assert found(place.ledger, FEBRUARY, FEBRUARY) == []


def test_it_is_in_the_shard_of_its_id_and_in_no_other(place: Place) -> None:
    mia = opened(place, "mia")
    holding(place, mia, JANUARY)
    own = shard_of(mia.account_id)
    assert found(place.ledger, None, JANUARY, range(own, own + 1))
    assert not found(place.ledger, None, JANUARY, range(own))
    assert not found(place.ledger, None, JANUARY, range(own + 1, SHARDS))


def test_what_never_expires_or_expires_on_the_same_day_as_before_leaves_no_hint(
    place: Place,
) -> None:
    mia, ben = opened(place, "mia"), opened(place, "ben")
    holding(place, mia, None)
    entry = holding(place, ben, JANUARY)
    assert entry.due_on == JANUARY
    again = holding(place, entry, JANUARY, FEBRUARY)
    assert again.due_on is None
    assert found(place.ledger, None, FEBRUARY) == [DueHint(JANUARY, ben.account_id)]


def test_a_day_that_comes_back_is_found_once_and_one_that_left_is_still_a_hint(
    place: Place,
) -> None:
    mia = opened(place, "mia")
    entry = mia
    for days in ((JANUARY,), (FEBRUARY,), (JANUARY, FEBRUARY), (), (JANUARY,)):
        entry = holding(place, entry, *days)
    assert found(place.ledger, None, FEBRUARY) == [
        DueHint(JANUARY, mia.account_id),
        DueHint(FEBRUARY, mia.account_id),
    ]


def test_many_are_found_page_by_page_in_order_of_day_and_account(place: Place) -> None:
    everybody = []
    for label in _labels_of_a_shard(place, 0, 60):
        entry = opened(place, label)
        everybody.append(entry.account_id)
        for days in ((JANUARY,), (FEBRUARY,), (JANUARY,)):
            entry = holding(place, entry, *days)
    assert place.ledger.due_accounts(0, None, FEBRUARY, None).cursor is not None
    hints = found(place.ledger, None, FEBRUARY, range(1))
    assert hints == [
        DueHint(day, account_id) for day in (JANUARY, FEBRUARY) for account_id in sorted(everybody)
    ]


def _labels_of_a_shard(place: Place, shard: int, many: int) -> list[str]:
    labels = (f"m{number}" for number in itertools.count())
    mine = (label for label in labels if shard_of(f"mem_{place.tag}_{label}") == shard)
    return list(itertools.islice(mine, many))


def test_accounts_spread_over_all_shards() -> None:
    shards = [shard_of(f"mem_{number}") for number in range(1_600)]
    counts = [shards.count(shard) for shard in range(SHARDS)]
    assert min(counts) > 50
    assert max(counts) < 150


# --- in DynamoDB alone ---------------------------------------------------------------------------


def test_an_entry_without_a_hint_is_stored_as_ever(bound: Settings) -> None:
    assert bound
    entry = opening_entry("mem_plain", AccountStatus.ACTIVE, NOW)
    item = entry_item(entry).serialize()
    assert not {"due_bucket", "due_at"} & set(item)


def test_a_hint_costs_one_unit_of_its_index_and_changes_nothing_that_is_read_back(
    bound: Settings, connection: Connection
) -> None:
    assert bound
    place = in_dynamodb()
    units = []
    for label, day in (("plain", None), ("hinted", JANUARY)):
        head, after = opened(place, label), Account(lots=(Lot(day, 10),))
        entry = next_entry(head, after, kind=EntryKind.ADJUST, cause="test", now=NOW)
        with metered(connection) as meter:
            place.ledger.commit(Write((), (entry,)))
        units.append(meter.write_units)
        assert meter.calls == ["TransactWriteItems"]
        assert place.ledger.entry(head.account_id, 2) == entry
        assert entry.due_on == day
    assert units == [2, 3]
