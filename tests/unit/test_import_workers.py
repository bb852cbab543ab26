"""Workers at one import: who comes second leaves it, and rows wait for those they depend on."""

from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from chalicelib.domain.imports import ImportStatus, Tally
from chalicelib.usecases.ports import Write
from tests.fakes.imports import FakeImports
from tests.import_world import ImportWorld, fake_import_world, never, table


@pytest.fixture
def world() -> ImportWorld:
    return fake_import_world()[0]


class Passed:
    """A port that notes what it is asked."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._port, name)


def ten_rows(world: ImportWorld) -> bytes:
    mia = world.member("mia")
    return table("row_id member_id points", *((number, mia, 1) for number in range(10)))


def test_who_keeps_a_batch_second_leaves_the_import_to_the_first(world: ImportWorld) -> None:
    import_id = world.prepared("a", ten_rows(world))
    store = world.ports.imports
    assert isinstance(store, FakeImports)
    ledger = Passed(world.ports.ledger)

    def somebody_is_faster() -> None:
        store.before_save = lambda: None
        world.go_on(import_id, keep_going=never)
        ledger.asked.clear()

    store.before_save = somebody_is_faster
    world.queue.sent.clear()
    world.go_on(import_id, ports=replace(world.ports, ledger=ledger))
    assert ledger.asked == []  # from then on
    assert len(world.queue.sent) == 1  # the first one's
    assert world.job(import_id).tally == Tally(applied=3)
    world.go_on(import_id)
    assert world.job(import_id).tally == Tally(applied=10)


def test_an_import_that_has_ended_is_not_ended_again(world: ImportWorld) -> None:
    import_id = world.prepared("a", ten_rows(world))
    world.go_on(import_id)
    before = world.job(import_id)
    world.go_on(import_id)
    assert world.job(import_id) == before
    assert before.status is ImportStatus.DONE


class Hesitating:
    """A ledger at which one member's row waits for another's to land first, should it ever."""

    def __init__(self, port: Any, waits: str, for_whom: str) -> None:
        self._port = port
        self._waits = waits
        self._for_whom = for_whom
        self._landed = Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def commit(self, write: Write) -> Any:
        whose = write.entries[-1].account_id
        if whose == self._waits:
            self._landed.wait(0.5)
        verdict = self._port.commit(write)
        if whose == self._for_whom:
            self._landed.set()
        return verdict


def test_a_row_waits_for_an_earlier_one_of_its_id_even_of_another_member(
    world: ImportWorld,
) -> None:
    mia, tom = world.member("mia"), world.member("tom")
    rows = table("row_id member_id points", ("1", mia, 5), ("1", tom, 5))
    import_id = world.prepared("a", rows)
    ledger = Hesitating(world.ports.ledger, waits=mia, for_whom=tom)
    world.go_on(import_id, ports=replace(world.ports, ledger=ledger))
    assert world.refusals(import_id) == [(3, "conflicting_replay")]
    assert [points for _, points, _ in world.story(mia)] == [0, 5]


def test_rows_of_different_members_do_not_wait_for_each_other(world: ImportWorld) -> None:
    mia, tom = world.member("mia"), world.member("tom")
    rows = table("row_id member_id points", ("1", mia, 5), ("2", tom, 5))
    import_id = world.prepared("a", rows)
    order: list[str] = []

    class Noting(Hesitating):
        def commit(self, write: Write) -> Any:
            verdict = super().commit(write)
            order.append(write.entries[-1].account_id)
            return verdict

    ledger = Noting(world.ports.ledger, waits=mia, for_whom=tom)
    world.go_on(import_id, ports=replace(world.ports, ledger=ledger))
    assert order == [tom, mia]
