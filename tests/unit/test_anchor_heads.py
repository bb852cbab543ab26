"""The root of the day: over every account's newest entry, once, whoever stops or runs beside."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest

from chalicelib.domain.merkle import (
    BUCKETS,
    Leaf,
    bucket_of,
    bucket_root,
    inclusion_path,
    newest_leaves,
    place_of,
    root_above,
    root_of,
)
from chalicelib.domain.roots import signed_text
from chalicelib.usecases.anchor_heads import Anchored, anchor_heads
from chalicelib.usecases.ports import StoreNewer
from chalicelib.usecases.ports.books import (
    AccountBook,
    Book,
    BookPage,
    Unreadable,
)
from chalicelib.usecases.ports.roots import AnchorPorts
from tests.fakes.anchors import FakeAnchors, FakeSigner
from tests.fakes.books import FakeBooks
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, World, fake_world, unhurried

TODAY = date(2026, 3, 14)
DAY = timedelta(days=1)


@dataclass
class Installation:
    """A ledger in memory, and who makes its roots. now: the clock, moved by hand."""

    world: World
    ledger: FakeLedger
    books: FakeBooks
    anchors: FakeAnchors = field(default_factory=FakeAnchors)
    signer: FakeSigner = field(default_factory=FakeSigner)
    now: datetime = NOW
    accounts: list[str] = field(default_factory=list)

    def run(self, steps: int | None = None, at_once: int = 500_000) -> Anchored:
        """One run that is told to stop after so many steps."""
        ports = AnchorPorts(self.books, self.anchors, self.signer, unhurried())
        return anchor_heads(ports, lambda: self.now, _steps(steps), at_once)

    def heads(self) -> dict[str, Leaf]:
        """Every account's newest entry as the ledger has it."""
        found = {}
        for account in self.accounts:
            head = self.world.ports.ledger.head(account)
            assert head is not None
            found[account] = Leaf(place_of(account), head.entry.seq, head.entry.hash)
        return found

    def populate(self, members: int) -> None:
        """So many members more, each with a purchase or two."""
        for _ in range(members):
            number = len(self.accounts)
            member = self.world.member(f"m{number}", points=10)
            if number % 2:
                self.world.buy(f"more-{number}", member, 500)
            self.accounts.append(member)


def _steps(steps: int | None) -> Callable[[], bool]:
    left = itertools.count(steps, -1) if steps is not None else itertools.repeat(1)
    return lambda: next(left) > 0


@pytest.fixture
def here() -> Installation:
    world, ledger = fake_world()
    found = Installation(world, ledger, FakeBooks(ledger))
    found.populate(9)
    return found


def root_over(leaves: list[Leaf]) -> bytes:
    buckets: list[list[Leaf]] = [[] for _ in range(BUCKETS)]
    for leaf in newest_leaves(leaves):
        buckets[bucket_of(leaf.place)].append(leaf)
    return root_of([bucket_root(bucket) for bucket in buckets])


def test_the_root_is_over_the_newest_entry_of_every_account(here: Installation) -> None:
    assert here.run() == Anchored(TODAY, done=True)

    signed = here.anchors.published[TODAY]
    assert signed.root.hash == root_over(list(here.heads().values()))
    assert signed.root.accounts == 9
    assert here.signer.signed == [signed_text(signed.root)]


def test_every_account_can_prove_its_head_from_what_is_kept(here: Installation) -> None:
    here.run()
    signed = here.anchors.published[TODAY]
    tree = here.anchors.buckets(TODAY)
    for leaf in here.heads().values():
        mine = here.anchors.leaves(tree[bucket_of(leaf.place)])
        path = inclusion_path(mine, leaf.place, [tree[n].root for n in range(BUCKETS)])
        assert root_above(leaf, path) == signed.root.hash


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_run_that_is_stopped_is_gone_on_with_to_the_same_root(
    here: Installation, steps: int
) -> None:
    runs = 0
    while not here.run(steps).done:
        assert not here.anchors.published
        runs += 1
    assert runs >= 1
    assert here.anchors.published[TODAY].root.hash == root_over(list(here.heads().values()))


def test_a_tree_that_is_too_large_for_memory_is_built_in_rounds_each_bucket_once(
    here: Installation,
) -> None:
    while not here.run(2, at_once=1).done:
        pass
    assert here.anchors.published[TODAY].root.hash == root_over(list(here.heads().values()))
    assert here.anchors.seals == list(range(BUCKETS))


def test_a_day_gets_one_root_and_the_next_day_the_next(here: Installation) -> None:
    here.run()
    first = here.anchors.published[TODAY]
    here.populate(1)
    assert here.run() == Anchored(None, done=True)
    here.now += DAY
    assert here.run() == Anchored(TODAY + DAY, done=True)

    assert here.anchors.published[TODAY] == first
    assert here.anchors.published[TODAY + DAY].root.accounts == 10
    assert len(here.signer.signed) == 2


def test_what_happens_after_a_root_is_left_to_the_next(here: Installation) -> None:
    here.run()
    before = here.anchors.published[TODAY].root.hash
    here.world.buy("later", here.accounts[0], 700)
    here.now += DAY
    here.run()
    assert here.anchors.published[TODAY + DAY].root.hash != before
    assert here.anchors.published[TODAY + DAY].root.hash == root_over(list(here.heads().values()))


def test_the_root_says_between_which_instants_the_heads_were_seen(here: Installation) -> None:
    here.run(1)
    here.now += timedelta(minutes=15)
    here.run()
    root = here.anchors.published[TODAY].root
    assert (root.taken_from, root.taken_until) == (NOW, NOW + timedelta(minutes=15))


def test_a_root_that_midnight_overtakes_is_finished_under_its_day(here: Installation) -> None:
    here.run(1)
    here.now += DAY
    assert here.run() == Anchored(TODAY, done=True)
    assert here.run() == Anchored(TODAY + DAY, done=True)


def test_after_a_week_an_unfinished_root_is_given_up(here: Installation) -> None:
    here.run(1)
    here.now += 7 * DAY
    assert here.run() == Anchored(TODAY + 7 * DAY, done=True)
    assert list(here.anchors.published) == [TODAY + 7 * DAY]


def test_a_clock_that_goes_back_begins_no_second_root(here: Installation) -> None:
    here.run()
    here.now -= DAY
    assert here.run() == Anchored(None, done=True)


class Overtaken(FakeBooks):
    """Books whose nth page is held back until somebody else has done something."""

    def __init__(self, ledger: FakeLedger, page: int, somebody: Callable[[], object]) -> None:
        super().__init__(ledger)
        self._left, self._somebody = page, somebody

    def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
        page = super().page(segment, segments, cursor)
        self._left -= 1
        if self._left == 0:
            self._somebody()
        return page


@pytest.mark.parametrize("page", [1, 2, 5])
@pytest.mark.parametrize("steps", [1, 3, None])
def test_two_who_run_at_once_make_one_root_that_leaves_nobody_out(
    here: Installation, page: int, steps: int | None
) -> None:
    def other() -> None:
        here.world.buy(f"meanwhile-{page}", here.accounts[3], 900)
        here.populate(1)
        here.run(steps)

    here.books = Overtaken(here.ledger, page, other)
    here.run()
    while not here.run().done:
        pass

    root = here.anchors.published[TODAY].root
    leaves = [
        leaf
        for bucket in here.anchors.buckets(TODAY).values()
        for leaf in here.anchors.leaves(bucket)
    ]
    assert root.hash == root_over(leaves)
    seen = {leaf.place: leaf.seq for leaf in leaves}
    assert root.accounts == len(seen) >= 9
    assert set(seen) >= {place_of(account) for account in here.accounts[:9]}
    assert all(seen.get(leaf.place, 0) <= leaf.seq for leaf in here.heads().values())


def test_no_root_is_signed_when_notes_were_lost(here: Installation) -> None:
    here.run(4)
    here.anchors.pages[TODAY].popitem()
    with pytest.raises(LookupError, match="left to vouch for"):
        here.run()
    assert not here.anchors.published
    assert not here.signer.signed


class Damaged(FakeBooks):
    """Books in which the newest entry of every account cannot be read."""

    def __init__(self, ledger: FakeLedger, problem: str) -> None:
        super().__init__(ledger)
        self.problem = problem

    def page(self, segment: int, segments: int, cursor: str | None) -> BookPage:
        page = super().page(segment, segments, cursor)
        return replace(page, books=tuple(self._damaged(book) for book in page.books))

    def _damaged(self, book: Book) -> Book:
        if not isinstance(book, AccountBook):
            return book
        last = Unreadable(f"E#{book.entries[-1].seq:012d}", self.problem)
        return replace(book, entries=book.entries[:-1], unreadable=(last,))


def test_no_root_is_made_of_what_a_newer_release_wrote(here: Installation) -> None:
    here.books = Damaged(here.ledger, "newer_release")
    with pytest.raises(StoreNewer):
        here.run()
    assert not here.anchors.published


def test_one_broken_entry_keeps_nobody_from_a_root(here: Installation) -> None:
    here.books = Damaged(here.ledger, "ValueError")
    here.run()
    tree = here.anchors.buckets(TODAY)
    for leaf in here.heads().values():
        (mine,) = [
            each
            for each in here.anchors.leaves(tree[bucket_of(leaf.place)])
            if each.place == leaf.place
        ]
        assert mine.seq == leaf.seq - 1


def test_an_empty_ledger_has_a_root_too() -> None:
    world, ledger = fake_world()
    here = Installation(world, ledger, FakeBooks(ledger))
    assert here.run().done
    assert here.anchors.published[TODAY].root.accounts == 0
