"""Somebody guesses a code, a hundred times at once: five guesses are looked at, on real tables."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.codes import MOST_TRIES, Code
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.refusals import CodeRefused
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.read_newcomer import Joining
from tests.people_world import PeopleWorld, dynamo_people_world

GUESSES = 100
_numbers = count(1)


class Counting:
    """People as they are stored, and how often a code was handed out to be compared."""

    def __init__(self, people: Any) -> None:
        self._people = people
        self.looked_at: list[Code] = []

    def try_code(self, member_id: str, channel: Channel, now: datetime) -> Code | None:
        code: Code | None = self._people.try_code(member_id, channel, now)
        if code is not None:
            self.looked_at.append(code)
        return code

    def __getattr__(self, name: str) -> Any:
        return getattr(self._people, name)


@pytest.fixture
def world(connection: Connection) -> PeopleWorld:
    assert connection
    made = dynamo_people_world(f"guess{next(_numbers)}x{os.getpid()}")
    watched: Any = Counting(made.ports.people)
    return replace(made, ports=replace(made.ports, people=watched))


def looked_at(world: PeopleWorld) -> int:
    watched: Any = world.ports.people
    return len(watched.looked_at)


def at_once(guesses: Sequence[str], verify: Callable[[str], Joining]) -> list[Joining]:
    """What came of guesses that start together: whoever was let in. Whatever else happens to a
    guess than that it is refused is raised."""
    ready = threading.Barrier(len(guesses))

    def guess(digits: str) -> Joining | None:
        ready.wait()
        try:
            return verify(digits)
        except CodeRefused:
            return None

    with ThreadPoolExecutor(len(guesses)) as pool:
        return [joining for joining in pool.map(guess, guesses) if joining is not None]


def others(right: str) -> list[str]:
    """A hundred codes, none of which is the right one."""
    return [f"{(int(right) + step) % 10**6:06d}" for step in range(1, GUESSES + 1)]


def test_of_a_hundred_wrong_guesses_at_once_five_are_looked_at_and_the_code_is_dead(
    world: PeopleWorld,
) -> None:
    ref = world.sign_up("ada")
    right = world.code(world.email("ada"))
    assert at_once(others(right), lambda digits: world.verify(ref, digits)) == []
    assert looked_at(world) == MOST_TRIES == 5
    with pytest.raises(CodeRefused):
        world.verify(ref, right)
    assert looked_at(world) == 5


def test_a_member_s_own_code_is_guarded_alike(world: PeopleWorld) -> None:
    member_id = world.enrol("ada").answer.member_id
    ref, right = SubjectRef(member_id=member_id), world.code(world.email("ada"))
    assert at_once(others(right), lambda digits: world.verify(ref, digits)) == []
    assert looked_at(world) == 5
    with pytest.raises(CodeRefused):
        world.verify(ref, right)


def test_the_right_code_sent_a_hundred_times_at_once_lets_one_person_in(
    world: PeopleWorld,
) -> None:
    ref = world.sign_up("ada")
    right = world.code(world.email("ada"))
    joined = at_once([right] * GUESSES, lambda digits: world.verify(ref, digits))
    assert looked_at(world) <= 5
    found = world.ports.people.find(Identifier(Kind.EMAIL, world.email("ada")))
    assert {joining.member_id for joining in joined} <= {found}


def test_a_guess_costs_the_same_look_whether_there_is_a_code_or_not(world: PeopleWorld) -> None:
    unknown = SubjectRef(signup_id="sgn_00000000000000000000000000")
    assert at_once(["123456"] * 20, lambda digits: world.verify(unknown, digits)) == []
    assert looked_at(world) == 0
