"""By what two members are told to be alike, and who is reported as probably one person."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.likeness import Likeness, alikes_of, pair_of
from chalicelib.domain.members import Member, Name, Person, PostalAddress
from chalicelib.usecases.note_likeness import note_likeness
from chalicelib.usecases.read_duplicates import all_duplicates, duplicates_of
from tests.fakes.duplicates import FakeDuplicates
from tests.people_world import NOW, PeopleWorld, fake_people_world

ADA, BORN = Name("Ada", "Lovelace"), date(1990, 12, 10)
HOME = PostalAddress("Hauptstraße 1\nHinterhaus", "Berlin", "DE", "10115")


def member(**person: object) -> Member:
    """Somebody of whom only this is known."""
    return Member("mem_a", "2900000000001", 1, Person(**person), NOW)  # type: ignore[arg-type]  # fields by name


def shared(one: Member, other: Member) -> set[Likeness]:
    """In what two are alike."""
    return {alike.likeness for alike in alikes_of(one) & alikes_of(other)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.da@gmail.com", "ada@gmail.com"),
        ("ada+shop@example.com", "Ada@example.com"),
        ("аda@example.com", "ada@example.com"),  # the first letter is Cyrillic
        ("adα@example.com", "ada@example.com"),  # the last one is Greek
        ("ada@googlemail.com", "ada@gmail.com"),
        ("àda@example.com", "ada@example.com"),
    ],
)
def test_mailboxes_that_differ_in_what_no_eye_sees_are_alike(one: str, other: str) -> None:
    assert shared(member(email=one), member(email=other)) == {Likeness.MAILBOX}


@pytest.mark.parametrize(
    ("one", "other"),
    [("ada@example.com", "ida@example.com"), ("ada@example.com", "ada@example.org")],
)
def test_mailboxes_that_an_eye_tells_apart_are_not(one: str, other: str) -> None:
    assert shared(member(email=one), member(email=other)) == set()


def test_a_name_and_a_birthday_are_alike_in_any_order_and_spelling() -> None:
    one = member(name=Name("Zoë", "van Dyke"), birth_date=BORN)
    assert shared(one, member(name=Name("van Dyke", "ZOE"), birth_date=BORN)) == {Likeness.BORN}
    assert shared(one, member(name=Name("Zoe", None), birth_date=BORN)) == set()


def test_a_home_is_alike_however_its_street_is_written() -> None:
    one = member(name=ADA, postal_address=HOME)
    other = replace(HOME, street="hauptstr. 1, Hinterhaus", city="Berlin-Mitte")
    assert shared(one, member(name=ADA, postal_address=other)) == {Likeness.HOME}
    next_door = replace(HOME, street="Hauptstraße 2")
    assert shared(one, member(name=ADA, postal_address=next_door)) == set()


def test_a_phone_that_waits_for_its_code_is_alike_with_one_that_is_proved() -> None:
    proved = member(phone="+4915112345678")
    waiting = replace(member(), pending={Channel.PHONE: "+4915112345678"})
    assert shared(proved, waiting) == {Likeness.PHONE}


# --- reported ------------------------------------------------------------------------------------


def twice(world: PeopleWorld) -> list[str]:
    """Somebody who joined twice, and somebody else."""
    other = {"name": Name("Grace", "Hopper"), "birth_date": "1906-12-09"}
    ada = {"name": ADA, "birth_date": str(BORN)}
    return [world.member("a", **ada), world.member("b", **other), world.member("c", **ada)]


def test_somebody_who_joins_twice_is_reported_once_and_nobody_else_is() -> None:
    world, _ = fake_people_world()
    first, other, second = twice(world)
    both = pair_of(first, second, {Likeness.BORN})
    page = all_duplicates(world.ports, None, 25)
    assert (page.pairs, page.after) == ((both,), None)
    for member_id in (first, second):
        assert duplicates_of(world.ports, member_id) == (both,)
    assert duplicates_of(world.ports, other) == ()


def test_a_member_that_changed_is_found_no_longer_by_what_it_was() -> None:
    world, people = fake_people_world()
    first, _, second = twice(world)
    kept = people.member(second)
    assert kept is not None
    married = replace(kept, person=replace(kept.person, name=Name("Ada", "King")))
    note_likeness(world.ports, kept, married)
    assert duplicates_of(world.ports, first) == ()


def test_a_member_joins_even_where_no_report_can_be_kept() -> None:
    world, _ = fake_people_world()
    duplicates = world.ports.duplicates
    assert isinstance(duplicates, FakeDuplicates)
    duplicates.out_of_order = True
    assert world.member("a", name=ADA, birth_date=str(BORN))
