"""Who may be written to, over DynamoDB and in memory, whatever happens, also at once."""

import os
from dataclasses import replace
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.consents import Statement
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.letters import Letter
from chalicelib.domain.names import Namer
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.reach import SHARDS, Audience, shard_of
from chalicelib.domain.refusals import MemberErased
from chalicelib.storage import keys
from chalicelib.storage.eraser import DynamoEraser
from chalicelib.storage.gone import GoneItem
from chalicelib.usecases.contact import SERVICE, Address, may_write, send_to
from chalicelib.usecases.enrol_member import enrol_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.ports import PeopleWrite, Verdict, Write
from chalicelib.usecases.reach_of import reach_change
from tests.fakes.outside import FakeVault
from tests.ledger_world import NAMING_SECRET
from tests.people_world import (
    NOW,
    TERMS,
    TILL,
    PeopleWorld,
    dynamo_people_world,
    fake_people_world,
)
from tests.reachable import EVERY, MAIL, SMS, Reachable, reachable
from tests.simulation.turnstile import Order, Turnstile

_numbers = count(1)
NEWS, OFFERS_MAIL, OFFERS_SMS = EVERY


@pytest.fixture(params=["memory", "dynamodb"])
def world(request: pytest.FixtureRequest) -> PeopleWorld:
    if request.param == "memory":
        return fake_people_world()[0]
    request.getfixturevalue("connection")
    return own_world()


def own_world() -> PeopleWorld:
    return dynamo_people_world(f"aud{next(_numbers)}x{os.getpid()}")


def everywhere(world: PeopleWorld) -> Reachable:
    """A member in every audience there is."""
    ada = reachable(world)
    for name in ("grant news", "confirm", "grant offers", "prove a phone"):
        ada.acts()[name]()
    assert ada.audiences == set(EVERY)
    return ada


def test_a_member_enters_by_consent_that_is_in_force_on_channels_that_are_proved(
    world: PeopleWorld,
) -> None:
    ada = reachable(world)
    assert ada.audiences == set()
    ada.says("news", granted=True)
    assert ada.audiences == set()
    ada.confirms()
    assert ada.audiences == {NEWS}
    ada.says("offers", granted=True)
    assert ada.audiences == {NEWS, OFFERS_MAIL}
    ada.proves_phone()
    assert ada.audiences == set(EVERY)


def test_who_joins_with_consent_is_in_the_audience_when_its_address_is_proved(
    world: PeopleWorld,
) -> None:
    reachable(world)  # for its program
    offers = Statement("offers", granted=True, policy_version="1")
    asked = replace(world.request("ben"), consents=(TERMS, offers))
    ben = Reachable(world, enrol_member(world.ports, TILL, asked, None, NOW).answer.member_id)
    assert ben.audiences == set()
    world.verify(SubjectRef(member_id=ben.member_id), world.code(world.email("ben")))
    assert ben.audiences == {OFFERS_MAIL} == ben.by_records()


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ("withdraw news", {OFFERS_MAIL, OFFERS_SMS}),
        ("leave offers", {NEWS}),
        ("leave service mails", {OFFERS_SMS}),
        ("want text messages", {OFFERS_SMS}),
        ("want nothing", set()),
        ("give up the phone", {NEWS, OFFERS_MAIL}),
        ("freeze", set()),
    ],
)
def test_a_member_leaves_with_the_call_that_takes_its_reason_away(
    world: PeopleWorld, change: str, left: set[Audience]
) -> None:
    ada = everywhere(world)
    ada.acts()[change]()
    assert ada.audiences == left == ada.by_records()


def test_a_member_whose_account_is_active_again_is_back(world: PeopleWorld) -> None:
    ada = everywhere(world)
    ada.status(AccountStatus.FROZEN)
    ada.says("news", granted=False)
    assert ada.audiences == set()
    ada.status(AccountStatus.ACTIVE)
    assert ada.audiences == {OFFERS_MAIL, OFFERS_SMS}


def test_a_shard_is_read_in_pages_and_counted(world: PeopleWorld) -> None:
    club = [reachable(world, f"m{number}") for number in range(7)]
    for ada in club:
        ada.says("offers", granted=True)
    seen: list[str] = []
    sizes = 0
    for shard in range(SHARDS):
        after = None
        pages: list[tuple[str, ...]] = []
        while not pages or after is not None:
            page = world.ports.audiences.page(OFFERS_MAIL, shard, after)
            after = page.after
            pages.append(page.members)
        members = [member for found in pages for member in found]
        assert members == sorted(members)
        assert all(shard_of(member) == shard for member in members)
        assert world.ports.audiences.size(OFFERS_MAIL, shard) == len(members)
        seen += members
        sizes += len(members)
    assert {ada.member_id for ada in club} <= set(seen)
    assert len(set(seen)) == sizes


def test_a_change_that_builds_on_older_facts_is_not_written(world: PeopleWorld) -> None:
    ada = everywhere(world)
    people, kept = world.ports.people, world.ports.people.reach(ada.member_id)
    assert kept is not None
    change = reach_change(kept, preferences=Preferences())
    ada.wants(SMS)
    assert people.save(PeopleWrite(ada.member_id, reach=change)) == "stale"
    entry = world.ports.ledger.head(ada.member_id)
    assert entry is not None
    again = next_entry(
        entry.entry,
        entry.entry.account(),
        kind=EntryKind.STATUS,
        cause="t:1",
        now=entry.entry.at,
    )
    write = Write((), (again,), reach={ada.member_id: change})
    assert world.ports.ledger.commit(write) is Verdict.ENTRY_TAKEN
    assert ada.audiences == {OFFERS_SMS}


def test_nothing_is_written_of_a_member_that_is_being_erased(connection: Connection) -> None:
    assert connection
    ada = reachable(own_world())
    GoneItem(keys.member(ada.member_id), keys.GONE, at="2026-03-14T12:00:00.000Z").save()
    with pytest.raises(MemberErased):
        ada.says("offers", granted=True)
    with pytest.raises(MemberErased):
        ada.status(AccountStatus.FROZEN)
    assert ada.audiences == set()


def test_whoever_begins_to_be_erased_gets_no_letter_from_then_on(connection: Connection) -> None:
    assert connection
    world = own_world()
    ada = everywhere(world)
    address = may_write(world.ports, ada.member_id, SERVICE, MAIL, NOW)
    assert isinstance(address, Address)
    eraser = DynamoEraser(FakeVault(), Namer(NAMING_SECRET))
    for _ in range(2):  # it goes on where it was broken off
        eraser.silence(ada.member_id)
        assert ada.audiences == set()
        assert not isinstance(may_write(world.ports, ada.member_id, SERVICE, MAIL, NOW), Address)
        assert not send_to(world.ports, address, Letter("Points", "They expire."))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("grant offers", "want text messages"),
        ("leave offers", "prove a phone"),
        ("confirm", "want nothing"),
        ("grant offers", "freeze"),
        ("thaw", "leave offers"),
        ("confirm", "withdraw news"),
    ],
)
@pytest.mark.parametrize("lost", [None, 1])
def test_two_changes_at_once_leave_the_index_as_the_records_say(
    connection: Connection, first: str, second: str, lost: int | None
) -> None:
    ada = reachable(own_world())
    ada.says("news", granted=True)
    if first == "thaw":
        ada.says("offers", granted=True)
        ada.status(AccountStatus.FROZEN)
    both_read_then_both_write: Order = (0, 1) * 8
    turnstile = Turnstile(connection, lost)
    acts = ada.acts()
    turnstile.run([acts[first], acts[second]], both_read_then_both_write)
    assert ada.audiences == ada.by_records()
