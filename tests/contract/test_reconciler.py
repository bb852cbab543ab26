"""How a reconciliation goes on: begun once, stopped anywhere, by anybody, while others write."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.reconciliations import Report
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.end_redemption import cancel_redemption
from chalicelib.usecases.ports import Books, Ports, Rewards
from chalicelib.usecases.ports.books import AccountBook, BookPage, PurchaseBook
from chalicelib.usecases.read_liability import read_liability
from chalicelib.usecases.reconcile import (
    newest_reconciliation,
    read_reconciliation,
    reconcile_daily,
    reconcile_now,
)
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from tests.contract.shelf import LATER, Shelf, fill, in_dynamodb, in_memory
from tests.fakes.programs import FakePrograms
from tests.ledger_world import NOW, TILL

TOMORROW = LATER + timedelta(days=1)


@pytest.fixture(params=["memory", "dynamodb"])
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    if request.param == "memory":
        shelf = in_memory()
        fill(shelf)
        yield shelf
    else:
        connection: Connection = request.getfixturevalue("connection")
        with in_dynamodb(connection) as shelf:
            fill(shelf)
            yield shelf


def times(number: int) -> Callable[[], bool]:
    answers = iter([True] * number)
    return lambda: next(answers, False)


def always() -> bool:
    return True


def never() -> bool:
    return False


def reconciled(ports: Ports, now: datetime = LATER) -> Report:
    state = reconcile_now(ports, lambda: now, always)
    assert state.reconciliation.report == state.report
    return state.report


# --- begun, stopped, continued -------------------------------------------------------------------


def test_one_that_is_stopped_after_every_page_reports_what_one_in_one_go_reports(
    shelf: Shelf,
) -> None:
    ports = shelf.ports(2)
    whole = reconciled(ports)
    assert whole.clean
    seen = set()
    while True:
        state = reconcile_now(ports, lambda: LATER, times(1))
        seen.add(state.reconciliation.number)
        if state.reconciliation.finished_at is not None:
            break
        assert sum(state.report.seen.values()) <= sum(whole.seen.values())
    assert seen == {2}
    assert state.report == whole


def test_many_at_once_make_one_reconciliation_and_read_one_report(shelf: Shelf) -> None:
    ports = shelf.ports(2)

    def run(_: int) -> tuple[int, Report]:
        while True:
            state = reconcile_now(ports, lambda: LATER, times(3))
            if state.reconciliation.finished_at is not None:
                return state.reconciliation.number, state.report

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(run, range(5)))
    by_number = dict(found)
    assert all(by_number[number] == report for number, report in found)
    assert all(report.clean for _, report in found)
    assert min(by_number) == 1


def test_while_it_is_under_way_it_tells_how_far_it_is(shelf: Shelf) -> None:
    ports = shelf.ports(2)
    begun = reconcile_now(ports, lambda: LATER, never)
    assert begun.reconciliation.finished_at is None
    assert begun.report.seen == {}
    further = reconcile_now(ports, lambda: LATER, times(2))
    assert further.report.seen
    assert read_reconciliation(ports, 1) == further
    assert newest_reconciliation(ports) == further


def test_what_was_found_is_read_again_as_it_was(shelf: Shelf) -> None:
    ports = shelf.ports()
    done = reconcile_now(ports, lambda: LATER, always)
    assert read_reconciliation(ports, 1) == done
    assert newest_reconciliation(ports) == done
    with pytest.raises(NotFound):
        read_reconciliation(ports, 2)


def test_there_is_one_a_day_and_one_that_is_under_way_goes_on(shelf: Shelf) -> None:
    ports = shelf.ports(2)
    begun = reconcile_daily(ports, lambda: LATER, times(1))
    assert begun is not None
    on_the_next_day = reconcile_daily(ports, lambda: TOMORROW, always)
    assert on_the_next_day is not None
    assert on_the_next_day.reconciliation.number == 1
    assert on_the_next_day.reconciliation.began_at == begun.reconciliation.began_at
    second = reconcile_daily(ports, lambda: TOMORROW, always)
    assert second is not None
    assert second.reconciliation.number == 2
    assert reconcile_daily(ports, lambda: TOMORROW, always) is None


def test_without_a_program_there_is_nothing_to_reconcile(shelf: Shelf) -> None:
    ports = replace(shelf.ports(), programs=FakePrograms())
    assert reconcile_daily(ports, lambda: LATER, always) is None
    with pytest.raises(Conflict):
        reconcile_now(ports, lambda: LATER, always)
    with pytest.raises(NotFound):
        newest_reconciliation(ports)


# --- the liability -------------------------------------------------------------------------------


def test_the_liability_is_what_accounts_hold_and_what_entries_brought(shelf: Shelf) -> None:
    ports = shelf.ports()
    with pytest.raises(NotFound):
        read_liability(ports)
    done = reconcile_now(ports, lambda: LATER, always)
    reconcile_now(ports, lambda: TOMORROW, never)  # under way: not yet of any use
    view = read_liability(ports)
    assert view.reconciliation == done.reconciliation
    liability = view.report.liability
    accounts = [
        book for book in ports.books.page(0, 1, None).books if isinstance(book, AccountBook)
    ]
    entered = sum(entry.points for book in accounts for entry in book.entries)
    held = liability.held
    assert held.accounts == len(accounts) == 3
    assert held.available + held.pending - held.debt + liability.expired == entered
    assert sum(liability.entered.values()) == entered
    assert liability.expired > 0
    assert sum(liability.by_expiry.values()) == held.available + held.pending
    assert sum(liability.by_earned.values()) == held.available + held.pending
    assert sum(tier.available for tier in liability.by_tier.values()) == held.available
    assert set(liability.by_tier) == {"bronze", "silver"}
    assert view.program.version == 2


# --- while others write --------------------------------------------------------------------------


class Meanwhile:
    """Books during whose pages something happens. change: what becomes of each page on its way."""

    def __init__(
        self,
        books: Books,
        act: Callable[[], object] = lambda: None,
        change: Callable[[BookPage], BookPage] = lambda page: page,
    ) -> None:
        self._books, self._act, self._change = books, act, change
        self.book, self.account, self.caused = books.book, books.account, books.caused
        self.checkpoint, self.save = books.checkpoint, books.save

    def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
        page = self._books.page(segment, segments, cursor)
        self._act()
        return self._change(page)


def busy(shelf: Shelf) -> Callable[[], object]:
    """Something happens to somebody each time, by a clock so late that it seems to be of before."""
    world, numbers = shelf.world, count(1)
    mia, zoe = (f"mem_{world.name}_{who}" for who in ("mia", "zoe"))
    (mug,) = world.ports.rewards.all()
    roomy = replace(mug, version=mug.version + 1, member_limit=None, stock=60)
    assert world.ports.rewards.put(roomy, NOW) == "written"

    def act() -> None:
        number = next(numbers)
        match number % 5:
            case 0:
                world.buy(f"m{number}", zoe, 1_000 + number)
            case 1:
                world.buy(f"m{number}", None, 1_000)
            case 2:
                world.send_back(f"m{number - 2}", "r", 500)
            case 3:
                _redeem_and_cancel(shelf, mia, roomy, number)
            case _:
                world.adjust(mia, 60, f"m{number}")

    return act


def _redeem_and_cancel(shelf: Shelf, member_id: str, reward: Reward, number: int) -> None:
    issued = shelf.world.redeem(member_id, reward, f"m{number}").answer.record
    if number % 2:
        cancel_redemption(shelf.world.ports, TILL, issued.redemption_id, f"m{number}", NOW)


def test_what_is_written_while_the_pass_goes_by_is_no_false_alarm(shelf: Shelf) -> None:
    act = busy(shelf)
    books = Meanwhile(shelf.books(3), act)
    ports = replace(shelf.ports(), books=books)
    report = reconciled(ports, NOW + timedelta(hours=2))
    assert report.breaches == ()
    assert report.times == {}
    assert reconciled(shelf.ports()).clean


def test_a_partition_that_was_seen_while_it_was_written_is_read_again(shelf: Shelf) -> None:
    def torn(page: BookPage) -> BookPage:
        """An entry without the one before it, events without their purchase."""
        books = [
            replace(book, entries=(*book.entries[:1], *book.entries[2:]))
            if isinstance(book, AccountBook)
            else replace(book, record=None)
            if isinstance(book, PurchaseBook)
            else book
            for book in page.books
        ]
        return replace(page, books=tuple(books))

    report = reconciled(replace(shelf.ports(), books=Meanwhile(shelf.books(3), change=torn)))
    assert report.clean


class Miscounted:
    """Rewards whose counters hold one unit more than they should."""

    def __init__(self, rewards: Rewards) -> None:
        self._rewards = rewards
        self._readings = 0
        self.get, self.all, self.put = rewards.get, rewards.all, rewards.put
        self.as_created, self.remaining = rewards.as_created, rewards.remaining

    def remaining_of(self, rewards: Sequence[Reward]) -> dict[str, int]:
        left = self._rewards.remaining_of(rewards)
        return {reward_id: units + 1 for reward_id, units in left.items()}


class MovesAtTheEnd(Miscounted):
    """Rewards of which one more unit goes out after the first reading."""

    def remaining_of(self, rewards: Sequence[Reward]) -> dict[str, int]:
        left = self._rewards.remaining_of(rewards)
        self._readings += 1
        return {reward_id: units - self._readings + 1 for reward_id, units in left.items()}


def test_units_that_moved_when_it_began_are_no_false_alarm(shelf: Shelf) -> None:
    (mug,) = shelf.world.ports.rewards.all()
    roomy = replace(mug, version=mug.version + 1, member_limit=None)
    assert shelf.world.ports.rewards.put(roomy, NOW) == "written"
    command = RedeemReward(f"mem_{shelf.world.name}_mia", roomy.reward_id, None, "just before")
    redeem_reward(shelf.world.ports, TILL, command, LATER - timedelta(seconds=10))
    moving = MovesAtTheEnd(shelf.world.ports.rewards)
    report = reconciled(replace(shelf.ports(), rewards=moving))
    assert report.clean
    assert report.unsettled == {}


def test_units_that_differ_while_they_move_are_told_when_they_differ_the_next_time_too(
    shelf: Shelf,
) -> None:
    (mug,) = shelf.world.ports.rewards.all()
    roomy = replace(mug, version=mug.version + 1, member_limit=None, stock=60)
    assert shelf.world.ports.rewards.put(roomy, NOW) == "written"
    miscounted = replace(shelf.ports(), rewards=Miscounted(shelf.world.ports.rewards))

    def while_it_moves(now: datetime) -> Report:
        command = RedeemReward(f"mem_{shelf.world.name}_mia", roomy.reward_id, None, f"{now}")

        class RedeemedFirst(Meanwhile):
            """Before the first page, so that whichever is read has it."""

            def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
                redeem_reward(shelf.world.ports, TILL, command, now + timedelta(hours=1))
                return super().page(segment, segments, cursor)

        return reconciled(replace(miscounted, books=RedeemedFirst(shelf.books(3))), now)

    first = while_it_moves(LATER)
    assert first.clean
    assert first.unsettled == {mug.reward_id: -1}
    told = [("stock_wrong", mug.reward_id)]
    second = while_it_moves(TOMORROW)
    assert [(breach.code, breach.key) for breach in second.breaches] == told
    standing_still = reconciled(miscounted, TOMORROW + timedelta(days=1))
    assert [(breach.code, breach.key) for breach in standing_still.breaches] == told
    assert reconciled(shelf.ports(), TOMORROW + timedelta(days=2)).clean
