"""Imports that are killed at any step, or gone on with by two at once, come to the same end.

Over the fake ledger and over DynamoDB's, with small batches, so that every step is met.
"""

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from chalicelib.domain.account import Account
from chalicelib.domain.imports import ImportStatus, Tally
from chalicelib.usecases.create_import import import_name
from tests.import_world import (
    ImportWorld,
    Story,
    dynamo_import_world,
    fake_import_world,
    never,
    table,
)
from tests.mortal import Killed, Life, mortal

_numbers = itertools.count(1)
World = Callable[[], ImportWorld]
MOST_CALLS = 200


@pytest.fixture(params=["fake", "dynamodb"])
def new_world(request: pytest.FixtureRequest) -> World:
    """Makes worlds of one kind."""
    if request.param == "fake":
        return lambda: fake_import_world()[0]
    assert request.getfixturevalue("connection")
    return lambda: dynamo_import_world(f"imp{next(_numbers)}x{os.getpid()}")


@pytest.fixture
def stride(request: pytest.FixtureRequest) -> int:
    """Every step of the fake, and every fifth of DynamoDB: the steps are those of the use case."""
    return {"fake": 1, "dynamodb": 5}[request.node.callspec.params["new_world"]]


def shop(world: ImportWorld) -> tuple[list[str], bytes]:
    """Two members, and a file with every kind of row in it."""
    mia = world.member("mia", email="mia@example.com")
    tom = world.member("tom", external_id="T-1")
    rows: Sequence[tuple[object, ...]] = [
        ("1", mia, "", "", 100, "2026-12-31", ""),
        ("2", "", "mia@example.com", "", -30, "", "true"),
        ("3", "", "", "T-1", 50, "", ""),
        ("1", mia, "", "", 100, "2026-12-31", ""),
        ("4", tom, "", "", -70, "", "true"),
        ("5", "mem_nobody", "", "", 1, "", ""),
        ("3", "", "", "T-1", 51, "", ""),
        ("6", tom, "", "", 5, "", ""),
        ("7", mia, "", "", "x", "", ""),
    ]
    return [mia, tom], table(
        "row_id member_id email external_id points expires_on allow_debt", *rows
    )


def end_of(
    world: ImportWorld, members: Sequence[str], import_id: str
) -> tuple[list[Story], ImportStatus, Tally, list[list[str]]]:
    """All that is left when an import is over."""
    job = world.job(import_id)
    stories = [world.story(member) for member in members]
    return stories, job.status, job.tally, world.report(import_id)


EXPECTED = Tally(applied=5, replayed=1, refused=3)


def test_killed_at_any_step_it_goes_on_to_the_same_end(new_world: World, stride: int) -> None:
    undisturbed = new_world()
    members, content = shop(undisturbed)
    assert undisturbed.run("a", content).tally == EXPECTED
    expected = end_of(undisturbed, members, f"{undisturbed.name}-a")
    deaths = 0
    for after in (False, True):
        for calls in range(1, MOST_CALLS, stride):
            world = new_world()
            members, content = shop(world)
            import_id = world.prepared("a", content)
            life = Life(calls, after=after)
            try:
                world.go_on(import_id, ports=mortal(world.ports, life))
            except Killed:
                deaths += 1
            world.go_on(import_id)
            assert end_of(world, members, import_id) == expected, (calls, after)
            if not life.is_over:
                break
    assert deaths >= 60 // stride


def test_killed_again_and_again_it_still_comes_to_the_same_end(new_world: World) -> None:
    world = new_world()
    members, content = shop(world)
    import_id = world.prepared("a", content)
    for life in itertools.count(8):  # as many calls as a batch may need, and ever more
        try:
            world.go_on(import_id, ports=mortal(world.ports, Life(life, after=life % 2 == 0)))
        except Killed:
            continue
        break
    other = new_world()
    members_of_other, content = shop(other)
    other.run("a", content)
    assert end_of(world, members, import_id) == end_of(other, members_of_other, f"{other.name}-a")


def test_a_batch_at_a_time_it_comes_to_the_same_end_and_sends_itself_on(new_world: World) -> None:
    world = new_world()
    members, content = shop(world)
    import_id = world.prepared("a", content)
    name = import_name(world.ports, import_id)
    steps = 0
    while world.queue.sent:
        assert world.queue.sent.pop() == name
        world.go_on(import_id, keep_going=never)
        steps += 1
    assert steps == 4  # three batches of three rows, and the end
    other = new_world()
    members_of_other, content = shop(other)
    other.run("a", content)
    assert end_of(world, members, import_id) == end_of(other, members_of_other, f"{other.name}-a")


def test_two_at_once_are_harmless(new_world: World) -> None:
    for _ in range(5):
        world = new_world()
        members, content = shop(world)
        import_id = world.prepared("a", content)
        all_at_once(partial(world.go_on, import_id))
        world.go_on(import_id)
        job = world.job(import_id)
        assert (job.status, job.tally) == (ImportStatus.DONE, EXPECTED)
        after = [account_of(world, member) for member in members]
        assert [(account.available, account.debt) for account in after] == [(70, 0), (0, 15)]


def all_at_once(work: Callable[[], None]) -> None:
    """Three workers that start together."""
    start = Barrier(3)

    def worker() -> None:
        start.wait()
        work()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(worker) for _ in range(3)]:
            done.result()


def account_of(world: ImportWorld, member_id: str) -> Account:
    """A member's account as its newest entry says."""
    head = world.ports.ledger.head(member_id)
    assert head is not None
    return head.entry.account()


def test_imported_again_after_it_was_killed_nothing_counts_twice(new_world: World) -> None:
    world = new_world()
    members, content = shop(world)
    killed = world.prepared("a", content)
    with pytest.raises(Killed):
        world.go_on(killed, ports=mortal(world.ports, Life(20, after=True)))
    job = world.run("b", content)
    world.go_on(killed)
    both = [world.job(killed).tally, job.tally]
    assert sum(tally.applied for tally in both) == EXPECTED.applied
    assert [tally.refused for tally in both] == [EXPECTED.refused] * 2
    again = world.run("c", content)
    assert again.tally == Tally(replayed=6, refused=3)
    assert [len(world.story(member)) for member in members] == [3, 4]
