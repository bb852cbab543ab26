"""Roots of days: the same promises kept by the store and by the fake."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.merkle import EMPTY, Leaf, bucket_root, newest_leaves, place_of
from chalicelib.domain.roots import Root, Signature, SignedRoot
from chalicelib.storage.anchors import DynamoAnchors, RootItem
from chalicelib.storage.tables import AnchorItem
from chalicelib.usecases.ports import StoreNewer
from chalicelib.usecases.ports.roots import Anchors, Bucket
from tests.fakes.anchors import FakeAnchors
from tests.own_tables import own_tables

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)
SIGNATURE = Signature("arn:key", "ECDSA_SHA_256", "-----BEGIN PUBLIC KEY-----\n", b"\x30signed")


@pytest.fixture(params=["store", "fake"])
def anchors(request: pytest.FixtureRequest) -> Iterator[Anchors]:
    if request.param == "fake":
        yield FakeAnchors()
        return
    with own_tables(request.getfixturevalue("connection"), AnchorItem):
        yield DynamoAnchors(leaves_an_item=3)


@pytest.fixture
def empty(connection: Connection) -> Iterator[None]:
    with own_tables(connection, AnchorItem):
        yield


def leaves(number: int, seq: int = 1) -> list[Leaf]:
    """So many leaves of one bucket, in the order of their places."""
    places = sorted(b"\x07" + place_of(f"mem_{n}")[1:] for n in range(number))
    return [Leaf(place, seq + n, bytes([n]) * 32) for n, place in enumerate(places)]


def signed(day: date) -> SignedRoot:
    root = Root(day, place_of(str(day)), 12, NOON, NOON + timedelta(minutes=3))
    return SignedRoot(root, SIGNATURE)


def test_a_root_is_read_as_it_was_published(anchors: Anchors) -> None:
    assert anchors.root(DAY) is None
    assert anchors.publish(signed(DAY)) == signed(DAY)
    assert anchors.root(DAY) == signed(DAY)


def test_the_first_root_of_a_day_counts_for_ever(anchors: Anchors) -> None:
    other = replace(signed(DAY), root=replace(signed(DAY).root, accounts=99))
    anchors.publish(signed(DAY))
    assert anchors.publish(other) == signed(DAY)
    assert anchors.root(DAY) == signed(DAY)


def test_roots_come_newest_first_and_in_pages(anchors: Anchors) -> None:
    days = [DAY + timedelta(days=n) for n in (0, 1, 40)]
    for day in (days[1], days[2], days[0]):
        anchors.publish(signed(day))
    assert [s.root.day for s in anchors.roots(None, 2)] == [days[2], days[1]]
    assert [s.root.day for s in anchors.roots(days[1], 2)] == [days[0]]
    assert anchors.roots(days[0], 2) == []


def test_a_day_is_begun_once_and_the_newest_is_found(anchors: Anchors) -> None:
    assert anchors.begun() is None
    anchors.begin(DAY, NOON)
    anchors.begin(DAY, NOON + timedelta(hours=1))
    assert anchors.begun() == (DAY, NOON)
    anchors.begin(DAY + timedelta(days=1), NOON + timedelta(days=1))
    assert anchors.begun() == (DAY + timedelta(days=1), NOON + timedelta(days=1))


def test_all_that_was_noted_of_a_page_is_kept_also_what_differs(anchors: Anchors) -> None:
    one, two = leaves(7), leaves(8, seq=5)
    for _ in range(2):
        anchors.note(DAY, 0, one)
    anchors.note(DAY, 0, two)
    anchors.note(DAY, 1, one[:1])
    anchors.note(DAY + timedelta(days=1), 0, leaves(20))
    assert newest_leaves(anchors.noted(DAY)) == newest_leaves([*one, *two])


@pytest.mark.parametrize("number", [0, 1, 3, 4, 10])
def test_a_bucket_is_read_whole_in_the_order_of_its_leaves(anchors: Anchors, number: int) -> None:
    mine = leaves(number)
    sealed = anchors.seal(DAY, 7, bucket_root(mine), mine)
    assert sealed == Bucket(bucket_root(mine), number)
    assert anchors.buckets(DAY) == {7: sealed}
    assert anchors.leaves(sealed) == mine


def test_a_bucket_that_is_sealed_stays_as_it_is(anchors: Anchors) -> None:
    first, late = leaves(4), leaves(5)
    sealed = anchors.seal(DAY, 7, bucket_root(first), first)
    assert anchors.seal(DAY, 7, bucket_root(late), late) == sealed
    assert anchors.leaves(anchors.buckets(DAY)[7]) == first


def test_an_empty_bucket_and_one_that_did_not_change_are_sealed_like_any_other(
    anchors: Anchors,
) -> None:
    mine, tomorrow = leaves(2), DAY + timedelta(days=1)
    for day in (DAY, tomorrow):
        anchors.seal(day, 7, bucket_root(mine), mine)
        anchors.seal(day, 8, EMPTY, [])
    assert anchors.buckets(tomorrow) == {7: Bucket(bucket_root(mine), 2), 8: Bucket(EMPTY, 0)}
    assert anchors.leaves(Bucket(EMPTY, 0)) == []


def test_a_bucket_whose_writer_died_halfway_is_completed(anchors: Anchors) -> None:
    mine = leaves(10)
    anchors.seal(DAY, 7, bucket_root(mine), mine[:3])  # as much as was written then
    sealed = anchors.seal(DAY + timedelta(days=1), 7, bucket_root(mine), mine)
    assert anchors.leaves(sealed) == mine


@pytest.mark.usefixtures("empty")
def test_parts_of_two_sizes_are_read_as_one_bucket() -> None:
    mine = leaves(10)
    DynamoAnchors(leaves_an_item=10).seal(DAY, 7, bucket_root(mine), mine)
    sealed = DynamoAnchors(leaves_an_item=3).seal(
        DAY + timedelta(days=1), 7, bucket_root(mine), mine
    )
    assert DynamoAnchors().leaves(sealed) == mine


@pytest.mark.usefixtures("empty")
def test_the_largest_item_is_far_below_what_an_item_may_have() -> None:
    many = [Leaf(n.to_bytes(32, "big"), 2**53, bytes(32)) for n in range(4_001)]
    anchors = DynamoAnchors()
    sealed = anchors.seal(DAY, 0, bucket_root(many), many)
    assert anchors.leaves(sealed) == many


@pytest.mark.usefixtures("empty")
def test_a_root_of_a_newer_format_is_refused_not_half_read() -> None:
    anchors = DynamoAnchors()
    anchors.publish(signed(DAY))
    item = RootItem.get("ROOT", DAY.isoformat())
    item.format = 2
    item.save()
    with pytest.raises(StoreNewer):
        anchors.root(DAY)
