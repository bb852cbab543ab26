"""An old release and a new one run side by side while one is deployed: the old one says "try
again" of what it does not know, and never takes half of it for the whole."""

import json
from dataclasses import replace

import pytest
from pynamodb.connection import Connection
from pynamodb.models import Model

from chalicelib.domain.entries import Entry, EntryKind, next_entry
from chalicelib.domain.instants import printed
from chalicelib.storage.ledger_items import EndItem, entry_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import StoreNewer
from tests.ledger_world import NOW, World, dynamo_world, new_name
from tests.register.stored import TABLES, kinds, stored_attributes


@pytest.fixture
def world(connection: Connection) -> World:
    assert connection
    return dynamo_world(new_name("newer"))


def _next(world: World, member: str) -> Entry:
    head = world.ports.ledger.head(member)
    assert head is not None
    return next_entry(
        head.entry, head.entry.account(), kind=EntryKind.ADJUST, cause="test", now=NOW
    )


def test_a_statement_that_a_newer_release_went_on_with_is_not_half_read(world: World) -> None:
    member = world.member()
    newer = replace(_next(world, member), state='{"v":3,"s":"a"}')
    transact([Put(entry_item(newer))])

    for read in (
        lambda: world.ports.ledger.entries(member, None, 10),
        lambda: world.ports.ledger.entry(member, newer.seq),
    ):
        with pytest.raises(StoreNewer):
            read()
    assert [entry.seq for entry in world.ports.ledger.entries(member, newer.seq, 10)] == [1]


def test_a_kind_of_entry_that_a_newer_release_brought_is_told_as_such(world: World) -> None:
    member = world.member()
    item = entry_item(_next(world, member))
    item.k = "a kind of tomorrow"
    transact([Put(item)])

    with pytest.raises(StoreNewer):
        world.ports.ledger.head(member)


def test_an_end_of_a_redemption_that_a_newer_release_brought_is_told_as_such(world: World) -> None:
    member = world.member(points=60)
    issued = world.redeem(member, world.reward(), "k").answer.record
    end = {"redemption_id": issued.redemption_id, "ended_as": "an end of tomorrow"}
    text = json.dumps({**end, "at": printed(NOW), "ended_by": "somebody"})
    transact([Put(EndItem(f"X#{issued.redemption_id}", "1", d=text))])

    with pytest.raises(StoreNewer):
        world.ports.ledger.redemption(issued.redemption_id)


def test_no_kind_of_item_is_half_read_where_a_newer_release_added_an_attribute() -> None:
    """Whatever was half read would lose it with the next put."""
    stored_attributes()  # loads every module of the store
    read = [kind for table in TABLES for kind in kinds(table) if not _is_newer(kind)]
    assert read == []


def _is_newer(kind: type[Model]) -> bool:
    """Whether an item that says more than this release knows is told as such."""
    discriminator = kind._get_discriminator_attribute()
    assert discriminator is not None
    item = {"pk": {"S": "p"}, "sk": {"S": "s"}, "t": {"S": discriminator.get_discriminator(kind)}}
    assert isinstance(kind.from_raw_data(item), kind)
    try:
        kind.from_raw_data(item | {"of_tomorrow": {"S": "kept"}})
    except StoreNewer:
        return True
    return False
