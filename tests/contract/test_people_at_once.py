"""Members when many act at once, on the local AWS."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.consents import Statement
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.profile_patch import ProfilePatch
from chalicelib.domain.refusals import AlreadyMember, CodeRefused, Conflict, VersionStale
from chalicelib.usecases.change_member import change_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.set_consents import set_consents
from tests.people_world import NOW, PeopleWorld, dynamo_people_world, token

_numbers = count(1)


@pytest.fixture
def world(connection: Connection) -> PeopleWorld:
    assert connection
    return dynamo_people_world(f"once{next(_numbers)}x{os.getpid()}")


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """What each act gave or raised, all of them started together."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        ready.wait()
        try:
            return act()
        except Exception as error:  # told apart by the caller
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_many_enrolments_of_one_address_one_becomes_the_member(world: PeopleWorld) -> None:
    outcomes = at_once([lambda: world.enrol("ada")] * 12)
    refused = [outcome for outcome in outcomes if isinstance(outcome, AlreadyMember)]
    assert len(refused) == 11
    member_id = world.ports.people.find(Identifier(Kind.EMAIL, world.email("ada")))
    assert {refusal.member_id for refusal in refused} == {member_id}


def test_of_many_enrolments_under_one_key_one_is_new(world: PeopleWorld) -> None:
    outcomes = at_once([lambda: world.enrol("ada", key="k")] * 12)
    answers = {outcome.answer for outcome in outcomes}  # type: ignore[attr-defined]  # none was refused
    assert len(answers) == 1
    assert [outcome.replayed for outcome in outcomes].count(False) == 1  # type: ignore[attr-defined]  # the same


def test_of_a_code_sent_back_many_times_at_once_one_is_good(world: PeopleWorld) -> None:
    ref = world.sign_up("ada")
    code = world.code(world.email("ada"))
    outcomes = at_once([lambda: world.verify(ref, code)] * 5)
    good = [outcome for outcome in outcomes if not isinstance(outcome, CodeRefused)]
    assert len(good) == 1, outcomes


def test_of_many_guesses_at_once_five_are_compared(world: PeopleWorld) -> None:
    ref = world.sign_up("ada")
    right = world.code(world.email("ada"))
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    at_once([lambda: world.verify(ref, wrong)] * 8)
    with pytest.raises(CodeRefused):
        world.verify(ref, right)


def test_an_enrolment_and_a_sign_up_of_one_address_give_one_member(world: PeopleWorld) -> None:
    for number in range(6):
        label = f"ada{number}"
        ref = world.sign_up(label)
        code = world.code(world.email(label))

        def enrol(label: str = label) -> object:
            return world.enrol(label)

        def verify(ref: SubjectRef = ref, code: str = code) -> object:
            return world.verify(ref, code)

        enrolled, joined = at_once([enrol, verify])
        member_id = world.ports.people.find(Identifier(Kind.EMAIL, world.email(label)))
        assert member_id is not None
        if isinstance(enrolled, AlreadyMember):
            assert enrolled.member_id == member_id
        else:
            assert enrolled.answer.member_id == member_id  # type: ignore[attr-defined]  # an Outcome
        assert joined.member_id == member_id  # type: ignore[attr-defined]  # a Joining
        member, head = (
            world.ports.people.member(member_id),
            world.ports.ledger.head(member_id),
        )
        assert member is not None
        assert head is not None
        assert member.status == head.entry.account().status == AccountStatus.ACTIVE


def test_of_many_changes_of_one_version_one_lands(world: PeopleWorld) -> None:
    member_id = world.member("ada")
    caller = token("s", member_id)

    def change(locale: str) -> object:
        patch = ProfilePatch(locale=locale)
        return change_member(world.ports, caller, member_id, patch, "2", NOW)

    outcomes = at_once([partial(change, locale) for locale in ("de", "fr", "it")])
    landed = [outcome for outcome in outcomes if not isinstance(outcome, VersionStale)]
    assert landed == [world.ports.people.member(member_id)]


def test_of_two_members_who_prove_one_address_at_once_one_gets_it(world: PeopleWorld) -> None:
    wanted = world.email("wanted")
    members = [world.member("ada"), world.member("ben")]
    codes = []
    for member_id in members:
        caller = token("s", member_id)
        change_member(world.ports, caller, member_id, ProfilePatch(email=wanted), "2", NOW)
        codes.append(world.code(wanted))

    def prove(place: int) -> object:
        return world.verify(SubjectRef(member_id=members[place]), codes[place])

    outcomes = at_once([lambda: prove(0), lambda: prove(1)])
    winner = world.ports.people.find(Identifier(Kind.EMAIL, wanted))
    lost = outcomes[1 - members.index(winner or "")]
    assert isinstance(lost, Conflict)
    assert lost.reason == "identifier_taken"


def test_of_two_members_who_bring_one_token_at_once_one_is_linked(world: PeopleWorld) -> None:
    members = [world.enrol(label).answer.member_id for label in ("ada", "ben")]
    codes = [world.code(world.email(label)) for label in ("ada", "ben")]
    caller = token(f"sub-{world.name}")

    def prove(place: int) -> object:
        return world.verify(SubjectRef(member_id=members[place]), codes[place], caller)

    outcomes = at_once([lambda: prove(0), lambda: prove(1)])
    assert [outcome.status for outcome in outcomes] == ["active", "active"]  # type: ignore[attr-defined]  # both joined
    linked = [world.ports.people.member(member_id) for member_id in members]
    assert sorted(member.linked for member in linked if member) == [False, True]


def test_consents_said_at_once_are_all_in_the_record(world: PeopleWorld) -> None:
    member_id = world.member("ada")

    def say(version: str) -> object:
        said = Statement("marketing_mail", granted=True, policy_version=version)
        return set_consents(world.ports, member_id, [said], NOW)

    at_once([partial(say, str(number)) for number in range(6)])
    records = world.ports.people.consents(member_id, None, 20)
    assert [record.seq for record in records] == [7, 6, 5, 4, 3, 2, 1]
    assert {record.said.policy_version for record in records[:6]} == set("012345")
    traits = world.ports.people.traits(member_id)
    assert traits is not None
    assert traits.purposes == ("loyalty_terms", "marketing_mail")
