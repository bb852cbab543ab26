"""What happens between accounts, to purchases that come late, and to points that pay or come over
from elsewhere: more to be gone through."""

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.import_rows import BalanceRow, HistoryRow, Named, Row
from chalicelib.domain.merging import net
from chalicelib.usecases.erase_account import erase_account
from chalicelib.usecases.import_row import ImportRow, import_row
from chalicelib.usecases.ports import Ports
from tests.contract.shelf import Shelf
from tests.ledger_world import NOW
from tests.neighbours import FLEETING, Neighbours


def fill_together(shelf: Shelf) -> Ports:
    """A little of everything between accounts; the ports to reconcile it with."""
    place = Neighbours(shelf.world, replace(FLEETING, version=1))
    place.ports = replace(place.ports, reconciliations=shelf.world.ports.reconciliations)
    _transfers(place)
    _merges(place)
    _household(place)
    _passed_on(place)
    _late_and_paid(shelf, place)
    _brought_over(place)
    return place.ports


def _transfers(place: Neighbours) -> None:
    ann, bob = place.member("ann", 300), place.member("bob")
    place.wait(20)
    kept, back = (place.send(ann, bob, points, f"t{points}") for points in (120, 45))
    assert kept.answer.transfer_id
    place.call_back(ann, back.answer.transfer_id)


def _merges(place: Neighbours) -> None:
    """What belongs to the account that moved goes on at the one that stands in for it."""
    old, new = place.member("old", 400), place.member("new", 50)
    mug = place.world.reward("cup", points=30)
    place.wait(20)
    redeemed = place.redeem(old, mug, "before").answer.record.redemption_id
    merged = place.merge(old, new, "m")
    place.give_back("first-old", "after", 100)
    place.cancel(redeemed)
    place.adjust(old, 11, "after-merge")
    place.buy("after-merge", old, 70)
    other, mistaken = place.member("other", 20), place.member("mistaken", 90)
    place.wait(1)
    place.part(place.merge(mistaken, other, "m2").answer.merge_id)
    assert merged.answer.merge_id


def _household(place: Neighbours) -> None:
    owner, joins, stays = (place.member(name, 60) for name in ("owner", "joins", "stays"))
    for member_id in (joins, stays):
        place.join(member_id, place.invite(owner, f"for-{member_id}"))
    place.buy("shared", joins, 40)
    place.leave(joins)
    place.give_back("shared", "left-since", 10)
    place.give_back("first-joins", "left-since", 30)


def _passed_on(place: Neighbours) -> None:
    """An owner is erased; what was bought and redeemed before goes on at the heir's account."""
    owner, heir, follows = (place.member(name, 60) for name in ("passes", "heir", "follows"))
    for member_id in (heir, follows):
        place.join(member_id, place.invite(owner, f"for-{member_id}"))
    place.wait(20)
    cup = place.world.reward("shared", points=30)
    redeemed = place.redeem(follows, cup, "shared").answer.record.redemption_id
    place.buy("before-it-passed", follows, 40)
    erase_account(place.ports, owner, 0, place.now)
    place.cancel(redeemed)
    place.give_back("before-it-passed", "since", 10)
    place.buy("since", follows, 5)
    place.leave(follows)
    assert net(place.own(heir)) == 180 + 30 + 5


def _late_and_paid(shelf: Shelf, place: Neighbours) -> None:
    """Returns before their purchase, one of which does not fit; points that pay."""
    eve = place.member("eve", 200)
    for return_id, euros in (("early", 5), ("too-much", 900)):
        place.give_back("late", return_id, euros)
    place.buy("late", eve, 30)
    place.give_back("never-comes", "r", 5)
    place.wait(20)
    cup = shelf.world.reward("pays", points=40)
    redeemed = place.redeem(eve, cup, "pays").answer.record.redemption_id
    world = replace(shelf.world, ports=place.ports)
    world.pay("paid", eve, redeemed, 3_000)
    for number in range(3):
        place.give_back("paid", f"r{number}", 10)


def _brought_over(place: Neighbours) -> None:
    fay = place.member("fay")
    named = Named("member_id", fay)
    rows: tuple[Row, ...] = (
        BalanceRow("b1", named, 70, date(2026, 12, 31), False),
        BalanceRow("b2", named, -100, None, True),
        BalanceRow("b3", named, 0, None, False),
        HistoryRow("h1", named, NOW - timedelta(days=70), 3_500, 35),
    )
    for number, row in enumerate(rows):
        command = ImportRow("imp_1", "elsewhere", number, row, fay)
        import_row(place.ports, command, place.now, dry_run=False)
