"""Rounds through the index of last days: every account once, stopped and shared at any page."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.due import SHARDS, shard_of
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.usecases.due_rounds import (
    MOST_LEFT,
    Round,
    Rounds,
    Run,
    Visited,
    Walked,
    side_by_side,
    walk,
)
from chalicelib.usecases.ports import StoreUnavailable, Write
from tests.ledger_world import NOW, World, fake_world

DAY = date(2026, 12, 31)


@dataclass(slots=True)
class Visitor:
    """Notes whom it visits; busy ones fail, eager ones want another visit."""

    visited: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    eager: set[str] = field(default_factory=set)

    def __call__(self, account_id: str) -> Visited:
        self.visited.append(account_id)
        if account_id in self.busy:
            raise StoreUnavailable("busy")
        return Visited({"visits": 1}, again=account_id in self.eager)


def once(through: date | None) -> Round | None:
    """The round up to DAY, until a shard is through with it."""
    return None if through is not None and through >= DAY else Round(DAY, None, DAY)


def always() -> bool:
    return True


def times(pages: int) -> Callable[[], bool]:
    """A run that is stopped after being asked so often."""
    left = [pages]

    def keep_going() -> bool:
        left[0] -= 1
        return left[0] >= 0

    return keep_going


def going(
    world: World,
    visitor: Visitor,
    keep_going: Callable[[], bool] = always,
    rounds: Callable[[date | None], Round | None] = once,
    errors: list[Exception] | None = None,
) -> Walked:
    failed = (errors if errors is not None else []).append
    return walk(world.ports, Rounds("test", rounds, visitor), Run(keep_going, failed))


def account(world: World, account_id: str, *days: date) -> str:
    head = opening_entry(account_id, AccountStatus.ACTIVE, NOW)
    world.open_account(head)
    for number in range(len(days)):
        after = Account(lots=tuple(Lot(day, 10) for day in sorted(days[number:])))
        head = next_entry(head, after, kind=EntryKind.ADJUST, cause=f"t:{number}", now=NOW)
        world.ports.ledger.commit(Write((), (head,)))
    return account_id


def many(world: World, number: int, day: date = DAY) -> list[str]:
    return [account(world, f"mem_{world.name}_{n}", day) for n in range(number)]


def of_one_shard(world: World, number: int) -> list[str]:
    found: list[str] = []
    candidate = 0
    while len(found) < number:
        account_id = f"mem_{world.name}_s{candidate}"
        candidate += 1
        if shard_of(account_id) == 7:
            found.append(account(world, account_id, DAY))
    return found


def test_everybody_is_visited_once_and_then_nobody_any_more() -> None:
    world, _ = fake_world()
    everybody = many(world, 200)
    visitor = Visitor()
    assert going(world, visitor) == Walked(True, Counter(visits=200), 0)
    assert sorted(visitor.visited) == sorted(everybody)
    assert going(world, visitor) == Walked(True, Counter(), 0)
    assert len(visitor.visited) == 200


def test_who_is_hinted_at_twice_in_a_page_is_visited_once() -> None:
    world, ledger = fake_world()
    ledger.due_page = 100
    account(world, "mem_twice", DAY - timedelta(days=1), DAY)
    visitor = Visitor()
    going(world, visitor)
    assert visitor.visited == ["mem_twice"]


@pytest.mark.parametrize("pages", range(1, 30, 3))
def test_a_run_that_is_stopped_is_gone_on_with_and_misses_nobody(pages: int) -> None:
    world, _ = fake_world()
    everybody = of_one_shard(world, 20) + many(world, 20)
    visitor = Visitor()
    runs = 0
    while not going(world, visitor, times(pages + SHARDS)).done:
        runs += 1
        assert runs < 50, "it never ends"
    assert set(visitor.visited) == set(everybody)
    assert len(visitor.visited) == len(everybody), "a page that was kept comes no second time"


def test_a_run_that_dies_in_a_page_visits_only_that_page_again() -> None:
    world, _ = fake_world()
    everybody = of_one_shard(world, 9)  # three pages
    visitor = Visitor()

    class Dying:
        """A process ends in the middle of its second page."""

        def __call__(self, act: Callable[[str], object], ids: Sequence[str], /) -> list[object]:
            if len(visitor.visited) == 3:
                act(ids[0])
                raise KeyboardInterrupt
            return [act(id_) for id_ in ids]

    with pytest.raises(KeyboardInterrupt):
        walk(
            world.ports,
            Rounds("test", once, visitor),
            Run(always, lambda _: None, Dying()),  # type: ignore[arg-type]  # it is not generic
        )
    assert len(visitor.visited) == 4
    assert going(world, visitor).done
    assert len(visitor.visited) == 4 + 6
    assert set(visitor.visited) == set(everybody)


def test_two_at_once_share_the_shards_and_miss_nobody() -> None:
    world, _ = fake_world()
    everybody = set(many(world, 150) + of_one_shard(world, 30))
    first, second = Visitor(), Visitor()

    def interrupted(account_id: str) -> Visited:
        """In the middle of every page of the first, the second goes on for a page."""
        going(world, second, times(SHARDS // 2))
        return first(account_id)

    walked = walk(world.ports, Rounds("test", once, interrupted), Run(always, lambda _: None))
    rest = Visitor()
    assert going(world, rest).done
    assert set(first.visited) | set(second.visited) | set(rest.visited) == everybody
    assert walked.counts["visits"] == len(first.visited)
    assert second.visited


def test_who_is_overtaken_in_a_shard_leaves_the_rest_of_it_to_the_other() -> None:
    world, _ = fake_world()
    everybody = of_one_shard(world, 30)
    first, second = Visitor(), Visitor()

    def overtaken(account_id: str) -> Visited:
        if not second.visited:
            going(world, second)
        return first(account_id)

    walk(world.ports, Rounds("test", once, overtaken), Run(always, lambda _: None))
    assert sorted(second.visited) == sorted(everybody)
    assert len(first.visited) == 3, "its own page, and no other"


def test_a_busy_account_is_in_nobodys_way_and_is_tried_first_by_the_next_run() -> None:
    world, _ = fake_world()
    everybody = of_one_shard(world, 20)
    visitor, errors = Visitor(busy={everybody[4]}), list[Exception]()
    assert going(world, visitor, errors=errors) == Walked(True, Counter(visits=19), 1)
    assert [type(error) for error in errors] == [StoreUnavailable]
    assert set(visitor.visited) == set(everybody)
    visitor.visited.clear()
    assert going(world, visitor).left == 1
    visitor.busy.clear()
    assert going(world, visitor) == Walked(True, Counter(visits=1), 0)
    assert visitor.visited == [everybody[4], everybody[4]]


def test_who_wants_another_visit_gets_it_from_the_next_run() -> None:
    world, _ = fake_world()
    (mia, *others) = of_one_shard(world, 5)
    visitor = Visitor(eager={mia})
    assert going(world, visitor).left == 1
    visitor.eager.clear()
    visitor.visited.clear()
    assert going(world, visitor) == Walked(True, Counter(visits=1), 0)
    assert visitor.visited == [mia]
    assert others


def test_an_outage_stops_a_shard_before_it_loses_anybody() -> None:
    world, _ = fake_world()
    everybody = of_one_shard(world, MOST_LEFT + 30)
    visitor = Visitor(busy=set(everybody))
    down = going(world, visitor)
    assert not down.done
    assert down.left == MOST_LEFT - MOST_LEFT % 3  # whole pages of three
    visitor.busy.clear()
    visitor.visited.clear()
    assert going(world, visitor) == Walked(True, Counter(visits=len(everybody)), 0)
    assert sorted(visitor.visited) == sorted(everybody)


def test_those_who_only_want_another_visit_never_stop_a_shard() -> None:
    world, _ = fake_world()
    everybody = of_one_shard(world, MOST_LEFT + 30)
    visitor = Visitor(eager=set(everybody[:-1]), busy={everybody[-1]})
    walked = going(world, visitor)
    assert walked.done
    assert walked.left == MOST_LEFT
    assert set(visitor.visited) == set(everybody)
    visitor.visited.clear()
    going(world, visitor)
    assert everybody[-1] in visitor.visited, "who failed is kept before those who only wait"


def test_a_round_that_is_under_way_is_ended_before_the_next_begins() -> None:
    world, _ = fake_world()
    of_one_shard(world, 9)
    later = account(world, "mem_later", DAY + timedelta(days=1))
    visitor = Visitor()
    going(world, visitor, times(2 * SHARDS))
    assert not going(world, Visitor(), lambda: False).done

    def next_day(through: date | None) -> Round | None:
        last = DAY + timedelta(days=1)
        first = through + timedelta(days=1) if through is not None else None
        return None if through is not None and through >= last else Round(last, first, last)

    assert going(world, visitor, rounds=next_day).done
    assert len(visitor.visited) == 10
    assert visitor.visited.count(later) == 1


def test_lanes_visit_each_and_answer_in_order() -> None:
    with side_by_side(4) as lanes:
        assert list(lanes(len, ["a", "bb", "ccc"])) == [1, 2, 3]


def test_nothing_is_written_when_there_is_nothing_to_go_for() -> None:
    world, _ = fake_world()
    assert going(world, Visitor(), rounds=lambda _: None) == Walked(True, Counter(), 0)
    kept = [world.ports.books.checkpoint("test", shard, SHARDS) for shard in range(SHARDS)]
    assert kept == [None] * SHARDS
