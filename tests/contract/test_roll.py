"""The roll of all members and how fresh each is, in memory and in DynamoDB."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.freshness import Freshness, FreshnessChange
from chalicelib.domain.identifiers import Channel
from chalicelib.settings import Settings
from chalicelib.storage.roll import DynamoRoll
from chalicelib.usecases.ports import PeopleWrite, Roll, RollRow
from tests.ledger_world import new_name
from tests.own_tables import own_tables
from tests.people_world import PeopleWorld, dynamo_people_world, fake_people_world

AT = datetime(2026, 5, 1, 12, 0, 0, 123_000, tzinfo=UTC)
LATER = AT + timedelta(days=1)


@pytest.fixture(params=["dynamo", "fake"])
def world(request: pytest.FixtureRequest) -> PeopleWorld:
    if request.param == "fake":
        return fake_people_world()[0]
    assert isinstance(request.getfixturevalue("bound"), Settings)
    return dynamo_people_world(new_name("roll"))


@pytest.fixture
def change(world: PeopleWorld) -> Callable[..., None]:
    """Writes what a change of a member says of its freshness."""

    def write(member_id: str, **said: object) -> None:
        changed = FreshnessChange(**said)  # type: ignore[arg-type]  # its fields, by name
        saved = world.ports.people.save(PeopleWrite(member_id, freshness=changed))
        assert saved == "saved"

    return write


def rows(roll: Roll, among: set[str]) -> list[RollRow]:
    """The rows of some members, of all pages."""
    found: list[RollRow] = []
    page = roll.page(None)
    found += page.rows
    while page.cursor is not None:
        page = roll.page(page.cursor)
        found += page.rows
    return [row for row in found if row.member_id in among]


def test_of_a_newcomer_nothing_was_heard_since(world: PeopleWorld) -> None:
    somebody = world.enrol("a").answer.member_id
    assert world.ports.roll.fresh(somebody) == Freshness(somebody)


def test_what_changes_say_adds_up(world: PeopleWorld, change: Callable[..., None]) -> None:
    somebody = world.enrol("a").answer.member_id
    change(somebody, active_at=AT)
    change(somebody, bounced={Channel.EMAIL: AT})
    change(somebody, confirmed_at=LATER, healed={Channel.PHONE: LATER})
    assert world.ports.roll.fresh(somebody) == Freshness(
        somebody,
        confirmed_at=LATER,
        active_at=AT,
        bounced={Channel.EMAIL: AT},
        healed={Channel.PHONE: LATER},
    )


def test_what_the_worker_writes_and_what_changes_say_stand_beside_each_other(
    world: PeopleWorld, change: Callable[..., None]
) -> None:
    somebody, roll = world.enrol("a").answer.member_id, world.ports.roll
    first = Freshness(somebody, 1, asked_at=AT, warned_at=AT, seen_on=date(2026, 4, 1), by="r1")
    assert roll.keep(first)
    change(somebody, active_at=LATER, confirmed_at=LATER)
    assert roll.keep(Freshness(somebody, 2, warned_at=AT, told_at=AT, by="r2"))
    found = roll.fresh(somebody)
    assert (found.version, found.by) == (2, "r2")
    assert (found.asked_at, found.warned_at, found.told_at) == (None, AT, AT)
    assert (found.active_at, found.confirmed_at) == (LATER, LATER)


def test_a_version_is_written_once(world: PeopleWorld) -> None:
    somebody, roll = world.enrol("a").answer.member_id, world.ports.roll
    assert roll.keep(Freshness(somebody, 1, asked_at=AT, by="r1"))
    assert not roll.keep(Freshness(somebody, 1, asked_at=LATER, by="r2"))
    assert not roll.keep(Freshness(somebody, 3, asked_at=LATER, by="r2"))
    assert roll.fresh(somebody).by == "r1"


def test_every_member_is_on_one_page_with_all_that_decides(
    world: PeopleWorld, change: Callable[..., None]
) -> None:
    world.sign_up("waits")
    members = [world.member(f"m{n}") for n in range(5)] + [world.enrol("till").answer.member_id]
    change(members[1], active_at=LATER)
    assert world.ports.roll.keep(Freshness(members[2], 1, asked_at=AT, by="r1"))
    found = {row.member_id: row for row in rows(world.ports.roll, {*members})}
    assert len(rows(world.ports.roll, {*members})) == len(found) == len(members)
    assert found[members[1]].fresh.active_at == LATER
    assert found[members[2]].fresh == world.ports.roll.fresh(members[2])
    assert found[members[0]].verified == {Channel.EMAIL}
    assert found[members[5]].verified == frozenset()
    kept = world.ports.people.member(members[0])
    assert kept is not None
    assert found[members[0]].enrolled_at == kept.enrolled_at


@pytest.fixture
def nobody_else(connection: Connection) -> Iterator[None]:
    """Tables in which there is nobody yet."""
    with own_tables(connection):
        yield


@pytest.mark.usefixtures("nobody_else")
@pytest.mark.parametrize("page_items", [1, 2, 3, 7])
def test_a_member_whose_items_a_page_ends_among_is_whole(page_items: int) -> None:
    world = dynamo_people_world(new_name("roll"))
    members = {world.member(f"m{n}") for n in range(3)}
    for member_id in members:
        assert world.ports.roll.keep(Freshness(member_id, 1, asked_at=AT, by="r1"))
    found = rows(DynamoRoll(page_items), members)
    assert {row.member_id for row in found} == members
    assert [row.fresh.version for row in found] == [1, 1, 1]
