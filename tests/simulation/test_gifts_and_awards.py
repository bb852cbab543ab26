"""Gifts and awards that many want at once: each gift is given once, an award is redeemed once, and
no budget is overspent, over the real store."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from pynamodb.connection import Connection

from chalicelib.domain.offers import (
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    Occasion,
    RewardPrice,
)
from chalicelib.domain.refusals import InsufficientPoints, TryAgain
from chalicelib.storage.offers import DynamoOffers
from chalicelib.usecases.give_gift import Gift, give_gift
from infrastructure.local.resources import Stack
from tests.ledger_world import NOW, dynamo_world, line, new_name
from tests.offer_world import Shop
from tests.simulation.invariants import broken, scanned

THREADS = 16


@pytest.fixture
def shop(connection: Connection) -> Shop:
    assert connection
    name = new_name("gift")
    return Shop(dynamo_world(name, offers=DynamoOffers()), name)


def _known(send: Callable[[], Any]) -> Any:
    """Send a request until it is known what became of it."""
    while True:
        try:
            return send()
        except TryAgain:
            continue


@pytest.mark.timeout(60)
def test_a_gift_is_given_once_by_workers_that_race_and_a_budget_ends_to_the_point(
    stack: Stack, shop: Shop
) -> None:
    offer = shop.launch(
        "moment", BonusPoints(40), occasion=Occasion.MOMENT, budget=Budget("points", 230, 3)
    )
    members = [shop.world.member(f"m{number}") for number in range(8)]
    gift = Gift(offer.offer_id, "2026")

    def give(number: int) -> bool:
        member_id = members[number % len(members)]
        return bool(_known(lambda: give_gift(shop.world.ports, member_id, gift, NOW)))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(give, range(4 * len(members))))
    assert sorted(shop.world.available(member) for member in members) == [0] * 3 + [40] * 5
    assert shop.left(offer) == 230 - 5 * 40
    assert broken(scanned(boto3.client("dynamodb"), stack.names)) == []


@pytest.mark.timeout(60)
def test_an_award_is_redeemed_for_free_once_by_whoever_is_first(stack: Stack, shop: Shop) -> None:
    mug = shop.world.reward("mug", points=60)
    challenge = Challenge(ChallengeKind.COUNT, 4)
    shop.launch("fourth", RewardPrice(mug.reward_id, 0), challenge=challenge)
    mia = shop.world.member()

    def buy(number: int) -> None:
        _known(lambda: shop.post(f"p{number}", mia, line(amount_minor=50)))

    def redeem(number: int) -> int | None:
        try:
            issued = _known(lambda: shop.world.redeem(mia, mug, f"k{number}"))
        except InsufficientPoints:
            return None
        return int(issued.answer.record.points)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(buy, range(8)))
        paid = list(pool.map(redeem, range(THREADS)))
    assert sorted(points for points in paid if points is not None) == [0, 0]
    assert broken(scanned(boto3.client("dynamodb"), stack.names)) == []
