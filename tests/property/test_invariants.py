"""The checker of the books finds nothing where nothing is wrong, and each thing that is."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.offers import (
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    PointsPerUnit,
)
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.returned import ReturnedLine
from chalicelib.domain.traits import Traits
from chalicelib.storage.ledger_items import traits_item
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.fakes.stored import snapshot_of
from tests.ledger_world import (
    ANNA,
    BEN,
    NOW,
    PROGRAM,
    TILL,
    World,
    fake_world,
    line,
    purchase,
)
from tests.offer_world import Shop
from tests.simulation.books import Snapshot, Stock
from tests.simulation.invariants import CHECKS, broken


@pytest.fixture(scope="module")
def healthy() -> Snapshot:
    """A little of everything."""
    world, ledger = fake_world()
    ports = world.ports
    mia = world.member("mia", status=AccountStatus.PENDING_VERIFICATION, points=300)
    change_status(ports, mia, AccountStatus.ACTIVE, ("code",), NOW)
    tom = world.member("tom")
    world.buy("p", mia, 5_000, 2_500)
    world.give_back("p", "r-1", 1_000)
    world.give_back("p", "r-2", 500)
    world.buy("all-back", tom, 1_000)
    world.give_back("all-back", "r-1", 1_000)
    world.buy("guest", None, 2_000)
    world.give_back("guest", "r-1", 500)
    claim_purchase(ports, TILL, world.purchase_id("guest"), MemberId(tom), NOW)
    world.buy("nobody", None, 2_000)
    mug = world.reward(stock=3, member_limit=2)
    used, cancelled = (
        world.redeem(mia, mug, key).answer.record.redemption_id for key in ("k1", "k2")
    )
    use_redemption(ports, TILL, used, "u", NOW)
    cancel_redemption(ports, TILL, cancelled, "c", NOW + timedelta(hours=1))
    world.adjust(mia, 7, "a1")
    for number, approve in enumerate((True, False)):
        command = AdjustPoints(mia, 900, "a broken machine", False, f"big-{number}")
        asked = adjust_points(ports, ANNA, command, NOW).answer.adjustment_id
        decide_adjustment(ports, BEN, asked, approve=approve, now=NOW)
    _let_returns_come_early(world, tom)
    _let_points_expire(world)
    _let_offers_give(world)
    snapshot = snapshot_of(ledger, world.ports.rewards)
    return replace(
        snapshot, ledger=[*snapshot.ledger, traits_item(mia, Traits(country="DE")).serialize()]
    )


def _let_returns_come_early(world: World, tom: str) -> None:
    """Before purchases that come later, one that never comes, and one that they do not fit; and
    points that paid for one of them come back."""
    tea = world.reward("tea", points=9)
    redemption = world.redeem(tom, tea, "k-tea").answer.record.redemption_id
    for label, amount in (("early", 300), ("early", 2_000), ("never", 100), ("lent", 400)):
        world.send_back(label, f"r-{amount}", amount)
    world.pay("early", tom, redemption, 1_000)
    world.send_back("early", "r-rest", 700)
    world.buy("lent", None, 900)


def _let_points_expire(world: World) -> None:
    """Zoe reaches a tier, its gift and her points wait, mature and expire; then she buys again."""
    soon = NOW + timedelta(days=1)
    program = replace(PROGRAM, version=2, pending=Pending(14), expiry=SHORT, tiers=BRONZE)
    world.ports.programs.add(program, soon)
    world.ports.programs.activate(2, soon)
    zoe = MemberId(world.member("zoe"))
    for label, at in (("z-1", soon), ("z-2", soon + timedelta(days=100))):
        bought = purchase(world.purchase_id(label), line(), at=at)
        post_purchase(world.ports, TILL, PostPurchase(bought, zoe), at)


def _let_offers_give(world: World) -> None:
    """One with a budget and a limit, of which a part flows back; and a challenge."""
    shop, ada = Shop(world), world.member("ada")
    shop.launch("unit", PointsPerUnit(5), budget=Budget("points", 1_000, 2), member_limit=3)
    shop.post("o", ada, line("1", 500, quantity=2), line("2", 400))
    shop.post("q", ada, line())
    command = ReturnPurchase(world.purchase_id("o"), "r", (ReturnedLine("2", 1, 400),))
    return_purchase(world.ports, TILL, command, NOW)
    shop.world.give_back("q", "r", 1_000)
    eve, second = world.member("eve"), Challenge(ChallengeKind.COUNT, 2)
    shop.launch("second", BonusPoints(7), challenge=second, budget=Budget("points", 100))
    for label in ("s", "t", "u", "v"):
        shop.post(label, eve, line())
    shop.world.give_back("s", "r", 1_000)


SHORT = Expiry(ExpiryKind.AFTER_EARNING, 1)
BRONZE = Tiers(
    TierBasis.VISITS,
    TierWindow.SINCE_JOINING,
    (Tier("bronze", "Bronze", 1, gift_points=30),),
)


def test_nothing_is_wrong_with_healthy_books(healthy: Snapshot) -> None:
    assert broken(healthy) == []


def test_every_sentence_has_its_check_and_every_check_its_sentence() -> None:
    text = (Path(__file__).parents[2] / "docs" / "invariants.md").read_text()
    sentences = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
    assert sentences == list(CHECKS)
    for number, check in CHECKS.items():
        assert check.__name__.startswith(f"check_{number}_")


def _find(items: list[Any], pk: str, sk: str = "", kind: str = "") -> Any:
    """The first item that fits."""
    return next(
        item
        for item in items
        if item["pk"]["S"].startswith(pk)
        and item["sk"]["S"].startswith(sk)
        and kind in item.get("k", item["t"])["S"]
    )


def _replace(item: Any, name: str, old: str, new: str) -> None:
    assert old in item[name]["S"], item
    item[name]["S"] = item[name]["S"].replace(old, new, 1)


def _drop(pk: str, sk: str = "", kind: str = "") -> Callable[[list[Any]], None]:
    return lambda items: items.remove(_find(items, pk, sk, kind))


def _edit(
    name: str, old: str, new: str, *, pk: str, sk: str = "", kind: str = ""
) -> Callable[[list[Any]], None]:
    return lambda items: _replace(_find(items, pk, sk, kind), name, old, new)


def _double_voucher(items: list[Any]) -> None:
    voucher = copy.deepcopy(_find(items, "V#"))
    voucher["pk"]["S"] += "x"
    items.append(voucher)


def _mark_twice(items: list[Any]) -> None:
    _find(items, "X#", "0")["ev"] = {"N": "1"}


def _stranger(items: list[Any]) -> None:
    items.append({"pk": {"S": "A#mem_w_mia"}, "sk": {"S": "B"}, "t": {"S": "E"}})


def _swap_commitment(items: list[Any]) -> None:
    _find(items, "A#", kind="earn")["m"] = {"B": b"other"}


def _claim_of_a_members_purchase(items: list[Any]) -> None:
    guest = _find(items, "P#", "0002", "K")
    own = next(item for item in items if item["t"]["S"] == "P" and "a" in item)
    claim = copy.deepcopy(guest)
    claim["pk"], claim["sk"] = own["pk"], {"S": "0009"}
    items.append(claim)


def _end_without_redemption(items: list[Any]) -> None:
    end = copy.deepcopy(_find(items, "X#", "1"))
    end["pk"]["S"] += "x"
    items.append(end)


def _forget_the_lifetime(items: list[Any]) -> None:
    newest = [item for item in items if item["pk"]["S"] == "A#mem_w_mia" and "s" in item][-1]
    _replace(newest, "s", '"t":[', '"t":[1')


def _give_back_less(items: list[Any]) -> None:
    ends = (item for item in items if item["t"]["S"] == "Z" and "cancelled" in item["d"]["S"])
    _replace(next(ends), "d", '"returned":60', '"returned":59')


def _edit_offers(old: str, new: str) -> Callable[[list[Any]], None]:
    return lambda items: _replace(_with_offers(items, "P"), "o", old, new)


def _with_offers(items: list[Any], kind: str) -> Any:
    return next(item for item in items if item["t"]["S"] == kind and "o" in item)


def _forget_what_flowed_back(items: list[Any]) -> None:
    del _with_offers(items, "R")["o"]


def _count_one_use_more(items: list[Any]) -> None:
    newest = [item for item in items if item["pk"]["S"] == "A#mem_w_ada" and "s" in item][-1]
    _replace(newest, "s", '"f":[[1,"",1]]', '"f":[[1,"",2]]')


def _ask_no_counter(items: list[Any]) -> None:
    """What a purchase had of an offer is as much as ever, and its budget was never asked."""
    row = _with_offers(items, "P")
    [[gave], *others] = json.loads(row["o"]["S"])
    row["o"]["S"] = json.dumps([[[*gave[:5], 0, gave[6]]], *others])


def _keep_one_award_more(items: list[Any]) -> None:
    newest = [item for item in items if item["pk"]["S"] == "A#mem_w_eve" and "s" in item][-1]
    _replace(newest, "s", '"c":[[2,1,0,', '"c":[[2,2,0,')


def _forget_what_came_back(items: list[Any]) -> None:
    returns = (item for item in items if item["t"]["S"] == "R" and "w" in item)
    row = next(item for item in returns if "reward:" in item["w"]["S"])
    _replace(row, "w", '"reward:', '"forgotten:')


def _self_approved(items: list[Any]) -> None:
    _replace(_find(items, "C#adjustment_end"), "d", "staff:ben", "staff:anna")


BREAKS: list[tuple[int, Callable[[list[Any]], None]]] = [
    (1, _drop("A#mem_w_mia", "E#000000000003")),
    (1, _stranger),
    (2, _edit("s", '"t":[', '"t":[1', pk="A#mem_w_mia", sk="E#000000000002")),
    (3, _edit("x", "300,", "301,", pk="A#mem_w_mia", sk="E#000000000002")),
    (4, _edit("s", '"l":[null,', '"d":5,"l":[null,', pk="A#", kind="earn")),
    (4, _edit("s", '"m":[1,', '"m":[-1,', pk="A#", kind="earn")),
    (5, _edit("at", "2026", "2025", pk="A#", kind="status")),
    (6, _edit("s", '"v":2', '"z":"' + "z" * 7_500 + '","v":2', pk="A#", kind="earn")),
    (7, _drop("C#adjustment#")),
    (7, _drop("A#", kind="adjust")),
    (8, _edit("k", "earn", "adjust", pk="A#", kind="earn")),
    (9, _edit("g", "[[300,", "[[301,", pk="P#", sk="0000")),
    (10, _mark_twice),
    (11, _edit("w", '["base",', '["bose",', pk="P#", sk="0000")),
    (12, _swap_commitment),
    (13, _edit("d", '"points":7', '"points":8', pk="C#adjustment#")),
    (14, _forget_the_lifetime),
    (15, _edit("d", "2026-03-14", "2026-02-14", pk="P#", sk="0000")),
    (16, _edit("d", '"use":["mu', '"use":["xx', pk="X#", sk="0")),
    (17, _claim_of_a_members_purchase),
    (17, _edit("sk", "0000", "0003", pk="P#", kind="W")),
    (18, _edit("d", "[[0,0,667]", "[[0,0,9999]", pk="P#", sk="0001")),
    (18, _edit("d", "r-2", "r-1", pk="P#", sk="0002", kind="R")),
    (19, _edit("w", '["base",-10', '["base",-1000', pk="P#", sk="0001")),
    (20, _drop("C#claim_code#")),
    (21, _end_without_redemption),
    (22, _double_voucher),
    (22, _drop("V#")),
    (23, _give_back_less),
    (25, _self_approved),
    (26, _edit("w", ",-40,", ",-41,", pk="A#mem_w_zoe", kind="expire")),
    (26, _drop("A#mem_w_zoe", kind="expire")),
    (27, _edit("at", "2026-03", "2026-05", pk="A#mem_w_zoe", sk="E#000000000002")),
    (28, _edit("w", '["gift:bronze",30', '["gift:bronze",31', pk="A#mem_w_zoe", kind="earn")),
    (29, _edit("d", "r-300", "r-301", pk="P#", kind="W")),
    (29, _drop("P#", kind="F")),
    (29, _edit("d", "r-2000", "r-2001", pk="P#", kind="F")),
    (30, _drop("X#", "2")),
    (30, _edit("d", '"purchase":"', '"purchase":"x', pk="X#", sk="2")),
    (30, _forget_what_came_back),
    (31, _edit_offers('"",[[', '"",[[0,1],[')),
    (31, _forget_what_flowed_back),
    (32, _count_one_use_more),
    (32, _edit_offers(',""', ",null")),
    (33, _ask_no_counter),
    (33, _edit_offers(',""', ",null")),
    (33, _forget_what_flowed_back),
    (34, _keep_one_award_more),
]


@pytest.mark.parametrize(("number", "spoil"), BREAKS)
def test_what_is_spoilt_is_found(
    healthy: Snapshot, number: int, spoil: Callable[[list[Any]], None]
) -> None:
    items = [copy.deepcopy(item) for item in healthy.ledger]
    spoil(items)
    complaints = broken(replace(healthy, ledger=items))
    assert number in {int(complaint.partition(".")[0]) for complaint in complaints}, complaints


@pytest.mark.parametrize("left", [(3,), (1,), (-1, 3)])
def test_a_stock_that_does_not_add_up_is_found(healthy: Snapshot, left: tuple[int, ...]) -> None:
    stocks = {reward: replace(stock, left=left) for reward, stock in healthy.stocks.items()}
    complaints = broken(replace(healthy, stocks=stocks))
    assert [complaint.partition(".")[0] for complaint in complaints] == ["24"]


def test_every_number_is_shown_to_be_found() -> None:
    assert {number for number, _ in BREAKS} | {24} == set(CHECKS)


@pytest.mark.parametrize("changes", [{"budget": Stock(1_000, (-1, 991))}, {"member_limit": 0}])
def test_an_offer_that_gave_too_much_is_found(healthy: Snapshot, changes: dict[str, Any]) -> None:
    offers = healthy.offers | {"off_unit": replace(healthy.offers["off_unit"], **changes)}
    complaints = broken(replace(healthy, offers=offers))
    assert len({complaint.partition(".")[0] for complaint in complaints}) == 1
