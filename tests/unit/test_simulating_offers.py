"""What a simulation says of an offer is what its purchases would have got of it, to the point."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.applied_offers import AWARD, OFFER
from chalicelib.domain.conditions import Any as AnyOf
from chalicelib.domain.conditions import Leaf, Not, Op
from chalicelib.domain.earning import Line
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offers import (
    Activation,
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    LineMatch,
    Multiplier,
    Occasion,
    Offer,
    OfferStatus,
    OfferText,
    Pause,
    PointsPerUnit,
    RewardPrice,
    Schedule,
    Stacking,
)
from chalicelib.domain.program import Pending
from chalicelib.domain.refusals import Conflict, InvalidContent, NotFound
from chalicelib.domain.rewards import LimitPeriod
from chalicelib.domain.segments import Segment, SegmentKind, SegmentStatus
from chalicelib.domain.simulations import Given, Tally, within_limits
from chalicelib.domain.traits import Traits
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.follow_behaviour import follow_behaviour
from chalicelib.usecases.ledger_pass import Place
from chalicelib.usecases.offer_visitor import OfferVisitor
from chalicelib.usecases.past_purchases import MOST_READ
from chalicelib.usecases.ports.books import AccountBook
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.simulate_offer import (
    SECONDS,
    OfferSimulated,
    SimulateOffer,
    continue_simulation,
    simulate_offer,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.ledger_world import NOW, TILL, World, fake_world, line, purchase, unhurried

DAY = timedelta(days=1)
BEANS = BasketTerms(matches=LineMatch(categories=frozenset({"beans"})))
DOUBLE = Offer(
    offer_id="off_double",
    number=7,
    version=1,
    name="Double beans",
    effect=Multiplier(200),
    texts={"en": OfferText("Double beans")},
    basket=BEANS,
)
BONUS = replace(DOUBLE, offer_id="off_bonus", number=8, name="Ten more", effect=BonusPoints(10))
PURCHASES = 40
SHOPPERS = tuple(f"shopper{number}" for number in range(8))


@dataclass(frozen=True, slots=True)
class Bought:
    """One purchase of the history: by whom, when and what."""

    label: str
    shopper: str
    at: datetime
    lines: tuple[Line, ...]


def _history(seed: int = 3, purchases: int = PURCHASES) -> list[Bought]:
    """Two months of purchases, in the order of time, no two at once."""
    chance = Random(seed)
    minutes = sorted(chance.sample(range(60 * 24 * 60), purchases))
    return [
        Bought(
            f"p{number}",
            chance.choice(SHOPPERS),
            NOW - timedelta(minutes=minute),
            tuple(
                line(str(n), chance.randrange(100, 4_000), quantity=n, category=category)
                for n, category in enumerate(chance.sample(["beans", "tea", "cups"], 2), start=1)
            ),
        )
        for number, minute in enumerate(reversed(minutes))
    ]


def _world(*live: Offer, history: list[Bought] | None = None) -> tuple[World, FakeLedger]:
    """A shop whose members have bought all of the history, with offers live all the time."""
    world, ledger = fake_world("sims")
    for offer in live:
        _stored(world, _live(offer))
    for number, shopper in enumerate(SHOPPERS):
        member_id = _id(world, shopper)
        world.open_account(opening_entry(member_id, AccountStatus.ACTIVE, NOW - 100 * DAY))
        country = "DE" if number % 2 else "AT"
        ledger.keep_traits(member_id, Traits(country=country, profiling=number < 5))
    for bought in history if history is not None else _history():
        _post(world, bought)
    return world, ledger


def _post(world: World, bought: Bought) -> None:
    whole = purchase(world.purchase_id(bought.label), *bought.lines, at=bought.at)
    member_id = _id(world, bought.shopper)
    post_purchase(world.ports, TILL, PostPurchase(whole, MemberId(member_id)), bought.at)
    follow_behaviour(world.ports, member_id)  # as the worker does behind the ledger


def _id(world: World, shopper: str) -> str:
    return f"mem_{world.name}_{shopper}"


def _live(offer: Offer) -> Offer:
    return replace(
        offer,
        status=OfferStatus.LAUNCHED,
        launched_at=FROM_THE_BEGINNING,
        schedule=replace(offer.schedule, starts_at=None, ends_at=None),
    )


def _stored(world: World, offer: Offer) -> None:
    assert world.ports.offers.put(offer, FROM_THE_BEGINNING) == "written"


def _simulated(world: World, offer: Offer, months: int = 3, **more: Any) -> OfferSimulated:
    if world.ports.offers.get(offer.offer_id) is None:
        _stored(world, offer)
    found = simulate_offer(world.ports, SimulateOffer(offer.offer_id, months, **more), NOW)
    assert (found.complete, found.share_percent) == (True, 100)
    return found


def _tally(world: World, offer: Offer, months: int = 3) -> Tally:
    return _simulated(world, offer, months).offers[0].tally


def _replayed(offer: Offer, *others: Offer, history: list[Bought] | None = None) -> list[int]:
    """The points that an offer gives when the history is posted while it is live."""
    _, ledger = _world(*others, offer, history=history)
    rows = [
        row.points
        for entries in ledger.accounts.values()
        for entry in entries.values()
        for row in entry.why
        if row.rule in (OFFER + offer.offer_id, AWARD + offer.offer_id) and row.points
    ]
    return rows


EVERYTHING_HAS_ITS_LIMITS: dict[str, Offer] = {
    "all of it": DOUBLE,
    "a bonus from some money on": replace(
        BONUS, basket=replace(BEANS, minimum_minor=1_500, quantity=1)
    ),
    "units": replace(DOUBLE, effect=PointsPerUnit(3), most_points=5),
    "an audience": replace(DOUBLE, audience=Leaf("country", Op.EQ, "AT")),
    "an audience by what was bought": replace(
        DOUBLE,
        audience=AnyOf(
            (
                Leaf("purchases_last_30_days", Op.GTE, 2),
                Leaf("favourite_category", Op.EQ, "tea"),
            )
        ),
    ),
    "an audience by points": replace(DOUBLE, audience=Leaf("available_points", Op.LT, 60)),
    "an audience by points that wait": replace(
        DOUBLE,
        audience=Not(Leaf("pending_points", Op.GT, 20)),
        pending=Pending(days=40),
    ),
    "a first purchase": replace(DOUBLE, basket=replace(BEANS, first_purchase=True)),
    "a limit a week": replace(BONUS, member_limit=1, member_limit_period=LimitPeriod.WEEK),
    "a limit for ever": replace(BONUS, member_limit=2),
    "some hours of some days": replace(
        DOUBLE,
        schedule=Schedule(
            starts_at=NOW + DAY, weekdays=frozenset({0, 2, 4, 5}), hours=((480, 1_200),)
        ),
    ),
    "a holdout": replace(DOUBLE, holdout_percent=30),
    "a challenge to come": replace(BONUS, challenge=Challenge(ChallengeKind.COUNT, 2)),
    "a challenge of units, with a budget": replace(
        BONUS, challenge=Challenge(ChallengeKind.QUANTITY, 3), budget=Budget("points", 55)
    ),
    "a challenge to come in weeks in a row": replace(
        BONUS, challenge=Challenge(ChallengeKind.STREAK, 2, period=LimitPeriod.WEEK, repeats=1)
    ),
    "a challenge to collect": replace(
        BONUS,
        basket=BasketTerms(),
        challenge=Challenge(ChallengeKind.COLLECT, 2, items=("beans", "tea"), repeats=2),
    ),
    "a budget": replace(DOUBLE, budget=Budget("points", 150)),
    "a budget in money and a limit": replace(
        DOUBLE,
        budget=Budget("minor", 40),
        member_limit=2,
        member_limit_period=LimitPeriod.MONTH,
    ),
}


@pytest.mark.parametrize("offer", EVERYTHING_HAS_ITS_LIMITS.values(), ids=EVERYTHING_HAS_ITS_LIMITS)
def test_a_simulation_gives_what_replaying_its_purchases_gives(offer: Offer) -> None:
    world, _ = _world()
    tally = _tally(world, offer)
    points = _replayed(offer)
    assert 0 < len(points) < PURCHASES
    assert (tally.purchases, tally.points) == (len(points), sum(points))
    assert sum(tally.excluded.values()) == PURCHASES - len(points)


def test_beside_another_live_offer_it_gives_what_the_till_would_have_let_it() -> None:
    group = Stacking(group="beans", priority=1)
    better = replace(BONUS, effect=BonusPoints(25), stacking=group)
    weaker = replace(DOUBLE, stacking=group)
    world, _ = _world(better)
    tally = _tally(world, weaker)
    points = _replayed(weaker, better)
    assert (tally.purchases, tally.points) == (len(points), sum(points))
    assert tally.excluded["beaten"] == tally.overlap["off_bonus"][1] > 0
    assert tally.overlap["off_bonus"] == [0, tally.excluded["beaten"], len(points)]


def test_beside_others_that_were_paused_or_are_long_over_it_gives_what_the_till_did() -> None:
    group = Stacking(group="beans", priority=1)
    better = replace(
        BONUS,
        effect=BonusPoints(25),
        stacking=group,
        pauses=(Pause(NOW - 50 * DAY, NOW - 40 * DAY), Pause(NOW - 20 * DAY, NOW - 5 * DAY)),
    )
    over = replace(better, offer_id="off_over", number=9, pauses=(), ended_at=NOW - 35 * DAY)
    weaker = replace(DOUBLE, stacking=group)
    world, _ = _world(better, over)
    assert world.ports.offers.put(
        replace(_live(BONUS), offer_id="off_new", number=10, effect=BonusPoints(1)), NOW, NOW
    )
    assert "off_over" not in world.ports.offers.live().by_id
    tally = _tally(world, weaker)
    points = _replayed(weaker, better, over)
    assert (tally.purchases, tally.points) == (len(points), sum(points))
    assert len(points) > len(_replayed(weaker, replace(better, pauses=()), over))
    assert all(tally.excluded["beaten"] > figures[1] > 0 for _, figures in _beaten(tally))


def _beaten(tally: Tally) -> list[tuple[str, list[int]]]:
    return [(one, figures) for one, figures in tally.overlap.items() if one != "off_new"]


# --- whose, and when -----------------------------------------------------------------------------


def test_versions_and_offers_are_set_side_by_side_each_as_if_it_alone_were_live() -> None:
    world, _ = _world()
    alone = [_tally(world, offer) for offer in (DOUBLE, BONUS)]
    second = replace(DOUBLE, version=2, effect=Multiplier(300))
    _stored(world, second)
    found = _simulated(world, DOUBLE, versions=(1, 2), beside=(BONUS.offer_id,))
    assert [(one.offer.offer_id, one.offer.version) for one in found.offers] == [
        ("off_double", 1),
        ("off_double", 2),
        ("off_bonus", 1),
    ]
    tallies = [one.tally for one in found.offers]
    assert (tallies[0], tallies[2]) == (alone[0], alone[1])
    assert tallies[1].points == sum(_replayed(replace(second, version=1)))


def test_points_are_told_apart_by_week_tier_and_segment() -> None:
    world, _ = _world()
    segment = Segment("seg_at", 1, "Austria", SegmentKind.DYNAMIC, Leaf("country", Op.EQ, "AT"))
    gone = replace(segment, segment_id="seg_gone", status=SegmentStatus.ARCHIVED)
    assert all(world.ports.segments.put(one, NOW) for one in (segment, gone))
    whole = _tally(world, DOUBLE)
    austrian = _tally(world, replace(BONUS, effect=Multiplier(200), audience=segment.condition))
    assert sum(points for _, points in whole.by_week.values()) == whole.points
    assert {date.fromisoformat(week).weekday() for week in whole.by_week} == {0}
    assert whole.by_tier == {"none": [whole.members, whole.purchases, whole.points]}
    figures = [austrian.members, austrian.purchases, austrian.points]
    assert whole.by_segment == {"seg_at": figures}
    assert len(whole.largest) == 5
    assert whole.largest == sorted(whole.largest, reverse=True)
    assert sum(whole.largest) < whole.points
    beans = [b for b in _history() if any(one.category == "beans" for one in b.lines)]
    assert whole.members == len({bought.shopper for bought in beans})


def test_only_purchases_of_the_months_asked_for_are_looked_at() -> None:
    month_ago = NOW.replace(month=2)
    moment = timedelta(milliseconds=1)
    times = [month_ago - DAY, month_ago, month_ago + moment, NOW, NOW + moment]
    beans = (line("1", 1_000, category="beans"),)
    history = [Bought(f"p{n}", "shopper0", at, beans) for n, at in enumerate(times)]
    world, _ = _world(history=history)
    found = _simulated(world, DOUBLE, months=1)
    assert (found.purchases, found.accounts) == (2, 1)
    assert found.offers[0].tally.points == 2 * 20


def test_purchases_of_nobody_of_later_claims_and_of_who_was_erased_do_not_count() -> None:
    world, ledger = _world(history=[])
    beans = (line("1", 1_000, category="beans"),)
    for label in ("claimed", "nobody's"):
        whole = purchase(world.purchase_id(label), *beans, at=NOW - DAY)
        post_purchase(world.ports, TILL, PostPurchase(whole, None), NOW - DAY)
    claim_purchase(
        world.ports, TILL, world.purchase_id("claimed"), MemberId(_id(world, SHOPPERS[0])), NOW
    )
    _post(world, Bought("erased", SHOPPERS[1], NOW - DAY, beans))
    entries = ledger.accounts[_id(world, SHOPPERS[1])]
    erased = replace(entries[2].account(), status=AccountStatus.ERASED)
    entries[3] = next_entry(entries[2], erased, kind=EntryKind.ERASE, cause="erase", now=NOW)
    found = _simulated(world, DOUBLE)
    assert (found.purchases, found.offers[0].tally) == (0, Tally())


def test_who_is_not_meant_and_who_is_held_out_are_told_apart() -> None:
    world, _ = _world()
    offer = replace(DOUBLE, audience=Leaf("country", Op.EQ, "AT"), holdout_percent=30)
    tally = _tally(world, offer)
    history = _history()
    members = {bought.label: _id(world, bought.shopper) for bought in history}
    meant = [b for b in history if SHOPPERS.index(b.shopper) % 2 == 0]
    held_out = [b for b in meant if in_holdout(offer, members[b.label])]
    beans = {b.label for b in history if any(one.category == "beans" for one in b.lines)}
    assert tally.excluded["audience"] == len(history) - len(meant)
    assert tally.excluded["holdout"] == len(held_out) > 0
    kept = {b.label for b in meant} - {b.label for b in held_out}
    assert tally.purchases == len(kept & beans) > 0


def test_an_offer_to_opt_in_to_is_simulated_as_if_all_had() -> None:
    world, _ = _world()
    everybody = _tally(world, DOUBLE)
    opted_in = _tally(world, replace(BONUS, effect=DOUBLE.effect, activation=Activation.OPT_IN))
    assert opted_in.points == everybody.points > 0


def test_an_offer_that_is_live_already_is_not_counted_beside_itself() -> None:
    world, _ = _world(replace(DOUBLE, stacking=Stacking(group="beans")))
    tally = _tally(world, DOUBLE)
    assert (tally.points, tally.overlap) == (sum(_replayed(DOUBLE)), {})


def test_purchases_without_it_say_by_which_of_budget_and_limit() -> None:
    world, _ = _world()
    offer = replace(BONUS, member_limit=3, budget=Budget("points", 100))
    tally = _tally(world, offer)
    limited = _tally(world, replace(offer, offer_id="off_x", budget=None))
    assert (tally.points, tally.cost) == (100, 100)
    assert tally.excluded["budget"] > 0
    assert tally.purchases + sum(tally.excluded.values()) == PURCHASES
    assert limited.points == sum(_replayed(replace(offer, budget=None)))


def test_a_budget_that_is_enough_changes_nothing() -> None:
    world, _ = _world()
    whole = _tally(world, DOUBLE)
    enough = replace(BONUS, effect=DOUBLE.effect, budget=Budget("points", whole.points))
    assert replace(_tally(world, enough), cost=0) == whole


# --- how it goes on ------------------------------------------------------------------------------


class _Watch:
    """Seconds that pass with each look at the watch, as pages would take them."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._now = seconds, 0.0

    def __call__(self) -> float:
        self._now += self._seconds
        return self._now


def test_a_simulation_that_takes_longer_is_carried_on_to_the_same_end() -> None:
    world, ledger = _world()
    offer = replace(BONUS, budget=Budget("points", 95), member_limit=3)
    at_once = _tally(world, offer)
    before = repr((ledger.accounts, ledger.causes, ledger.traits))

    watch = replace(unhurried(), monotonic=_Watch(SECONDS / 4))
    hurried = replace(world.ports, patience=watch)
    found = simulate_offer(hurried, SimulateOffer(offer.offer_id, 3), NOW)
    shares = [found.share_percent]
    while not found.complete:
        simulation_id = found.simulation.simulation_id
        found = continue_simulation(hurried, offer.offer_id, simulation_id)
        shares.append(found.share_percent)
    assert found.offers[0].tally == at_once
    assert shares == sorted(shares)
    assert (shares[0] < 100, shares[-1]) == (True, 100)
    assert repr((ledger.accounts, ledger.causes, ledger.traits)) == before  # and nothing written


def test_a_simulation_answers_for_the_offers_it_was_asked_of() -> None:
    world, _ = _world()
    found = _simulated(world, DOUBLE)
    _stored(world, replace(_live(BONUS), stacking=Stacking(priority=9, exclusive=True)))
    _stored(world, replace(DOUBLE, version=2, effect=Multiplier(900)))
    simulation_id = found.simulation.simulation_id
    assert continue_simulation(world.ports, "off_double", simulation_id) == found
    with pytest.raises(NotFound):
        continue_simulation(world.ports, "off_bonus", simulation_id)
    with pytest.raises(NotFound):
        continue_simulation(world.ports, "off_double", "sim_unknown")


def test_an_account_of_far_too_many_purchases_is_passed_over_and_counted() -> None:
    world, ledger = _world(history=_history(purchases=1))
    _stored(world, DOUBLE)
    command = SimulateOffer(DOUBLE.offer_id, 3)
    simulation = simulate_offer(world.ports, command, NOW).simulation
    [(bought, entries)] = [row for row in ledger.accounts.items() if len(row[1]) == 2]
    opened, earned = entries[1], entries[2]
    books = [
        AccountBook(f"A#{bought}", bought, (opened, *([earned] * times)), None)
        for times in (1, MOST_READ + 1)
    ]
    visitor = OfferVisitor(world.ports, simulation)
    sums = visitor.visit(visitor.start(), tuple(books), Place(0, 0))
    assert (sums["accounts"], sums["purchases"], sums["unreadable"]) == (1, 1, 1)


# --- what cannot be asked ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"occasion": Occasion.BIRTHDAY}, "gives_nothing_at_purchases"),
        ({"effect": RewardPrice("rwd_1", 0)}, "gives_nothing_at_purchases"),
        (
            {"challenge": Challenge(ChallengeKind.COUNT, 5), "effect": RewardPrice("rwd_1", 0)},
            "gives_nothing_at_purchases",
        ),
    ],
)
def test_what_gives_nothing_at_purchases_is_not_simulated(
    changes: dict[str, Any], reason: str
) -> None:
    world, _ = _world(history=[])
    with pytest.raises(Conflict) as refused:
        _simulated(world, replace(DOUBLE, **changes))
    assert refused.value.reason == reason


def test_all_that_is_unknown_is_said_at_once() -> None:
    world, _ = _world(history=[])
    _stored(world, DOUBLE)
    command = SimulateOffer("off_double", 1, versions=(1, 2), beside=("off_x",), segments=("seg",))
    with pytest.raises(InvalidContent) as refused:
        simulate_offer(world.ports, command, NOW)
    pointers = [error.pointer for error in refused.value.errors]
    assert pointers == ["/versions/1", "/beside/0", "/segments/0"]
    with pytest.raises(InvalidContent) as refused:
        simulate_offer(world.ports, SimulateOffer("off_double", 1, versions=(1,) * 5), NOW)
    assert [error.pointer for error in refused.value.errors] == ["/versions"]
    with pytest.raises(NotFound):
        simulate_offer(world.ports, SimulateOffer("off_unknown", 1), NOW)


# --- a budget ------------------------------------------------------------------------------------


def _given(at_ms: int, account: str, points: int, period: str = "") -> Given:
    return Given(at_ms, account, at_ms, points, points, 0, period, "none")


def test_a_budget_pays_as_purchases_come_and_what_is_left_goes_to_who_asks_for_less() -> None:
    given = [_given(3, "b", 5), _given(1, "a", 60), _given(2, "b", 50), _given(4, "a", 40)]
    kept, without = within_limits(given, member_limit=None, budget=100)
    assert [(one.at_ms, one.points) for one in kept] == [(1, 60), (3, 5)]
    assert without == {"budget": 2}


def test_who_went_without_has_not_used_the_limit_up() -> None:
    given = [_given(1, "a", 90), _given(2, "b", 20), _given(3, "b", 10), _given(4, "b", 0, "x")]
    kept, without = within_limits(given, member_limit=1, budget=100)
    assert [(one.account, one.at_ms) for one in kept] == [("a", 1), ("b", 3), ("b", 4)]
    assert without == {"budget": 1}
