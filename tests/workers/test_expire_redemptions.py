"""The hourly worker, over the real application's tables."""

from pynamodb.connection import Connection

from chalicelib.domain.rewards import OnExpiry
from chalicelib.workers import expire_redemptions
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.counted import calls_of

EVENT = {
    "version": "0",
    "id": "cdc73f9d-aea9-11e3-9d5a-835b769c0d9c",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "000000000000",
    "time": "2026-11-23T10:00:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:events:eu-central-1:000000000000:rule/expire_redemptions"],
    "detail": {},
}


def test_what_is_due_comes_back_once_and_what_is_not_stays(shop: Shop, clock: Clock) -> None:
    member = shop.member()
    shop.earn(member, 60)
    returning = {"valid_days": 1, "on_expiry": OnExpiry.RETURN}
    redeemed = [
        shop.redeem(member, reward).json()["redemption_id"]
        for reward in (
            shop.reward(10, **returning),
            shop.reward(20, valid_days=1),
            shop.reward(5, **{**returning, "valid_days": 9}),
            shop.reward(1, **returning),
        )
    ]
    shop.post(f"/v1/redemptions/{redeemed[3]}/use", None, key="used-in-time")
    clock.forward(days=1, hours=1)

    runs = [expire_redemptions.handle(EVENT, None) for _ in range(2)]

    assert runs[0]["ended"] >= 1  # other tests' redemptions may be due in the same tables
    assert runs[1] == {"ended": 0, "left": 0}
    assert shop.account(member)["available"] == 60 - 20 - 5 - 1
    path = f"/v1/redemptions/{redeemed[0]}"
    assert shop.client.get(path, bearer=shop.till).json()["status"] == "expired"


def test_nothing_is_missed_however_long_nobody_looked(shop: Shop, clock: Clock) -> None:
    member = shop.member()
    shop.earn(member, 30)
    for days in (1, 40):
        reward = shop.reward(10, valid_days=days, on_expiry=OnExpiry.RETURN)
        assert shop.redeem(member, reward).status == 201
    expire_redemptions.handle(EVENT, None)
    clock.forward(days=75)

    expire_redemptions.handle(EVENT, None)

    assert shop.account(member)["available"] == 30


def test_a_run_looks_only_at_the_days_since_the_last(
    shop: Shop, clock: Clock, connection: Connection
) -> None:
    clock.forward(days=200)
    expire_redemptions.handle(EVENT, None)
    clock.forward(hours=1)

    with calls_of(connection) as calls:
        expire_redemptions.handle(EVENT, None)

    # Today is not swept, yesterday is; today's part of the index.
    assert calls == ["GetItem", "GetItem", "Query"]
    assert shop.client
