"""The hourly worker of expiry, over the real application's tables."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.account import Lot
from chalicelib.domain.due import SHARDS
from chalicelib.storage.ledger_items import EntryItem
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.due_rounds import Run, Walked
from chalicelib.usecases.expire_points import expire_points
from chalicelib.usecases.read_statement import prove_chain
from chalicelib.wiring import Services
from chalicelib.workers import expire_points as worker
from tests.api.client import Client
from tests.api.conftest import Clock
from tests.counted import calls_of
from tests.fakes.programs import FakePrograms
from tests.interposed import interposed, sent
from tests.workers.last_days import HOUR, LAST, LastDays, in_berlin, last_days

MANY = 60


@pytest.fixture
def ledger(
    services: Services,
    client: Client,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[LastDays]:
    with last_days(services, client, key_for, token_for) as world:
        yield world


def connected() -> Connection:
    """What the models use by now."""
    shared: Connection = LedgerItem._get_connection().connection
    return shared


def test_points_of_a_purchase_expire_and_account_and_statement_agree_all_the_way(
    ledger: LastDays, clock: Clock
) -> None:
    shop = ledger.shop
    member = shop.member()
    shop.earn(member, 30)  # in November: the last day is the end of next November
    clock.now = in_berlin(date(2027, 11, 30), 23, 59)
    assert worker.handle(HOUR, None)["accounts"] == 0
    assert shop.account(member)["available"] == 30
    clock.now = in_berlin(date(2027, 12, 1), 0)
    worker.handle(HOUR, None)
    assert shop.account(member)["available"] == 0
    assert statement(ledger, member)[0] == (None, "expire", -30)
    clock.now = in_berlin(date(2027, 12, 1), 3)
    assert worker.handle(HOUR, None) == {"done": True, "accounts": 1, "points": 30, "left": 0}
    assert shop.account(member)["available"] == 0
    assert statement(ledger, member)[0] == (3, "expire", -30)
    assert worker.handle(HOUR, None)["accounts"] == 0


def statement(ledger: LastDays, member: str) -> list[tuple[int | None, str, int]]:
    token = ledger.shop.staff("support")
    reply = ledger.shop.client.get(f"/v1/members/{member}/entries", bearer=token)
    return [(row["seq"], row["kind"], row["points"]) for row in reply.json()["items"]]


def test_many_accounts_get_one_entry_each_though_two_run_at_once(
    ledger: LastDays, clock: Clock
) -> None:
    members = [ledger.account(Lot(LAST, 10 + n), Lot(None, 1)) for n in range(MANY)]
    clock.now = in_berlin(LAST + timedelta(days=1), 3)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: worker.handle(HOUR, None), range(2)))
    answers.append(worker.handle(HOUR, None))
    assert answers[-1]["done"]
    assert sum(answer["left"] for answer in answers) == 0
    # One whose reply was late may have been counted by nobody; none is counted twice.
    assert MANY - 5 <= sum(answer["accounts"] for answer in answers) <= MANY
    for number, member in enumerate(members):
        assert ledger.kinds(member) == ["open", "adjust", "expire"]
        newest = ledger.entries(member)[0]
        assert (newest.points, newest.account().available) == (-10 - number, 1)
    assert prove_chain(ledger.services.ports, members[0]).broken_at is None


class Killed(BaseException):
    """The process ends here: nobody catches it."""


def test_a_run_that_is_killed_at_every_write_in_turn_still_does_all_of_it_once(
    ledger: LastDays, clock: Clock
) -> None:
    """Each process gets one write done, and dies before the next or before its answer arrives."""
    members = [ledger.account(Lot(LAST, 10)) for _ in range(20)]
    clock.now = in_berlin(LAST + timedelta(days=1), 3)
    for turn in itertools.count():
        writes = itertools.count(1)

        def die(
            operation: str,
            request: AWSPreparedRequest,
            writes: Iterator[int] = writes,
            lost: bool = turn % 2 == 0,
        ) -> AWSResponse | None:
            if operation != "TransactWriteItems" or next(writes) == 1:
                return None
            if lost:
                sent(connected(), request)
            raise Killed

        with interposed(connected(), die):
            try:
                walked = run(ledger)
            except Killed:
                assert turn < SHARDS + len(members)
                continue
        assert walked.done
        break
    assert {tuple(ledger.kinds(member)) for member in members} == {("open", "adjust", "expire")}


def run(ledger: LastDays) -> Walked:
    """A run in one thread, which a test can kill."""
    ports, clock = ledger.services.ports, ledger.services.clock
    return expire_points(ports, clock(), Run(lambda: True, lambda _: None))


def test_a_run_on_a_day_that_is_done_looks_at_no_account_and_no_index(
    ledger: LastDays, clock: Clock
) -> None:
    ledger.account(Lot(LAST, 10))
    clock.now = in_berlin(LAST + timedelta(days=1), 3)
    run(ledger)
    clock.forward(hours=1)
    with calls_of(connected()) as calls:
        run(ledger)
    # The active program, twice, and how far each shard is.
    assert set(calls) == {"GetItem"}
    assert len(calls) <= SHARDS + 3


@pytest.mark.parametrize(
    ("bought_on", "last_day"),
    [
        (date(2027, 2, 3), date(2028, 2, 29)),  # a leap day
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 3, 28), date(2028, 3, 31)),  # the clocks go forward on the first day
        (date(2027, 10, 31), date(2028, 10, 31)),  # and back
    ],
)
def test_month_ends_leap_days_and_changed_clocks(
    ledger: LastDays, clock: Clock, bought_on: date, last_day: date
) -> None:
    shop = ledger.shop
    clock.now = in_berlin(bought_on, 0, 5)  # another day in UTC
    member = shop.member()
    shop.earn(member, 12)
    (lot,) = shop.account(member)["expiring"]
    assert lot == {"points": 12, "expires_on": last_day.isoformat()}
    clock.now = in_berlin(last_day, 23, 59)
    worker.handle(HOUR, None)
    assert ledger.kinds(member)[-1] == "earn"
    clock.now = in_berlin(last_day + timedelta(days=1), 3)
    worker.handle(HOUR, None)
    assert ledger.kinds(member)[-1] == "expire"


def test_a_clock_that_steps_back_two_hours_changes_nothing(ledger: LastDays, clock: Clock) -> None:
    member = ledger.account(Lot(LAST, 10))
    clock.now = in_berlin(LAST + timedelta(days=1), 3, 30)
    worker.handle(HOUR, None)
    written = ledger.entries(member)
    clock.forward(hours=-2)
    late = ledger.account(Lot(LAST + timedelta(days=1), 5))
    assert worker.handle(HOUR, None)["accounts"] == 0
    assert ledger.entries(member) == written
    clock.now = in_berlin(LAST + timedelta(days=2), 3)
    assert worker.handle(HOUR, None)["accounts"] == 1
    assert ledger.kinds(late)[-1] == "expire"


def test_a_broken_account_is_told_and_is_in_nobodys_way(
    ledger: LastDays, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, sound = ledger.account(Lot(LAST, 10)), ledger.account(Lot(LAST, 10))
    item = EntryItem.get(f"A#{broken}", "E#000000000002")
    item.s = "no account"
    item.save()
    clock.now = in_berlin(LAST + timedelta(days=1), 3)
    answer = worker.handle(HOUR, None)
    assert answer == {"done": True, "accounts": 1, "points": 10, "left": 1}
    assert ledger.kinds(sound)[-1] == "expire"
    assert '"worker":"expire_points"' in capsys.readouterr().out


def test_an_installation_without_a_program_has_nothing_to_do(
    ledger: LastDays,
) -> None:
    without = replace(ledger.services.ports, programs=FakePrograms())
    wiring.install(replace(ledger.services, ports=without))
    assert worker.handle(HOUR, None) == {"done": True, "accounts": 0, "points": 0, "left": 0}
