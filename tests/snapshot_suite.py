"""What every engine that asks a snapshot promises: a contract suite. Whoever runs it has a fixture
`snapshot`, an empty one.
"""

import gzip
from datetime import timedelta
from random import Random

from chalicelib.domain.condition_sql import where
from chalicelib.domain.conditions import compiled
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.snapshot_columns import COLUMNS, Dataset, Row
from chalicelib.usecases.ports import AsOf, AudienceCount, SnapshotQuery, Where
from tests.conditions_world import some_condition, some_facts
from tests.snapshot_world import NOW, TODAY, Snapshot, gone, member, member_of, purchase

MAIL, SMS, PUSH = MessageChannel.MAIL, MessageChannel.SMS, MessageChannel.PUSH
EARLIER, LATER, TOMORROW = (NOW + timedelta(hours=hours) for hours in (-72, 1, 24))


def bought(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """Who bought for how much, by its names."""
    query = "SELECT member_id, sum(amount_minor) FROM {purchases} AS p GROUP BY 1 ORDER BY 1"
    return [tuple(row) for row in snapshot.queries.rows(SnapshotQuery(query))]


def test_a_snapshot_is_told_from_its_first_change_on_and_is_as_fresh_as_its_newest(
    snapshot: Snapshot,
) -> None:
    queries = snapshot.queries
    assert queries.as_of() == AsOf()
    assert queries.count(Where()) == AudienceCount(0, 0, 0, 0)
    assert snapshot.ids() == []

    snapshot.change(member("m1", reached=[MAIL, SMS]), member("m2", reached=[PUSH]), member("m3"))
    snapshot.change(member("m4", LATER, reached=[MAIL]), at=LATER)

    assert queries.as_of() == AsOf(None, LATER)
    assert queries.count(Where()) == AudienceCount(members=4, mail=2, sms=1, push=1)
    first = queries.members(Where(), None, 3)
    assert (first.members, first.after) == (("m1", "m2", "m3"), "m3")
    second = queries.members(Where(), first.after, 3)
    assert (second.members, second.after) == (("m4",), None)


def test_of_a_member_the_newest_row_counts_and_who_was_erased_or_merged_is_none(
    snapshot: Snapshot,
) -> None:
    # Rows come in any order, and twice.
    snapshot.change(member("m1", LATER, seq=9, tier="gold"), member("m2", tier="gold"))
    snapshot.change(member("m1", tier="none"), gone("m2", LATER), member("m2", tier="gold"))
    snapshot.change(member("m3", tier="gold", merged=True), at=LATER)
    snapshot.change(purchase("p1", "m1"), purchase("p2", "m2"), dataset=Dataset.PURCHASES)
    snapshot.change(purchase("p1", "m1"), purchase("p3", "m3"), at=LATER, dataset=Dataset.PURCHASES)

    assert snapshot.ids("tier = ?", "gold") == ["m1"]
    assert bought(snapshot) == [("m1", 100), ("m3", 100)]


def test_a_base_takes_the_place_of_what_it_was_made_of_and_what_comes_later_lies_on_it(
    snapshot: Snapshot,
) -> None:
    old = TODAY - timedelta(days=800)
    snapshot.change(member("m1", tier="none"), member("m2"), member("m3"), member("m5"))
    snapshot.change(gone("m3", LATER), at=LATER)
    snapshot.change(purchase("p1", "m1"), purchase("p3", "m3"), dataset=Dataset.PURCHASES)
    snapshot.change(purchase("p2", "m1", old), at=EARLIER, dataset=Dataset.PURCHASES)
    snapshot.files.put_all(TODAY, 0, [member("m1", LATER, tier="gold"), member("m2", LATER)])
    snapshot.files.put_all(TODAY, 1, [member("m4", LATER)])

    snapshot.queries.compact(TODAY)

    assert snapshot.queries.as_of() == AsOf(TODAY, LATER)
    assert snapshot.ids() == ["m1", "m2", "m4", "m5"]
    assert snapshot.ids("tier = ?", "gold") == ["m1"]
    assert bought(snapshot) == [("m1", 100)]  # the old one is forgotten, p3 is of who was erased

    snapshot.change(member("m1", TOMORROW, tier="silver"), at=TOMORROW)
    snapshot.change(purchase("p4", "m1"), at=TOMORROW, dataset=Dataset.PURCHASES)
    assert snapshot.ids("tier = ?", "silver") == ["m1"]
    assert bought(snapshot) == [("m1", 200)]


def test_what_was_erased_is_in_no_object_three_days_later_and_a_base_is_made_once_a_day(
    snapshot: Snapshot,
) -> None:
    snapshot.change(member("m1"), member("m2"))
    snapshot.change(purchase("p1", "m1"), purchase("p2", "m2"), dataset=Dataset.PURCHASES)
    days = [TODAY + timedelta(days=number) for number in range(5)]
    for number, day in enumerate(days):
        at = NOW + timedelta(days=number)
        if number == 1:
            snapshot.change(gone("m2", at), at=at)
        there = ["m1"] if number else ["m1", "m2"]
        snapshot.files.put_all(day, 0, [member(one, at) for one in there])
        snapshot.queries.compact(day)
        before = snapshot.files.current()
        snapshot.queries.compact(day)
        snapshot.queries.compact(TODAY)
        assert snapshot.files.current() == before

    assert snapshot.ids() == ["m1"]
    assert bought(snapshot) == [("m1", 100)]
    objects = snapshot.files.objects
    parts = {found.name.split("part=")[1][:10] for found in objects.find("base/")}
    assert parts == {str(day) for day in days[-2:]}  # made after the erasure
    assert bought(snapshot) == [("m1", 100)]  # what an engine keeps of objects goes with them
    lines = [one.name for kind in ("all", "changes") for one in objects.find(f"{kind}/")]
    assert not any(b'"m2"' in gzip.decompress(objects.read(name) or b"") for name in lines)


def test_lines_are_told_of_those_alone_who_let_us_look_at_what_they_buy(
    snapshot: Snapshot,
) -> None:
    snapshot.change(member("m1"), member("m2", profiling=False))
    line = {"name": "p", "day": str(TODAY), "sku": "beans", "category": None}
    snapshot.change(
        {**line, "event": "p/1", "member_id": "m1"},
        {**line, "event": "p/2", "member_id": "m2"},
        dataset=Dataset.LINES,
    )
    query = SnapshotQuery("SELECT member_id, sku, category FROM {lines} AS l")
    assert snapshot.queries.rows(query) == [("m1", "beans", None)]


def test_a_sample_is_the_same_for_the_same_snapshot(snapshot: Snapshot) -> None:
    snapshot.change(*(member(f"m{number}", lifetime_points=number) for number in range(30)))
    sample = snapshot.queries.sample(Where("lifetime_points >= ?", (10,)), 5)
    assert len({row["member_id"] for row in sample}) == 5
    assert all(row["member_id"] == f"m{row['lifetime_points']}" for row in sample)
    assert snapshot.queries.sample(Where("lifetime_points >= ?", (10,)), 5) == sample


def test_a_condition_finds_the_members_that_its_predicate_finds(snapshot: Snapshot) -> None:
    random = Random(5)
    people = {f"m{number:03}": some_facts(random) for number in range(60)}
    rows: list[Row] = []
    for name, facts in people.items():
        known = {fact.replace("shoe_size", "drink"): value for fact, value in facts.items()}
        rows.append(member_of(name, known))
    snapshot.change(*rows)
    told_apart = 0
    for _ in range(8):
        condition = some_condition(random)
        text, parameters = where(condition, snapshot.queries.dialect)
        text = text.replace("shoe_size", "drink")
        expected = [name for name, facts in people.items() if compiled(condition)(facts)]
        found = snapshot.queries.members(Where(text, parameters), None, 100)
        assert list(found.members) == expected, text
        told_apart += 0 < len(expected) < len(people)
    assert told_apart > 3


def test_every_dataset_has_a_table_in_every_answer(snapshot: Snapshot) -> None:
    for dataset in Dataset:
        names = ", ".join(f'"{name}"' for name in COLUMNS[dataset])
        query = SnapshotQuery(f"SELECT {names} FROM {{{dataset}}} AS d")  # noqa: S608  # our own names
        assert snapshot.queries.rows(query) == [], dataset
