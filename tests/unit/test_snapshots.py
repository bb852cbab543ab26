"""What happens reaches the snapshot, whatever the order; a base a day; and audiences in it."""

import gzip
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.consents import Statement
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.offers import BonusPoints
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.usecases.change_status import change_own_status
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.make_snapshot import SnapshotRun, make_snapshot
from chalicelib.usecases.ports import SnapshotQuery, StoreUnavailable, Where
from chalicelib.usecases.preview_audience import preview_audience
from chalicelib.usecases.refresh_snapshot import Batch, refresh_snapshot
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.set_consents import set_consents
from tests.fakes.ledger import FakeLedger
from tests.fakes.programs import FakePrograms
from tests.ledger_world import NOW, PROGRAM, TILL, World, line
from tests.offer_world import Shop
from tests.people_world import fake_people_world
from tests.snapshot_world import Snapshot, in_folder

ADVERTS = Purpose("adverts", PurposeKind.MARKETING)
PROFILING = Purpose("habits", PurposeKind.PROFILING)
CLUB = replace(PROGRAM, purposes=("loyalty_terms", ADVERTS, PROFILING))
TOMORROW = NOW + timedelta(days=1)
JOINED = Leaf("days_since_joining", Op.LTE, 0)


@dataclass(slots=True)
class Town:
    """Members, what they do, and the snapshot that it is brought into."""

    world: World
    ledger: FakeLedger
    snapshot: Snapshot
    people: Any

    def refresh(self, now: datetime = NOW, *, backwards: bool = False) -> None:
        """All that was written comes by the stream, once more."""
        entries = [one for of in self.ledger.accounts.values() for one in of.values()]
        records = [*self.ledger.causes.values(), *entries]
        records = records[::-1] if backwards else records
        refresh_snapshot(self.world.ports, Batch(tuple(records), frozenset(), "00"), now)

    def make(self, now: datetime) -> SnapshotRun | None:
        """The worker of the day runs."""
        run = Run(lambda: True, lambda error: pytest.fail(str(error)))
        return make_snapshot(self.world.ports, lambda: now, run)

    def says(self, member_id: str, purpose: str, *, granted: bool = True) -> None:
        set_consents(self.world.ports, member_id, [Statement(purpose, granted, "1")], NOW)

    def told(self, text: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return [tuple(row) for row in self.snapshot.queries.rows(SnapshotQuery(text))]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Nobody yet."""
    club, _ = fake_people_world("t")
    ledger = club.ports.ledger
    assert isinstance(ledger, FakeLedger)
    snapshot = in_folder(tmp_path)
    ports = replace(
        club.ports,
        programs=FakePrograms(CLUB),
        offers=ledger.offers,
        snapshots=snapshot.files,
        queries=snapshot.queries,
    )
    club.ports = ports
    return Town(World("t", ports, ledger.open), ledger, snapshot, club)


def test_purchases_and_what_came_back_are_told_once_in_any_order_and_without_names(
    town: Town,
) -> None:
    mia, lou = town.people.member("mia"), town.people.member("lou")
    town.world.buy("p1", mia, 500, 300)
    town.world.buy("p2", lou, 200)
    town.world.give_back("p1", "r1", 300)
    for backwards in (True, False):
        town.refresh(backwards=backwards)

    told = "SELECT member_id, kind, amount_minor, points, day FROM {purchases} AS p ORDER BY 2, 3"
    assert town.told(told) == [
        (lou, "purchase", 200, 2, "2026-03-14"),
        (mia, "purchase", 800, 8, "2026-03-14"),
        (mia, "return", -300, -3, "2026-03-14"),
    ]
    facts = (
        "SELECT member_id, available_points, lifetime_spend_minor FROM {members} AS m ORDER BY 2"
    )
    assert town.told(facts) == [(lou, 2, 200), (mia, 5, 500)]
    written = b"".join(
        town.snapshot.files.objects.read(one.name) or b""
        for one in town.snapshot.files.objects.find("changes/")
    )
    assert written
    assert b"example.com" not in written


def test_a_purchase_without_a_member_is_nobodys_until_it_is_claimed(town: Town) -> None:
    town.world.buy("p1", None, 500)
    town.refresh()
    told = "SELECT member_id, amount_minor FROM {purchases} AS p"
    assert town.told(told) == []

    mia = town.people.member("mia")
    claim_purchase(town.world.ports, TILL, town.world.purchase_id("p1"), MemberId(mia), NOW)
    town.refresh()
    assert town.told(told) == [(mia, 500)]


def test_lines_are_kept_of_those_alone_whose_behaviour_may_be_used(town: Town) -> None:
    mia, lou = town.people.member("mia"), town.people.member("lou")
    town.says(mia, "habits")
    for label, member_id in (("p1", mia), ("p2", lou)):
        Shop(town.world).post(label, member_id, line(category="beans"))
    town.refresh()
    assert town.told("SELECT member_id, category FROM {lines} AS l") == [(mia, "beans")]
    objects = town.snapshot.files.objects
    [kept] = [objects.read(one.name) or b"" for one in objects.find("changes/lines/")]
    assert lou.encode() not in gzip.decompress(kept)

    town.says(mia, "habits", granted=False)
    town.refresh(TOMORROW)
    assert town.told("SELECT member_id FROM {lines} AS l") == []


def test_what_offers_gave_is_told_and_what_a_return_took_of_it(town: Town) -> None:
    shop, mia = Shop(town.world), town.people.member("mia")
    offer = shop.launch("hundred", BonusPoints(100))
    shop.post("p1", mia, line(amount_minor=1_000))
    town.world.give_back("p1", "r1", 1_000)
    town.refresh()
    told = "SELECT kind, member_id, offer_id, version, points, cost_minor FROM {uses} AS u"
    assert sorted(town.told(told)) == [
        ("taken_back", mia, offer.offer_id, 1, -100, -100),
        ("use", mia, offer.offer_id, 1, 100, 100),
    ]


def test_a_batch_whose_purchase_is_a_moment_behind_comes_again(town: Town) -> None:
    mia = town.people.member("mia")
    town.world.buy("p1", mia, 500)
    town.world.give_back("p1", "r1", 500)
    [key] = [key for key, one in town.ledger.causes.items() if hasattr(one, "return_id")]
    returned = town.ledger.causes.pop(key)
    batch = Batch((returned,), frozenset(), "00")
    with pytest.raises(StoreUnavailable):
        refresh_snapshot(town.world.ports, batch, NOW)


def test_who_is_erased_is_nowhere_as_soon_as_the_stream_says_so(town: Town) -> None:
    mia, lou = town.people.member("mia"), town.people.member("lou")
    town.world.buy("p1", mia, 500)
    town.world.buy("p2", lou, 500)
    town.refresh()
    head = town.ledger.head(mia)
    assert head is not None
    erased = replace(head.entry.account(), status=AccountStatus.ERASED)
    entry = next_entry(head.entry, erased, kind=EntryKind.ERASE, cause="erase:1", now=NOW)
    town.ledger.accounts[mia][entry.seq] = entry
    batch = Batch((entry,), frozenset(), "01")
    refresh_snapshot(town.world.ports, batch, NOW + timedelta(seconds=1))
    assert town.snapshot.ids() == [lou]
    assert town.told("SELECT member_id FROM {purchases} AS p") == [(lou,)]


def test_once_a_day_every_member_is_taken_anew_as_days_pass_without_a_write(town: Town) -> None:
    for label in ("mia", "lou", "kai"):
        town.people.member(label)
    town.refresh()
    assert preview_audience(town.world.ports, JOINED, NOW).members == 3

    done = SnapshotRun(date(2026, 3, 15), members=3, unread=0, complete=True)
    assert town.make(TOMORROW) == done
    first = town.snapshot.files.current()
    assert town.make(TOMORROW + timedelta(hours=1)) == done
    assert town.snapshot.files.current() == first
    shown = preview_audience(town.world.ports, JOINED, NOW)
    assert (shown.members, shown.as_of.day) == (0, date(2026, 3, 15))
    assert preview_audience(town.world.ports, None, NOW).members == 3


def test_a_preview_counts_who_can_be_reached_and_whom_live_offers_are_for_and_masks_its_sample(
    town: Town,
) -> None:
    members = [town.people.member(f"m{number}") for number in range(10)]
    for member_id in members[:4]:
        town.says(member_id, "adverts")
    change_own_status(town.world.ports, members[0], AccountStatus.FROZEN, ("hold", "1"), NOW)
    shop = Shop(town.world)
    everybody = shop.launch("everybody", BonusPoints(1))
    some = shop.launch("some", BonusPoints(1), audience=Leaf("status", Op.EQ, "frozen"))
    shop.launch("later", BonusPoints(1), launched_at=None)
    shop.launch("others", BonusPoints(1), audience=Leaf("status", Op.EQ, "erased"))
    town.refresh()

    shown = preview_audience(town.world.ports, JOINED, NOW)

    assert shown.members == 10
    assert (shown.reachable.mail, shown.reachable.sms, shown.reachable.push) == (3, 0, 0)
    assert [(one.offer_id, one.members) for one in shown.overlap] == [
        (everybody.offer_id, 10),
        (some.offer_id, 1),
    ]
    assert len(shown.sample) == 5
    for one in shown.sample:
        assert (one.tier, one.lifetime_class) == ("none", "none")
        assert len(one.member) == 5
        assert one.member not in members

    few = preview_audience(town.world.ports, Leaf("status", Op.EQ, "frozen"), NOW)
    assert (few.members, few.sample) == (1, ())
    assert town.snapshot.queries.members(Where("status = ?", ("frozen",)), None, 5).members == (
        members[0],
    )


def test_what_was_bought_before_there_was_a_snapshot_is_put_into_it_once(town: Town) -> None:
    mia, lou = town.people.member("mia"), town.people.member("lou")
    town.says(mia, "habits")
    town.world.buy("p1", mia, 500)
    town.world.buy("p2", lou, 300)
    town.world.buy("p3", None, 200)
    town.world.give_back("p1", "r1", 500)
    town.make(NOW)
    told = "SELECT member_id, sum(amount_minor), count(*) FROM {purchases} AS p GROUP BY 1"
    assert sorted(town.told(told)) == sorted([(mia, 0, 2), (lou, 300, 1)])
    assert town.told("SELECT member_id FROM {lines} AS l") == [(mia,)]

    town.refresh()  # the stream tells the same
    town.make(TOMORROW)
    assert sorted(town.told(told)) == sorted([(mia, 0, 2), (lou, 300, 1)])
    fills = [one.name for one in town.snapshot.files.objects.find("changes/") if "fill" in one.name]
    assert len(fills) == 2
