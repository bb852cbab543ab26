"""Offers and their budgets: the same promises kept by the store and by the fake."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.conditions import All, Leaf, Not, Op
from chalicelib.domain.offers import (
    Activation,
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    Effect,
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
from chalicelib.domain.rewards import LimitPeriod, Reward, RewardKind
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA
from chalicelib.storage.live_offers import GenerationItem, read_listing
from chalicelib.storage.offer_documents import encoded_offer
from chalicelib.storage.offers import DynamoOffers, OfferItem
from chalicelib.storage.rewards import DynamoRewards
from chalicelib.storage.writing import Put, Update, transact
from chalicelib.usecases.ports import (
    BudgetChange,
    Ledger,
    Offers,
    Rewards,
    StockChange,
    StoreNewer,
    Verdict,
    Write,
)
from tests.contract.ledger_place import in_dynamodb
from tests.counted import calls_of
from tests.fakes.ledger import FakeLedger
from tests.fakes.offers import FakeOffers
from tests.fakes.rewards import FakeRewards

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
DRAFT = Offer("off_1", 1, 1, "Double", Multiplier(200), {"en": OfferText("Double", "Twice")})
LAUNCHED = replace(DRAFT, status=OfferStatus.LAUNCHED, launched_at=NOW, since=NOW)
EVERYTHING = replace(
    LAUNCHED,
    texts={"de": OfferText("Größer"), "en": OfferText("Bigger", "“More”")},
    occasion=Occasion.PURCHASE,
    schedule=Schedule(
        NOW, NOW + timedelta(days=3), frozenset({0, 6}), ((60, 120), (1_380, 30)), frozenset({1})
    ),
    audience=All((Leaf("tier", Op.IN, ("gold", "silver")), Not(Leaf("country", Op.EQ, "AT")))),
    basket=BasketTerms(
        1_000,
        LineMatch(frozenset({"s"}), frozenset({"b", "a"}), frozenset({"k"})),
        2,
        frozenset({"web"}),
        frozenset({"berlin"}),
        first_purchase=True,
        with_reward=True,
    ),
    challenge=Challenge(ChallengeKind.STREAK, 3, ("a",), LimitPeriod.WEEK, 2),
    activation=Activation.OPT_IN,
    member_limit=3,
    member_limit_period=LimitPeriod.MONTH,
    budget=Budget("minor", 5_000, 3),
    most_points=500,
    stacking=Stacking("coffee", 7, exclusive=True),
    holdout_percent=10,
    pending=Pending(3),
    ended_at=NOW + timedelta(days=2),
)


@dataclass
class Place:
    """Offers, the ledger that moves their budgets, rewards beside them, and time."""

    offers: Offers
    rewards: Rewards
    ledger: Ledger
    another: Callable[[], Offers]
    seconds: float = 0.0


@pytest.fixture(params=["dynamo", "fake"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "fake":
        fake, rewards = FakeOffers(), FakeRewards()
        return Place(fake, rewards, FakeLedger(rewards, fake), lambda: fake)
    request.getfixturevalue("empty_config")
    return _in_dynamodb()


def _in_dynamodb() -> Place:
    ledger = in_dynamodb().ledger
    found = Place(DynamoOffers(lambda: found.seconds), DynamoRewards(), ledger, DynamoOffers)
    return found


@pytest.fixture
def store(place: Place) -> Offers:
    return place.offers


def _budgeted(amount: int, version: int = 1, shards: int = 1) -> Offer:
    return replace(LAUNCHED, version=version, budget=Budget("points", amount, shards))


EFFECTS = [Multiplier(150), BonusPoints(50), PointsPerUnit(5), RewardPrice("rwd_1", 0, early=True)]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_an_offer_is_read_as_it_was_written(store: Offers, effect: Effect) -> None:
    offer = replace(EVERYTHING, effect=effect)
    assert store.put(offer, NOW) == "written"
    assert (store.get("off_1"), store.all(), store.get("off_2")) == (offer, [offer], None)


def test_only_the_successor_is_written_and_every_version_stays(place: Place) -> None:
    store, second = place.offers, replace(LAUNCHED, version=2, name="Twice")
    assert store.put(DRAFT, NOW) == "written"
    assert store.put(DRAFT, NOW) == "stale"
    assert store.put(replace(DRAFT, version=3), NOW) == "stale"
    assert store.put(second, NOW) == "written"
    assert (store.version("off_1", 1), store.version("off_1", 2)) == (DRAFT, second)
    assert place.another().version("off_1", 1) == DRAFT
    with pytest.raises(LookupError):
        store.version("off_1", 3)


def test_offers_are_listed_newest_first_by_their_creation(store: Offers) -> None:
    for number in (2, 1, 3):
        store.put(replace(DRAFT, offer_id=f"off_{number}"), NOW + timedelta(minutes=number))
    store.put(replace(DRAFT, offer_id="off_1", version=2), NOW + timedelta(days=1))
    assert [offer.offer_id for offer in store.all()] == ["off_3", "off_2", "off_1"]


def test_no_number_is_given_twice(place: Place) -> None:
    numbers = [
        place.offers.next_number(),
        place.another().next_number(),
        place.offers.next_number(),
    ]
    assert len(set(numbers)) == 3
    assert min(numbers) > 0


def test_what_is_live_changes_at_once_where_it_was_changed(store: Offers) -> None:
    assert store.live().all == ()
    store.put(DRAFT, NOW)
    assert store.live().all == ()
    store.put(replace(LAUNCHED, version=2), NOW)
    before = store.live()
    assert [live.offer.version for live in before.all] == [2]
    assert store.live() is before
    asleep = replace(LAUNCHED, version=3, status=OfferStatus.PAUSED, pauses=(Pause(NOW),))
    store.put(asleep, NOW)
    [live] = store.live().all
    # With the version that was in force last: what is written while it is at rest is nobody's.
    in_force = replace(asleep, version=2)
    assert live.offer == in_force
    store.put(replace(asleep, version=4, effect=BonusPoints(9)), NOW)
    assert store.live().by_id["off_1"].offer == in_force
    assert store.live().generation == before.generation + 2


def test_pauses_are_the_offers_and_no_versions(store: Offers) -> None:
    pauses = (Pause(NOW, NOW + timedelta(minutes=1)), Pause(NOW + timedelta(hours=1)))
    store.put(DRAFT, NOW)
    asleep = replace(LAUNCHED, version=2, status=OfferStatus.PAUSED, pauses=pauses)
    store.put(asleep, NOW)
    assert (store.get("off_1"), store.all()) == (asleep, [asleep])
    assert store.version("off_1", 2) == replace(asleep, pauses=())
    resumed = (*pauses[:1], replace(pauses[1], ended_at=NOW + timedelta(hours=2)))
    awake = replace(asleep, version=3, status=OfferStatus.LAUNCHED, pauses=resumed)
    store.put(awake, NOW)
    assert (store.get("off_1"), store.live().by_id["off_1"].offer) == (awake, awake)
    assert store.version("off_1", 3) == replace(awake, pauses=())


def test_tills_are_not_told_of_what_is_over_for_longer_than_purchases_come_late(
    store: Offers,
) -> None:
    day = timedelta(days=1)
    ends = {"off_2": NOW - 31 * day, "off_3": NOW - 29 * day, "off_4": NOW - 31 * day}
    for offer_id, ended_at in ends.items():
        over = replace(LAUNCHED, offer_id=offer_id, status=OfferStatus.ENDED, ended_at=ended_at)
        effect: Effect = RewardPrice("rwd_1", 0) if offer_id == "off_4" else over.effect
        store.put(replace(over, effect=effect, occasion=Occasion.BIRTHDAY), NOW)
    assert set(store.live().by_id) == set(ends)
    store.put(LAUNCHED, NOW, NOW - 30 * day)
    # What a birthday has given can be redeemed at any time.
    assert set(store.live().by_id) == {"off_1", "off_3", "off_4"}
    assert {offer.offer_id for offer in store.all()} == {"off_1", *ends}


@pytest.mark.parametrize("shards", [1, 3])
def test_a_budget_begins_full_when_its_offer_is_launched(store: Offers, shards: int) -> None:
    store.put(replace(DRAFT, budget=Budget("points", 100, shards)), NOW)
    assert store.shards_left([replace(DRAFT, budget=Budget("points", 100, shards))]) == {}
    offer = _budgeted(100, 2, shards)
    store.put(offer, NOW)
    other = replace(LAUNCHED, offer_id="off_2")
    [left] = store.shards_left([offer, other]).values()
    assert (sum(left), len(left)) == (100, shards)
    assert store.budget_left([offer, other]) == {"off_1": 100}


def test_a_new_version_changes_what_is_left_by_the_difference(place: Place) -> None:
    store = place.offers
    store.put(_budgeted(100), NOW)
    assert place.ledger.commit(Write((), (), budgets=(_take(30),))) is Verdict.COMMITTED
    store.put(_budgeted(150, 2, shards=2), NOW)
    assert store.budget_left([_budgeted(150, 2, shards=2)]) == {"off_1": 120}
    assert store.put(_budgeted(29, 3, shards=2), NOW) == "too_few_units"
    assert store.put(_budgeted(30, 3, shards=2), NOW) == "written"
    assert store.shards_left([_budgeted(30, 3, shards=2)]) == {"off_1": [0, 0]}
    # One that has no budget any more keeps its counters: returns still find them.
    store.put(replace(LAUNCHED, version=4), NOW)
    assert place.ledger.commit(Write((), (), budgets=(_take(-5),))) is Verdict.COMMITTED
    assert store.budget_left([_budgeted(30, 3, shards=2)]) == {"off_1": 5}


def test_a_budget_is_never_overspent(place: Place) -> None:
    place.offers.put(_budgeted(100), NOW)
    assert place.ledger.commit(Write((), (), budgets=(_take(101),))) is Verdict.BUDGET_EMPTY
    assert place.ledger.commit(Write((), (), budgets=(_take(100),))) is Verdict.COMMITTED
    assert place.ledger.commit(Write((), (), budgets=(_take(1),))) is Verdict.BUDGET_EMPTY
    assert place.offers.budget_left([_budgeted(100)]) == {"off_1": 0}


def test_nothing_is_taken_of_one_budget_where_another_is_too_small(place: Place) -> None:
    place.offers.put(_budgeted(100, shards=2), NOW)
    both = (BudgetChange("off_1", 0, -50), BudgetChange("off_1", 1, -51))
    assert place.ledger.commit(Write((), (), budgets=both)) is Verdict.BUDGET_EMPTY
    assert place.offers.shards_left([_budgeted(100, shards=2)]) == {"off_1": [50, 50]}


def test_an_empty_stock_is_told_before_an_empty_budget(place: Place) -> None:
    place.offers.put(_budgeted(100), NOW)
    mug = Reward("rwd_mug", 1, "Mug", RewardKind.DONATION, 60, stock=1, stock_shards=1)
    place.rewards.put(mug, NOW)
    stock = StockChange("rwd_mug", 0, -1)
    assert place.ledger.commit(Write((), (), stock, budgets=(_take(101),))) is Verdict.BUDGET_EMPTY
    assert place.ledger.commit(Write((), (), stock, budgets=(_take(40),))) is Verdict.COMMITTED
    assert place.ledger.commit(Write((), (), stock, budgets=(_take(1),))) is Verdict.STOCK_EMPTY
    assert place.ledger.commit(Write((), (), stock, budgets=(_take(61),))) is Verdict.STOCK_EMPTY
    assert place.offers.budget_left([_budgeted(100)]) == {"off_1": 60}


def test_an_offer_found_scarce_is_remembered_until_its_budget_changes(store: Offers) -> None:
    store.put(_budgeted(100), NOW)
    assert "off_1" not in store.scarce()
    store.note_scarce(["off_1"])
    assert "off_1" in store.scarce()
    store.put(_budgeted(200, 2), NOW)
    assert "off_1" not in store.scarce()


def _take(amount: int) -> BudgetChange:
    return BudgetChange("off_1", 0, -amount)


# --- the store alone -----------------------------------------------------------------------------


@pytest.fixture
def kept(empty_config: None) -> Place:  # noqa: ARG001  # it makes the table
    return _in_dynamodb()


def test_other_processes_learn_of_a_change_within_ten_seconds_by_one_read(
    kept: Place, connection: Connection
) -> None:
    DynamoOffers().put(LAUNCHED, NOW)
    assert [live.offer.version for live in kept.offers.live().all] == [1]
    DynamoOffers().put(replace(LAUNCHED, version=2), NOW)
    kept.seconds = 9.9
    with calls_of(connection) as calls:
        assert [live.offer.version for live in kept.offers.live().all] == [1]
    assert list(calls) == []
    kept.seconds = 10.1
    assert [live.offer.version for live in kept.offers.live().all] == [2]
    kept.seconds = 25
    with calls_of(connection) as calls:
        kept.offers.live()
    assert list(calls) == ["GetItem"]


def test_what_was_found_scarce_is_forgotten_after_a_minute(kept: Place) -> None:
    kept.offers.note_scarce(["off_1"])
    kept.seconds = 59
    assert list(kept.offers.scarce()) == ["off_1"]
    kept.seconds = 61
    assert list(kept.offers.scarce()) == []


def _by_an_older_release(offer: Offer) -> None:
    """Write an offer as one does that knows neither pauses nor rows for tills."""
    item = OfferItem(keys.OFFER, offer.offer_id, schema=SCHEMA, version=offer.version, budgeted=0)
    item.document, item.created_at = encoded_offer(offer), "2026"
    moved = GenerationItem(keys.OFFERS_LIVE, keys.GENERATION)
    same = OfferItem.pk.exists() | OfferItem.pk.does_not_exist()
    transact([Put(item, same)], [Update(moved, [GenerationItem.generation.add(1)])])


def _live_by_version(store: Offers) -> dict[str, int]:
    return {live.offer.offer_id: live.offer.version for live in store.live().all}


def test_what_an_older_release_does_beside_it_is_known_to_tills_and_put_right_by_the_next_step(
    kept: Place, connection: Connection
) -> None:
    kept.offers.put(LAUNCHED, NOW)
    asleep = replace(LAUNCHED, version=2, status=OfferStatus.PAUSED, pauses=(Pause(NOW),))
    kept.offers.put(asleep, NOW)
    later = NOW + timedelta(hours=1)
    _by_an_older_release(replace(LAUNCHED, version=3, since=later))
    _by_an_older_release(replace(LAUNCHED, offer_id="off_2"))
    other = _in_dynamodb().offers
    assert _live_by_version(other) == {"off_1": 3, "off_2": 1}
    # It was paused until the older release resumed it.
    assert other.live().by_id["off_1"].offer.pauses == (Pause(NOW, later),)
    assert not read_listing().is_whole
    other.put(replace(LAUNCHED, offer_id="off_3"), NOW)
    assert read_listing().is_whole
    assert _live_by_version(other) == {"off_1": 3, "off_2": 1, "off_3": 1}
    with calls_of(connection) as calls:
        assert _live_by_version(_in_dynamodb().offers) == _live_by_version(other)
    assert list(calls) == ["GetItem", "Query"]


NEWER = [('"kind":"multiplier"', '"kind":"lottery"'), ('"name":"Double"', '"name":"Double","x":1')]


@pytest.mark.parametrize(("known", "newer"), NEWER)
def test_an_offer_of_a_newer_release_is_not_read_by_halves(
    kept: Place, known: str, newer: str
) -> None:
    kept.offers.put(DRAFT, NOW)
    item = OfferItem.get(keys.OFFER, "off_1")
    item.document = item.document.replace(known, newer, 1)
    item.save()
    with pytest.raises(StoreNewer):
        kept.offers.get("off_1")
