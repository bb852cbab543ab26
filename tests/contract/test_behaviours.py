"""What every store of digests promises, over DynamoDB and in memory; and that following an account
entry by entry comes to the same, whatever comes twice, late or in between."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.behaviour import Behaviour, Bought, up_to, with_bought
from chalicelib.domain.earning import Line
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.import_rows import BalanceRow, HistoryRow, Named
from chalicelib.domain.names import Namer
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.domain.returned import ReturnedLine
from chalicelib.domain.traits import Traits
from chalicelib.storage.people import DynamoPeople
from chalicelib.usecases.current import as_of_now, standing_in
from chalicelib.usecases.follow_behaviour import MOST_AT_A_TIME, follow_behaviour
from chalicelib.usecases.import_row import ImportRow, import_row
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.ports import KeptBehaviour, PeopleWrite, TraitsChange
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.fakes.outside import FakeVault
from tests.fakes.people import FakePeople
from tests.interposed import interposed
from tests.ledger_world import NOW, TILL, World, dynamo_world, fake_world, line, new_name, purchase
from tests.metered import metered
from tests.neighbours import Neighbours

WATCHED = Traits(country="DE", profiling=True)
TEA = with_bought(
    up_to(Behaviour(), 2), Bought(date(2026, 3, 14), 1, 1_000, ("tea",), "mitte"), NOW.date()
)


@dataclass(frozen=True, slots=True)
class Place:
    """People beside their ledger."""

    world: World

    def member(self, traits: Traits = WATCHED, label: str = "ada") -> str:
        """A member with nothing but an account and traits."""
        member_id = f"mem_{self.world.name}_{label}"
        opened = opening_entry(member_id, AccountStatus.ACTIVE, NOW)
        write = PeopleWrite(member_id, traits=TraitsChange(None, traits), opened=opened)
        assert self.world.ports.people.save(write) == "saved"
        return member_id

    def change(self, member_id: str, before: Traits, after: Traits) -> str:
        """What becomes of a change of traits, as consents, profiles and preferences write it."""
        write = PeopleWrite(member_id, traits=TraitsChange(before, after))
        return str(self.world.ports.people.save(write))

    def behaviour(self, member_id: str) -> Behaviour | None:
        """The digest as it is read with the account."""
        head = self.world.ports.ledger.head(member_id)
        kept = self.world.ports.behaviours.kept(member_id)
        assert head is not None
        assert kept == KeptBehaviour(head.traits, head.behaviour)
        return head.behaviour


@pytest.fixture(params=["dynamodb", "memory"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "dynamodb":
        request.getfixturevalue("connection")
        world = dynamo_world(new_name("buys"))
        people = DynamoPeople(FakeVault(), Namer(b"n" * 32))
        yield Place(replace(world, ports=replace(world.ports, people=people)))
        return
    world, ledger = fake_world(new_name("buys"))
    yield Place(replace(world, ports=replace(world.ports, people=FakePeople(ledger))))


def test_a_digest_is_kept_over_what_was_read_and_over_nothing_else(place: Place) -> None:
    member_id, keep = place.member(), place.world.ports.behaviours.keep
    assert place.world.ports.behaviours.kept(f"{member_id}x") is None
    nothing = KeptBehaviour(WATCHED, None)
    assert keep(member_id, nothing, TEA)
    assert not keep(member_id, nothing, TEA)
    assert place.behaviour(member_id) == TEA
    later = up_to(TEA, 3)
    assert not keep(member_id, KeptBehaviour(WATCHED, later), later)
    assert not keep(member_id, KeptBehaviour(Traits(profiling=True), TEA), later)
    assert keep(member_id, KeptBehaviour(WATCHED, TEA), later)
    assert place.behaviour(member_id) == later


def test_other_traits_leave_the_digest_and_a_withdrawal_takes_it_away_for_good(
    place: Place,
) -> None:
    member_id, keep = place.member(), place.world.ports.behaviours.keep
    assert keep(member_id, KeptBehaviour(WATCHED, None), TEA)
    moved = replace(WATCHED, country="AT")
    assert place.change(member_id, WATCHED, moved) == "saved"
    assert place.behaviour(member_id) == TEA
    withdrawn = replace(moved, profiling=False)
    assert place.change(member_id, moved, withdrawn) == "saved"
    assert place.behaviour(member_id) is None
    # Who had read it before the withdrawal comes too late.
    assert not keep(member_id, KeptBehaviour(moved, TEA), up_to(TEA, 3))
    assert place.behaviour(member_id) is None


@pytest.mark.parametrize("before", [None, TEA])
def test_a_digest_that_comes_between_is_not_put_back_by_who_writes_traits(
    connection: Connection, before: Behaviour | None
) -> None:
    """Between the look at what lies beside the traits, and the write of both."""
    world = dynamo_world(new_name("buys"))
    people = DynamoPeople(FakeVault(), Namer(b"n" * 32))
    place = Place(replace(world, ports=replace(world.ports, people=people)))
    member_id, keep, kept = place.member(), world.ports.behaviours.keep, list[bool]()
    if before is not None:
        assert keep(member_id, KeptBehaviour(WATCHED, None), before)
    later = up_to(TEA, 3)

    def follow(operation: str, _: object) -> None:
        if operation == "TransactWriteItems" and not kept:
            kept.append(keep(member_id, KeptBehaviour(WATCHED, before), later))

    moved = replace(WATCHED, country="AT")
    with interposed(connection, follow):
        assert place.change(member_id, WATCHED, moved) == "stale"
    assert (kept, place.behaviour(member_id)) == ([True], later)
    assert place.change(member_id, WATCHED, moved) == "saved"
    assert place.behaviour(member_id) == later


def test_lists_are_changed_beside_whatever_else_changes(place: Place) -> None:
    member_id, ports = place.member(), place.world.ports
    interrupted = iter([True, False])

    def on_the_list(traits: Traits) -> Traits:
        if next(interrupted):
            assert place.change(member_id, traits, replace(traits, country="AT")) == "saved"
        return replace(traits, lists=(*traits.lists, "seg_1"))

    after = replace(WATCHED, country="AT", lists=("seg_1",))
    assert change_traits(ports, member_id, on_the_list) == after
    assert ports.people.traits(member_id) == after
    assert change_traits(ports, member_id, lambda traits: traits) == after
    with pytest.raises(MemberNotFound):
        change_traits(ports, f"{member_id}x", on_the_list)


def test_following_an_account_counts_its_purchases_and_returns_once(place: Place) -> None:
    ports, member_id = place.world.ports, place.member()
    _history(place, member_id)
    newest = ports.ledger.head(member_id)
    assert newest is not None
    for seq in (3, 2, 2, newest.entry.seq, 3, None):  # any order, and more than once
        follow_behaviour(ports, member_id, seq)
    counted = place.behaviour(member_id)
    assert counted is not None
    today = NOW.date().toordinal()
    assert counted.seq == newest.entry.seq
    assert counted.days == ((today, 1, 700), (today - 3, 1, 1_000))
    assert counted.visits == (today, today - 3)
    assert dict(counted.categories) == {"beans": 1, "tea": 1}
    assert counted.skus == ("b",)  # of what came back none is told any more

    withdrawn = replace(WATCHED, profiling=False)
    assert place.change(member_id, WATCHED, withdrawn) == "saved"
    follow_behaviour(ports, member_id, newest.entry.seq)
    assert place.behaviour(member_id) is None
    assert place.change(member_id, withdrawn, WATCHED) == "saved"
    follow_behaviour(ports, member_id)
    assert place.behaviour(member_id) == counted


def test_a_long_history_is_counted_a_page_at_a_time() -> None:
    world, ledger = fake_world(new_name("buys"))
    place = Place(replace(world, ports=replace(world.ports, people=FakePeople(ledger))))
    member_id = place.member()
    for number in range(MOST_AT_A_TIME + 5):
        world.buy(str(number), member_id, 100)
    follow_behaviour(place.world.ports, member_id, 2)
    counted = place.behaviour(member_id)
    assert counted is not None
    assert counted.seq == MOST_AT_A_TIME
    follow_behaviour(place.world.ports, member_id)
    counted = place.behaviour(member_id)
    assert counted is not None
    [(_, purchases, spend_minor)] = counted.days
    assert (purchases, spend_minor) == (MOST_AT_A_TIME + 5, 100 * (MOST_AT_A_TIME + 5))


def test_an_account_is_read_with_what_was_bought_in_it_in_one_query(
    connection: Connection,
) -> None:
    world = dynamo_world(new_name("buys"))
    people = DynamoPeople(FakeVault(), Namer(b"n" * 32))
    place = Place(replace(world, ports=replace(world.ports, people=people)))
    member_id = place.member()
    assert world.ports.behaviours.keep(member_id, KeptBehaviour(WATCHED, None), TEA)
    with metered(connection) as meter:
        head = world.ports.ledger.head(member_id)
    assert meter.calls == ["Query"]
    assert head is not None
    assert head.behaviour == TEA


def test_in_a_shared_account_ones_own_purchases_count_and_no_others() -> None:
    world, ledger = fake_world(new_name("buys"))
    near = Neighbours(world)
    host, guest = near.member("host", 10), near.member("guest", 20)
    for member_id in (host, guest):
        ledger.keep_traits(member_id, WATCHED)
    near.join(guest, near.invite(host, "i"))
    near.buy("theirs", guest, 40)
    near.buy("own", host, 5)
    for member_id in (host, guest):
        follow_behaviour(near.ports, member_id)
    assert [figures[1:] for figures in ledger.behaviours[host].days] == [(2, 1_500)]
    assert [figures[1:] for figures in ledger.behaviours[guest].days] == [(1, 2_000)]
    head = standing_in(near.ports, guest)
    assert head.behaviour == ledger.behaviours[host]
    # And while they share, nothing of either is told to offers.
    assert as_of_now(near.ports, head, NOW).facts()["purchases_last_30_days"] is None


def test_purchases_that_were_brought_over_count_on_their_own_days() -> None:
    world, ledger = fake_world(new_name("buys"))
    member_id = world.member()
    ledger.keep_traits(member_id, WATCHED)
    then = NOW - timedelta(days=40)
    named = Named("member_id", member_id)
    row = HistoryRow("h-1", named, then, 2_345, 99)
    import_row(world.ports, ImportRow("i", "crm", 1, row, member_id), NOW, dry_run=False)
    balance = BalanceRow("b-1", named, 10, None, allow_debt=False)
    import_row(world.ports, ImportRow("i", "crm", 2, balance, member_id), NOW, dry_run=False)
    follow_behaviour(world.ports, member_id)
    assert ledger.behaviours[member_id].days == ((then.date().toordinal(), 1, 2_345),)
    assert ledger.behaviours[member_id].seq == 3


def _history(place: Place, member_id: str) -> None:
    """Three purchases on three days, of which one comes back and another one in part; and what
    moves points without anything being bought."""
    world = place.world
    tea = line("1", 1_000, category="tea", sku="t1")
    beans = line("1", 700, category="beans", sku="b")
    mugs = line("2", 300, category="mugs", sku="m")
    _buy(world, member_id, "one", 3, tea)
    _buy(world, member_id, "two", 2, tea)
    _buy(world, member_id, "three", 0, beans, mugs)
    world.give_back("two", "r-1", 1_000)
    world.adjust(member_id, 50, "more")
    back = (ReturnedLine("2", 1, 300),)
    command = ReturnPurchase(world.purchase_id("three"), "r-2", back)
    return_purchase(world.ports, TILL, command, NOW)


def _buy(world: World, member_id: str, label: str, days_ago: int, *lines: Line) -> None:
    bought = purchase(world.purchase_id(label), *lines, at=NOW - timedelta(days=days_ago))
    post_purchase(world.ports, TILL, PostPurchase(bought, MemberId(member_id)), NOW)
