"""What an offer has done, read off a snapshot: here by DuckDB of files; `tests/simulation` has the
first of these asked by Athena's SQL, too.

The launch notes whom the offer is for, the snapshot what they do afterwards; sums alone come out.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.instants import printed
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offer_results import VersionUse
from chalicelib.domain.offers import Activation, BonusPoints, Offer, OfferStatus, OfferText
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.domain.snapshot_columns import Dataset, Row
from chalicelib.domain.uplift import TooLittle
from chalicelib.usecases.fix_audience import fix_audience
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_offer_results import OfferResults, read_offer_results
from tests.ledger_world import fake_world
from tests.snapshot_world import NOW, Snapshot, in_folder, member, purchase

DAY = timedelta(days=1)
LATER = NOW + 30 * DAY

OFFER = Offer(
    offer_id="off_measured",
    number=1,
    version=1,
    name="Ten more",
    effect=BonusPoints(10),
    texts={"en": OfferText("Ten more")},
    status=OfferStatus.LAUNCHED,
    audience=Leaf("country", Op.EQ, "AT"),
    activation=Activation.OPT_IN,
    holdout_percent=25,
    launched_at=NOW,
    since=NOW,
)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """An empty one."""
    return in_folder(tmp_path)


def _ports(snapshot: Snapshot) -> Ports:
    world, _ = fake_world("results")
    return replace(world.ports, snapshots=snapshot.files, queries=snapshot.queries)


def _launched(ports: Ports, **changes: Any) -> Offer:
    offer = replace(OFFER, **changes)
    fix_audience(ports, offer, NOW)
    assert ports.offers.put(offer, NOW) == "written"
    return offer


def _use(offer: Offer, member_id: str, *, version: int = 1, kind: str = "use") -> Row:
    points = 10 if kind == "use" else -4
    return {
        "event": f"{member_id}/{kind}/{version}",
        "member_id": member_id,
        "offer_id": offer.offer_id,
        "version": version,
        "number": offer.number,
        "name": f"{member_id}/{version}",
        "at": printed(NOW + DAY),
        "day": "2026-03-15",
        "kind": kind,
        "points": points,
        "cost_minor": 2 * points,
    }


def _results(ports: Ports) -> OfferResults:
    return read_offer_results(ports, OFFER.offer_id, LATER)


def test_reached_activated_and_used_are_counted_by_version(snapshot: Snapshot) -> None:
    ports = _ports(snapshot)
    austrians = [f"mem_at{number:03d}" for number in range(40)]
    snapshot.change(*(member(member_id, country="AT") for member_id in austrians))
    snapshot.change(member("mem_de", country="DE"))
    offer = _launched(ports)
    opted_in = [_opted_in(member(one, NOW + DAY, country="AT")) for one in austrians[:3]]
    snapshot.change(*opted_in, at=NOW + DAY)
    uses = [
        _use(offer, austrians[0]),
        _use(offer, austrians[1]),
        _use(offer, austrians[1], version=2),
    ]
    back = _use(offer, austrians[1], version=2, kind="taken_back")
    other = replace(offer, offer_id="off_other")
    snapshot.change(*uses, back, _use(other, austrians[2]), dataset=Dataset.USES)

    results = _results(ports)

    assert results.audience is not None
    held_out = sum(in_holdout(offer, member_id) for member_id in austrians)
    assert (results.audience.members, results.audience.held_out) == (40, held_out)
    assert (results.audience.listed, results.activated) == (40, 3)
    assert (results.used.members, results.used.uses, results.used.points) == (2, 3, 26)
    assert results.used.versions == [
        VersionUse(1, uses=2, taken_back=0, points=20, cost_minor=40),
        VersionUse(2, uses=1, taken_back=1, points=6, cost_minor=12),
    ]
    assert results.comparison.too_little is TooLittle.FEW_MEMBERS


def _opted_in(row: Row) -> Row:
    """The row of a member who has opted in to the offer and to another one."""
    return {**row, "activated": [OFFER.offer_id, "off_other"]}


def test_those_it_was_launched_for_are_compared_by_what_they_did_since(snapshot: Snapshot) -> None:
    ports = _ports(snapshot)
    members = [f"mem_{number:04d}" for number in range(1_200)]
    snapshot.change(*(member(member_id, country="AT") for member_id in members))
    offer = _launched(ports)
    # Who comes to match only afterwards is not compared, nor what was bought before.
    snapshot.change(member("mem_late", country="AT"))
    figures = _bought_by(members, offer)
    rows = [
        {**purchase(f"{member_id}/{n}", member_id, amount_minor=amount), "at": printed(NOW + DAY)}
        for member_id, amounts in figures.items()
        for n, amount in enumerate(amounts)
    ]
    before = {**purchase("before", members[0], amount_minor=99_999), "at": printed(NOW - DAY)}
    returned = {
        **purchase("back", members[0], amount_minor=-50),
        "kind": "return",
        "at": printed(NOW + DAY),
    }
    late = purchase("late", "mem_late", amount_minor=77_777)
    snapshot.change(*rows, before, returned, late, dataset=Dataset.PURCHASES)

    found = _results(ports).comparison

    held_out = {member_id for member_id in members if in_holdout(offer, member_id)}
    assert (found.treated, found.held_out) == (1_200 - len(held_out), len(held_out))
    assert found.too_little is None
    assert found.visits is not None
    assert found.spend is not None
    spend = {member_id: sum(amounts) for member_id, amounts in figures.items()}
    spend[members[0]] -= 50
    for side, those in (
        (found.spend.holdout, held_out),
        (found.spend.treated, set(members) - held_out),
    ):
        assert side == pytest.approx(sum(spend[one] for one in those) / len(those))
    assert found.spend.uplift.low < 1_000 < found.spend.uplift.high
    assert found.spend.uplift.differs
    assert found.visits.uplift.low < 1 < found.visits.uplift.high


def _bought_by(members: list[str], offer: Offer) -> dict[str, list[int]]:
    """What members bought, of whom those that an offer is for buy once more for ten euros."""
    chance = Random(8)
    return {
        member_id: [
            *(chance.randrange(200, 3_000) for _ in range(chance.randrange(4))),
            *([1_000] if not in_holdout(offer, member_id) else []),
        ]
        for member_id in members
    }


def test_without_a_holdout_nobody_is_listed_and_nothing_is_claimed(tmp_path: Path) -> None:
    snapshot = in_folder(tmp_path)
    ports = _ports(snapshot)
    snapshot.change(*(member(f"mem_{number}", country="AT") for number in range(3)))
    _launched(ports, holdout_percent=0, activation=Activation.AUTOMATIC)
    results = _results(ports)
    assert results.audience is not None
    assert (results.audience.members, results.audience.listed) == (3, 0)
    assert (results.activated, results.comparison.too_little) == (None, TooLittle.NO_HOLDOUT)


def test_an_empty_snapshot_knows_of_nobody(tmp_path: Path) -> None:
    ports = _ports(in_folder(tmp_path))
    _launched(ports)
    results = _results(ports)
    assert results.audience is not None
    assert (results.audience.members, results.audience.as_of, results.as_of) == (0, None, None)
    assert (results.used.members, list(results.used.versions)) == (0, [])


def test_an_offer_that_ended_is_looked_at_until_then(tmp_path: Path) -> None:
    ports = _ports(in_folder(tmp_path))
    _launched(ports, status=OfferStatus.ENDED, ended_at=NOW + 2 * DAY)
    assert _results(ports).until == NOW + 2 * DAY


def test_what_was_never_launched_has_no_results(tmp_path: Path) -> None:
    ports = _ports(in_folder(tmp_path))
    with pytest.raises(NotFound):
        _results(ports)
    assert ports.offers.put(replace(OFFER, status=OfferStatus.DRAFT, launched_at=None), NOW)
    with pytest.raises(Conflict):
        _results(ports)
