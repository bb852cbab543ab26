"""What a member buys is counted right while tills write, the consent comes and goes, and several
workers follow the same account at once, each with records that come late and twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.names import Namer
from chalicelib.domain.traits import Traits
from chalicelib.storage.people import DynamoPeople
from chalicelib.usecases.follow_behaviour import follow_behaviour
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.ports import PeopleWrite, TraitsChange
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from tests.fakes.outside import FakeVault
from tests.ledger_world import NOW, TILL, World, dynamo_world, line, new_name, purchase

PURCHASES = 25


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_at_once_the_digest_is_that_of_the_history(
    connection: Connection, seed: int
) -> None:
    assert connection
    world = dynamo_world(new_name("busy"))
    people = DynamoPeople(FakeVault(), Namer(b"n" * 32))
    world = replace(world, ports=replace(world.ports, people=people))
    member_id = _member(world)
    draws = [Random(f"{seed}/{number}") for number in range(5)]
    works: list[Callable[[], None]] = [
        partial(_buy, world, member_id, "a", draws[0]),
        partial(_buy, world, member_id, "b", draws[1]),
        partial(_follow, world, member_id, draws[2]),
        partial(_follow, world, member_id, draws[3]),
        partial(_change_its_mind, world, member_id, draws[4]),
    ]
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()

    follow_behaviour(world.ports, member_id)
    counted = _digest(world, member_id)
    change_traits(world.ports, member_id, partial(replace, profiling=False))
    assert _digest(world, member_id) is None
    change_traits(world.ports, member_id, partial(replace, profiling=True))
    follow_behaviour(world.ports, member_id)
    assert counted is not None
    assert _digest(world, member_id) == counted
    assert sum(purchases for _, purchases, _ in (*counted.days, *counted.weeks)) <= 2 * PURCHASES
    lists = world.ports.people.traits(member_id)
    assert lists is not None
    assert len(lists.lists) == PURCHASES  # no change of it was lost on the way


def _member(world: World) -> str:
    member_id = f"mem_{world.name}_mia"
    traits = TraitsChange(None, Traits(profiling=True))
    opened = opening_entry(member_id, AccountStatus.ACTIVE, NOW)
    assert world.ports.people.save(PeopleWrite(member_id, traits=traits, opened=opened)) == "saved"
    return member_id


def _buy(world: World, member_id: str, tag: str, draw: Random) -> None:
    for number in range(PURCHASES):
        label, amount = f"{tag}{number}", draw.randrange(1, 90) * 100
        at = NOW - timedelta(days=draw.randrange(200))
        category = draw.choice(["tea", "beans", "mugs"])
        bought = purchase(world.purchase_id(label), line("1", amount, category=category), at=at)
        post_purchase(world.ports, TILL, PostPurchase(bought, MemberId(member_id)), NOW)
        if draw.random() < 0.4:
            world.give_back(label, "r", amount if draw.random() < 0.5 else amount // 2)


def _follow(world: World, member_id: str, draw: Random) -> None:
    for _ in range(2 * PURCHASES):
        follow_behaviour(world.ports, member_id, draw.choice([None, 2, 5, 30]))


def _change_its_mind(world: World, member_id: str, draw: Random) -> None:
    for number in range(PURCHASES):
        granted = draw.random() < 0.6

        def change(traits: Traits, name: str = f"seg_{number}", may: bool = granted) -> Traits:
            return replace(traits, profiling=may, lists=(*traits.lists, name))

        change_traits(world.ports, member_id, change)
        head = world.ports.ledger.head(member_id)
        assert head is not None
        assert head.traits.profiling == granted
        assert granted or head.behaviour is None
    change_traits(world.ports, member_id, partial(replace, profiling=True))


def _digest(world: World, member_id: str) -> Behaviour | None:
    head = world.ports.ledger.head(member_id)
    assert head is not None
    return head.behaviour
