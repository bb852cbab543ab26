"""Goes through the accounts whose points expire on some days, shard by shard and page by page.

For workers that run every hour. After every page how far the shard is, is kept by one conditional
write: whoever comes next goes on behind it, two that run at once share the work, and an account
that was busy is tried again without being in any other's way. Must not know what is done with an
account; doing it twice must change nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol, TypeVar

from chalicelib.domain.due import SHARDS
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.books import Checkpoint

MOST_LEFT = 500
"""Accounts of a shard that are remembered for the next run."""

_Whom = TypeVar("_Whom")
_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Round:
    """All accounts with a hint at a last day from `first` (None: the earliest) to `last`. of: the
    day it is gone for; a shard that is through with it is through with that day."""

    of: date
    first: date | None
    last: date


@dataclass(frozen=True, slots=True)
class Visited:
    """What was done with an account, to be added up by name. again: it wants another visit soon."""

    counts: Mapping[str, int] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True, slots=True)
class Rounds:
    """name: of the checkpoints, for ever. next_round: after the day that a shard is through with
    (None: with none), None when there is nothing to go for."""

    name: str
    next_round: Callable[[date | None], Round | None]
    visit: Callable[[str], Visited]


class Lanes(Protocol):
    """Does something with each of some accounts, perhaps with several at once: `map`."""

    def __call__(
        self, act: Callable[[_Whom], _Done], whom: Sequence[_Whom], /
    ) -> Iterable[_Done]: ...


@dataclass(frozen=True, slots=True)
class Run:
    """How a run works. keep_going: asked before each page. failed: told what nobody foresaw."""

    keep_going: Callable[[], bool]
    failed: Callable[[Exception], None]
    lanes: Lanes = map


@dataclass(frozen=True, slots=True)
class Walked:
    """done: no shard has anything to go for by now. left: accounts for the next run."""

    done: bool
    counts: Counter[str]
    left: int


@contextmanager
def side_by_side(lanes: int) -> Iterator[Lanes]:
    """So many accounts at once: a visit is all waiting for the store."""
    with ThreadPoolExecutor(lanes) as pool:
        yield pool.map


def walk(ports: Ports, rounds: Rounds, run: Run) -> Walked:
    """Go on with the rounds until they are through or `keep_going` says no.

    Raises StoreUnavailable; the next run goes on behind the last page that was kept.
    """
    done, left = True, 0
    counts: Counter[str] = Counter()
    # Two that run at once begin apart, and meet only where one is through with its part.
    first = ports.entropy(1)[0]
    for number in range(SHARDS):
        shard = _Shard(ports, rounds, run, (first + number) % SHARDS)
        shard.go_on()
        done = done and shard.at.round is None
        left += len(shard.at.left)
        counts.update(shard.counts)
    return Walked(done, counts, left)


def day_done(ports: Ports, name: str, shard: int) -> date | None:
    """The day that a shard is through with in the rounds of a name; None before the first."""
    kept = ports.books.checkpoint(name, shard, SHARDS)
    return _day(kept.sums["through"]) if kept is not None else None


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a shard is. page: counts the changes. round: under way, None between two of them."""

    page: int
    through: date | None
    round: Round | None
    cursor: str | None
    left: tuple[str, ...]


class _Shard:
    """A shard while a run goes through it. Of those that are left, it knows where a visit failed
    and who only wants another one."""

    def __init__(self, ports: Ports, rounds: Rounds, run: Run, number: int) -> None:
        self._ports, self._rounds, self._run, self._number = ports, rounds, run, number
        self._failed: tuple[str, ...] = ()
        self._again: tuple[str, ...] = ()
        self.counts: Counter[str] = Counter()
        self.at = self._kept()

    def go_on(self) -> None:
        """Those that were left first, then page by page."""
        if not self._run.keep_going():
            return
        self._again, self._failed = self._visited(self.at.left)
        if self._left() != self.at.left and not self._keep(replace(self.at, left=self._left())):
            return
        while self.at.round is not None and self._run.keep_going():
            if not self._one_page(self.at.round):
                return

    def _one_page(self, under_way: Round) -> bool:
        """False when the rest of the shard is another's, or has to wait."""
        page = self._ports.ledger.due_accounts(
            self._number, under_way.first, under_way.last, self.at.cursor
        )
        ids = dict.fromkeys(hint.account_id for hint in page.hints)
        again, failed = self._visited([id_ for id_ in ids if id_ not in self.at.left])
        self._again, self._failed = self._again + again, self._failed + failed
        if len(self._failed) > MOST_LEFT:
            return False  # this is no busy account but an outage: the page comes again
        if page.cursor is not None:
            return self._keep(replace(self.at, cursor=page.cursor, left=self._left()))
        following = self._rounds.next_round(under_way.of)
        return self._keep(_Place(self.at.page, under_way.of, following, None, self._left()))

    def _left(self) -> tuple[str, ...]:
        # Who only wants another visit, and finds no room, gets it in the next round.
        return (*self._failed, *self._again)[:MOST_LEFT]

    def _visited(self, ids: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those that want to be visited again, and those where it failed."""
        again: list[str] = []
        failed: list[str] = []
        for id_, visited in zip(ids, self._run.lanes(self._visit, ids), strict=True):
            if visited is None:
                failed.append(id_)
            elif visited.again:
                again.append(id_)
            self.counts.update(visited.counts if visited is not None else {})
        return tuple(again), tuple(failed)

    def _visit(self, account_id: str) -> Visited | None:
        try:
            return self._rounds.visit(account_id)
        except Exception as error:  # busy, of a newer release or broken: in no other's way
            self._run.failed(error)
            return None

    # --- checkpoints -----------------------------------------------------------------------------

    def _kept(self) -> _Place:
        kept = self._ports.books.checkpoint(self._rounds.name, self._number, SHARDS)
        if kept is None:
            return _Place(0, None, self._rounds.next_round(None), None, ())
        through, under_way = _day(kept.sums["through"]), kept.sums["round"]
        if under_way is None:
            following = self._rounds.next_round(through)
            return _Place(kept.page, through, following, None, tuple(kept.sums["left"]))
        of, first, last = (_day(text) for text in under_way)
        assert of is not None and last is not None  # noqa: S101, PT018  # written below
        return _Place(
            kept.page, through, Round(of, first, last), kept.cursor, tuple(kept.sums["left"])
        )

    def _keep(self, after: _Place) -> bool:
        """Keep how far the shard is; False when somebody else is ahead in it."""
        under_way = after.round
        sums = {
            "through": _text(after.through),
            "round": [_text(day) for day in (under_way.of, under_way.first, under_way.last)]
            if under_way is not None
            else None,
            "left": list(after.left),
        }
        name, page = self._rounds.name, after.page + 1
        checkpoint = Checkpoint(
            name, self._number, SHARDS, page, after.cursor, under_way is None, sums
        )
        if not self._ports.books.save(checkpoint):
            return False
        self.at = replace(after, page=page)
        return True


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
