"""What operations cost in DynamoDB calls and units, and that history costs nothing."""

from datetime import timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import Account
from chalicelib.domain.behaviour import MOST_BYTES as MOST_BYTES_OF_BEHAVIOUR
from chalicelib.domain.behaviour import Behaviour, Bought, packed_behaviour, with_bought
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.traits import MOST_BYTES, Traits, packed_traits
from chalicelib.settings import Settings
from chalicelib.storage.ledger_items import entry_item, traits_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.end_redemption import use_redemption
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.resolve_member import MemberId
from tests.ledger_world import NOW, TILL, World, dynamo_world, new_name
from tests.long_history import put_history
from tests.metered import READ_UNIT_BYTES, Meter, metered
from tests.property.accounts import full_account
from tests.realistic import realistic

HISTORY = 10_000


@pytest.fixture
def world(connection: Connection) -> World:
    assert connection
    return dynamo_world(new_name("cost"))


def _post(world: World, member_id: str, lines: int, label: str = "p") -> None:
    bought = realistic(f"B20260314-{world.name}-{label}", lines)
    outcome = post_purchase(world.ports, TILL, PostPurchase(bought, MemberId(member_id)), NOW)
    assert not outcome.replayed


def _member_with(world: World, account: Account) -> str:
    """A member whose second entry leaves it with this account."""
    member_id = world.member("rich")
    head = world.ports.ledger.head(member_id)
    assert head is not None
    entry = next_entry(head.entry, account, kind=EntryKind.ADJUST, cause="test", now=NOW)
    transact([Put(entry_item(entry))])
    return member_id


def _cost_of_purchase(connection: Connection, world: World, member_id: str, lines: int) -> Meter:
    with metered(connection) as meter:
        _post(world, member_id, lines)
    assert meter.calls == ["Query", "TransactWriteItems"]
    assert _read_units(meter) == meter.read_units == 1
    return meter


def _read_units(meter: Meter) -> int:
    """Units of consistent reads by the bytes that came back."""
    return sum(max(1, -(-size // READ_UNIT_BYTES)) for size in meter.read_bytes)


@pytest.mark.parametrize(("lines", "units"), [(5, 4), (20, 6)])
def test_a_purchase_costs_two_calls_and_few_units(
    world: World, connection: Connection, lines: int, units: int
) -> None:
    member_id = world.member(points=250)
    assert _cost_of_purchase(connection, world, member_id, lines).write_units == units


@pytest.mark.parametrize(("lines", "units"), [(5, 6), (20, 8)])
def test_on_a_full_account_it_costs_little_more(
    world: World, connection: Connection, lines: int, units: int
) -> None:
    member_id = _member_with(world, full_account())
    assert _cost_of_purchase(connection, world, member_id, lines).write_units <= units


def test_a_balance_costs_one_call_and_one_unit(world: World, connection: Connection) -> None:
    for member_id in (world.member(points=250), _member_with(world, full_account())):
        with metered(connection) as meter:
            read_account(world.ports, member_id, NOW)
        assert meter.calls == ["Query"]
        assert _read_units(meter) == meter.read_units == 1


@pytest.mark.parametrize(("interests", "units"), [(30, 1), (380, 3)])
def test_a_balance_beside_much_that_offers_may_know_still_costs_one_unit_and_the_most_three(
    world: World, connection: Connection, interests: int, units: int
) -> None:
    member_id = _member_with(world, full_account())
    names = tuple(f"category-{number:04d}" for number in range(interests))
    traits = Traits(country="DE", birth_month=12, interests=names, profiling=True)
    assert len(packed_traits(traits)) > (0.9 * MOST_BYTES if units == 3 else 500)
    beside = traits_item(member_id, traits)
    beside.b = packed_behaviour(_busy())
    assert 1_300 < len(beside.b) <= MOST_BYTES_OF_BEHAVIOUR
    transact([Put(beside)])
    with metered(connection) as meter:
        read_account(world.ports, member_id, NOW)
    assert meter.calls == ["Query"]
    assert _read_units(meter) == units


def _busy() -> Behaviour:
    """What is counted of somebody who buys every day."""
    behaviour, first = Behaviour(), NOW.date() - timedelta(days=250)
    for number in range(251):
        on = first + timedelta(days=number)
        names = (f"category-{number % 12}", f"more-{number % 5}")
        sold = Bought(on, 1, 1_234 + number, names, f"store-{number % 6}", names)
        behaviour = with_bought(behaviour, sold, on)
    return behaviour


def test_a_replay_at_once_sees_its_own_entry_and_tries_no_write(
    world: World, connection: Connection
) -> None:
    member_id = world.member()
    first = world.buy("p", member_id, 1_000)
    with metered(connection) as meter:
        assert world.buy("p", member_id, 1_000).answer == first.answer
    assert meter.calls == ["Query", "Query"]
    assert world.available(member_id) == 10


def test_a_replay_after_other_operations_writes_nothing(
    world: World, connection: Connection
) -> None:
    member_id = world.member()
    first = world.buy("p", member_id, 1_000)
    world.buy("another", member_id, 1_000)
    with metered(connection) as meter:
        assert world.buy("p", member_id, 1_000).answer == first.answer
    assert meter.calls == ["Query", "TransactWriteItems", "Query"]
    assert world.available(member_id) == 20


def test_a_redemption_and_its_use_cost_five_calls(world: World, connection: Connection) -> None:
    member_id, mug = world.member(points=100), world.reward(stock=5)
    with metered(connection) as meter:
        redemption = world.redeem(member_id, mug, "k").answer.record
        use_redemption(world.ports, TILL, redemption.redemption_id, "u", NOW)
    assert meter.calls == ["Query", "GetItem", "TransactWriteItems", "Query", "TransactWriteItems"]


def test_only_a_purchase_that_is_awaited_pays_for_it(world: World, connection: Connection) -> None:
    member_id = world.member()
    with metered(connection) as early:
        world.send_back("p", "r", 400)
    with metered(connection) as awaited:
        world.buy("p", member_id, 1_000)
    assert early.calls == ["Query", "TransactWriteItems"]
    assert early.write_units == 2
    attempt = ["Query", "TransactWriteItems"]
    assert awaited.calls == [*attempt, "Query", *attempt]
    assert world.available(member_id) == 6


def test_each_redemption_that_pays_costs_one_read_also_when_the_purchase_comes_back(
    world: World, connection: Connection
) -> None:
    member_id, mug = world.member(points=100), world.reward()
    redemption_id = world.redeem(member_id, mug, "k").answer.record.redemption_id
    with metered(connection) as paid:
        world.pay("p", member_id, redemption_id, 1_000)
    with metered(connection) as back:
        world.give_back("p", "r", 400)
    assert paid.calls == ["Query", "Query", "TransactWriteItems"]
    assert paid.write_units == 8
    assert back.calls == ["Query", "Query", "Query", "TransactWriteItems"]
    assert back.write_units == 4


# --- history costs nothing -------------------------------------------------------------------


@pytest.fixture(scope="module")
def historic(bound: Settings) -> str:
    """A member with ten thousand entries."""
    assert bound
    member_id = f"mem_{new_name('historic')}"
    put_history(member_id, HISTORY, NOW - timedelta(days=3_000))
    return member_id


@pytest.mark.parametrize(("lines", "units"), [(5, 4), (20, 6)])
def test_a_purchase_costs_the_same_after_ten_thousand_entries(
    world: World, connection: Connection, historic: str, lines: int, units: int
) -> None:
    assert _cost_of_purchase(connection, world, historic, lines).write_units == units


def test_a_balance_costs_the_same_after_ten_thousand_entries(
    world: World, connection: Connection, historic: str
) -> None:
    with metered(connection) as meter:
        account = read_account(world.ports, historic, NOW).account
    assert account.available >= HISTORY
    assert meter.calls == ["Query"]
    assert _read_units(meter) == meter.read_units == 1


def test_a_balance_of_the_past_is_found_in_few_reads_after_ten_thousand_entries(
    world: World, connection: Connection, historic: str
) -> None:
    then = NOW - timedelta(days=3_000) + timedelta(hours=4_321, minutes=30)
    with metered(connection) as meter:
        account = read_account(world.ports, historic, NOW, then).account
    assert account.available == 4_322
    assert len(meter.calls) <= 16
