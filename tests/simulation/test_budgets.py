"""The budget of an offer while everybody wants it and the network fails: never overspent, and less
than one offer's worth is left while somebody still wants it. Limits a member hold in any race."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
import pytest

from chalicelib.domain.applied_offers import NotAppliedReason
from chalicelib.domain.budgets import shards_for_budget
from chalicelib.domain.offers import BonusPoints, Budget
from chalicelib.domain.refusals import TryAgain
from chalicelib.settings import Settings
from chalicelib.storage import tables
from chalicelib.storage.offers import DynamoOffers
from chalicelib.wiring import outside
from infrastructure.local.resources import Stack
from tests import second_opinion
from tests.ledger_world import dynamo_world, line, new_name
from tests.offer_world import Shop
from tests.simulation.bad_network import BadNetwork, bad_network
from tests.simulation.invariants import broken, scanned

THREADS = 32
BUDGET = 10_000
WORTH = 70
PURCHASES = 8
"""Of each thread; all of them together want much more than there is."""


@pytest.fixture
def network(
    stack: Stack, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BadNetwork]:
    """The models, bound to their tables over a network that can fail."""
    assert stack
    endpoint = second_opinion.dynamodb_endpoint()
    with bad_network(endpoint, 7) as proxy:
        monkeypatch.setenv(second_opinion.OF_DYNAMODB, proxy.endpoint)
        tables.bind(settings)
        yield proxy
        monkeypatch.setenv(second_opinion.OF_DYNAMODB, endpoint)
        tables.bind(settings)


@pytest.fixture
def shop() -> Shop:
    patience = replace(outside.patience(), first_ms=5, most_ms=40, limit_ms=1_000)
    name = new_name("budget")
    return Shop(dynamo_world(name, patience=patience, offers=DynamoOffers()), name)


def _known(send: Callable[[], Any]) -> Any:
    """Send a request until it is known what became of it, as a till does."""
    while True:
        try:
            return send().answer
        except TryAgain:
            continue


@pytest.mark.timeout(120)
def test_a_budget_is_spent_to_its_end_and_no_further_whatever_fails(
    stack: Stack, network: BadNetwork, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    budget = Budget("points", BUDGET, shards_for_budget(BUDGET))
    offer = shop.launch("bonus", BonusPoints(WORTH), budget=budget)
    members = [shop.world.member(f"m{number}") for number in range(THREADS)]

    def live(number: int) -> int:
        """Buy again and again, and bring every fourth purchase back; the points that stay."""
        earned = 0
        for count in range(PURCHASES):
            label = f"p{number}-{count}"
            earned += _known(partial(shop.post, label, members[number], line())).points.earned
            if count % 4 == 1:
                earned -= _known(partial(shop.world.give_back, label, "r", 1_000)).points.taken
        return earned - 10 * PURCHASES + 10 * (PURCHASES // 4)

    network.fail()
    with ThreadPoolExecutor(THREADS) as pool:
        given = sum(pool.map(live, range(THREADS)))
    failures = network.failures()
    network.recover()
    with capsys.disabled():
        print(f"\n  {given} points of {BUDGET} after {failures}")
    assert all(failures.values()), "a fault that never happened proves nothing"
    assert given == BUDGET - shop.left(offer) <= BUDGET
    # What returns have freed last may be left; it is spent as long as somebody wants it.
    for number in range(THREADS * PURCHASES):
        answer = shop.post(f"last-{number}", members[0], line()).answer
        if answer.points.earned == 10:
            break
    assert [told.missed.reason for told in answer.not_applied] == [NotAppliedReason.BUDGET]
    assert 0 <= shop.left(offer) < WORTH
    assert min(shop.shards(offer)) >= 0
    assert broken(scanned(boto3.client("dynamodb"), stack.names)) == []


@pytest.mark.timeout(60)
def test_a_limit_a_member_holds_whoever_is_first(stack: Stack, shop: Shop) -> None:
    assert stack
    mia = shop.world.member()
    offer = shop.launch("few", BonusPoints(50), member_limit=5, budget=Budget("points", 400, 2))

    def buy(number: int) -> int:
        return int(_known(lambda: shop.post(f"p{number}", mia, line())).points.earned) - 10

    with ThreadPoolExecutor(16) as pool:
        given = list(pool.map(buy, range(48)))
    assert sum(given) == 250
    assert shop.left(offer) == 150
    assert [use.count for use in shop.uses(mia)] == [5]
