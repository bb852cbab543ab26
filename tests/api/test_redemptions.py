"""Redemptions and vouchers over HTTP, on real transactions."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import Scope
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, RewardKind
from tests.api.client import Client, Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop


def use(shop: Shop, redemption_id: str, key: str = "use-1") -> Reply:
    return shop.post(f"/v1/redemptions/{redemption_id}/use", None, key=key)


def cancel(shop: Shop, redemption_id: str, key: str = "cancel-1") -> Reply:
    return shop.post(f"/v1/redemptions/{redemption_id}/cancel", None, key=key)


def test_points_become_a_voucher_that_a_person_can_read_out(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 100)

    reply = shop.redeem(member, shop.reward(60, valid_days=7))

    answer = reply.json()
    assert reply.status == 201
    assert (answer["status"], answer["points"], answer["available_after"]) == ("issued", 60, 40)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", answer["voucher_code"])
    assert answer["expires_at"] == "2026-11-29T09:30:00.000Z"
    assert shop.account(member)["available"] == 40


def test_the_same_key_repeats_the_redemption_and_its_code(shop: Shop) -> None:
    member, reward = shop.member(), shop.reward(60)
    shop.earn(member, 60)
    first = shop.redeem(member, reward, key="k-1")

    again = shop.redeem(member, reward, key="k-1")
    other = shop.redeem(member, shop.reward(1), key="k-1")

    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, again.json()) == (201, first.json())
    assert (other.status, other.json()["differing"]) == (409, ["reward_id"])


def test_two_redemptions_of_sixty_from_a_hundred_points_are_one(shop: Shop) -> None:
    member, reward = shop.member(), shop.reward(60)
    shop.earn(member, 100)

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda key: shop.redeem(member, reward, key=key), ["a", "b"]))

    assert sorted(reply.status for reply in replies) == [201, 409]
    refused = next(reply for reply in replies if reply.status == 409)
    assert refused.code == "insufficient_points"
    figures = refused.json()
    assert (figures["required"], figures["available"], figures["missing"]) == (60, 40, 20)
    assert shop.account(member)["available"] == 40


def test_fifty_threads_for_the_last_one_are_one_success(shop: Shop) -> None:
    reward = shop.reward(1, stock=1)
    members = [shop.member() for _ in range(50)]
    for member in members:
        shop.earn(member, 1)

    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda member: shop.redeem(member, reward), members))

    assert sorted(reply.status for reply in replies) == [201] + [409] * 49
    assert {reply.code for reply in replies if reply.status == 409} == {"reward_sold_out"}


def test_a_stock_over_many_counters_is_sold_to_the_last_unit_and_no_further(shop: Shop) -> None:
    reward = shop.reward(1, stock=12, stock_shards=6)
    member = shop.member()
    shop.earn(member, 20)

    statuses = [shop.redeem(member, reward).status for _ in range(15)]

    assert statuses == [201] * 12 + [409] * 3


def test_a_cancelled_redemption_gives_back_points_stock_and_limit(shop: Shop) -> None:
    member, reward = shop.member(), shop.reward(60, stock=1, member_limit=1)
    shop.earn(member, 60)
    first = shop.redeem(member, reward).json()
    assert shop.redeem(member, reward).code == "member_limit_reached"

    cancelled = cancel(shop, first["redemption_id"])

    answer = cancelled.json()
    assert (cancelled.status, answer["status"], answer["points_returned"]) == (200, "cancelled", 60)
    assert answer["available_after"] == 60
    assert shop.redeem(member, reward).status == 201


def test_a_member_limit_counts_in_its_period(shop: Shop, clock: Clock) -> None:
    member = shop.member()
    reward = shop.reward(1, member_limit=2, member_limit_period=LimitPeriod.MONTH)
    shop.earn(member, 10)
    assert [shop.redeem(member, reward).status for _ in range(2)] == [201, 201]

    third = shop.redeem(member, reward)
    clock.forward(days=10)  # December

    assert (third.status, third.code) == (409, "member_limit_reached")
    assert (third.json()["limit"], third.json()["period"]) == (2, "month")
    assert shop.redeem(member, reward).status == 201


def test_a_redemption_ends_once(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 10)
    redemption = shop.redeem(member, shop.reward(10)).json()["redemption_id"]
    used = use(shop, redemption)

    again, second, cancelled = (
        use(shop, redemption),
        use(shop, redemption, key="use-2"),
        cancel(shop, redemption),
    )

    assert used.json()["status"] == "used"
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == used.json()
    for refused in (second, cancelled):
        assert (refused.status, refused.code) == (409, "redemption_already_ended")
        assert refused.json()["ended_as"] == "used"


def test_a_use_and_a_cancel_at_once_are_one_of_them(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 80)
    reward = shop.reward(10)
    for _ in range(8):
        redemption = shop.redeem(member, reward).json()["redemption_id"]
        before = shop.account(member)["available"]
        with ThreadPoolExecutor(2) as pool:
            ends = [pool.submit(use, shop, redemption), pool.submit(cancel, shop, redemption)]
            statuses = [end.result().status for end in ends]

        assert sorted(statuses) == [200, 409]
        assert shop.account(member)["available"] == before + (10 if statuses[1] == 200 else 0)


def test_a_voucher_is_looked_up_and_used_however_it_is_typed(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 10)
    code = shop.redeem(member, shop.reward(10)).json()["voucher_code"]
    typed = {"voucher_code": code.lower().replace("-", " ")}

    found = shop.post("/v1/vouchers/lookup", typed)
    used = shop.post("/v1/vouchers/use", typed, key="v-1")
    twice = shop.post("/v1/vouchers/use", typed, key="v-2")

    assert (found.json()["status"], found.json()["reward"]["sku"]) == ("issued", "CUP")
    assert used.json()["status"] == "used"
    assert twice.json()["ended_as"] == "used"
    unknown = shop.post("/v1/vouchers/lookup", {"voucher_code": "0000-0000-0000-0000"})
    nonsense = shop.post("/v1/vouchers/lookup", {"voucher_code": "nonsense"})
    assert (unknown.code, nonsense.code) == ("voucher_not_found", "voucher_not_found")


def test_a_key_that_took_one_voucher_takes_no_other(shop: Shop) -> None:
    member, reward = shop.member(), shop.reward(10)
    shop.earn(member, 20)
    vouchers = [shop.redeem(member, reward).json() for _ in range(2)]
    first, second = ({"voucher_code": voucher["voucher_code"]} for voucher in vouchers)

    used = shop.post("/v1/vouchers/use", first, key="v-1")
    replayed = shop.post("/v1/vouchers/use", first, key="v-1")
    other = shop.post("/v1/vouchers/use", second, key="v-1")
    by_id = use(shop, vouchers[0]["redemption_id"], key="v-1")

    assert (replayed.status, replayed.body) == (used.status, used.body) == (200, used.body)
    assert replayed.headers["idempotent-replayed"] == "true"
    assert (other.code, other.json()["differing"]) == ("conflicting_replay", ["voucher_code"])
    assert shop.post("/v1/vouchers/lookup", second).json()["status"] == "issued"
    assert (by_id.code, by_id.json()["ended_as"]) == ("redemption_already_ended", "used")
    assert shop.post("/v1/vouchers/use", second, key="v-2").status == 200
    spent = shop.post("/v1/vouchers/use", second, key="v-1")
    assert spent.code == "conflicting_replay"


def test_an_expired_voucher_is_not_taken(shop: Shop, clock: Clock) -> None:
    member = shop.member()
    shop.earn(member, 10)
    redemption = shop.redeem(member, shop.reward(10, valid_days=1)).json()["redemption_id"]
    clock.forward(days=1)

    refused = use(shop, redemption)

    assert (refused.status, refused.json()["ended_as"]) == (409, "expired")
    read = shop.client.get(f"/v1/redemptions/{redemption}", bearer=shop.till).json()
    assert (read["status"], read["ended_at"]) == ("expired", read["expires_at"])
    assert shop.account(member)["available"] == 0


def test_an_expired_redemption_whose_reward_says_so_comes_back_once(
    shop: Shop, clock: Clock
) -> None:
    from chalicelib.usecases.end_redemption import expire_redemption

    member = shop.member()
    shop.earn(member, 10)
    reward = shop.reward(10, valid_days=1, on_expiry=OnExpiry.RETURN)
    redemption = shop.redeem(member, reward).json()["redemption_id"]
    ports = shop.services.ports
    assert not expire_redemption(ports, redemption, clock())
    clock.forward(days=1)

    ended = [expire_redemption(ports, redemption, clock()) for _ in range(2)]

    assert ended == [True, False]
    assert shop.account(member)["available"] == 10
    assert cancel(shop, redemption).json()["ended_as"] == "expired"


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"starts_at": timedelta(hours=1)}, "not_started"),
        ({"ends_at": timedelta(0)}, "ended"),
        ({"tiers": frozenset({"gold"})}, "tier"),
    ],
)
def test_a_reward_that_is_not_available_says_why(
    shop: Shop, clock: Clock, terms: dict[str, object], reason: str
) -> None:
    member = shop.member()
    shop.earn(member, 10)
    moved = {k: clock() + v if isinstance(v, timedelta) else v for k, v in terms.items()}

    refused = shop.redeem(member, shop.reward(10, **moved))

    assert (refused.status, refused.code) == (409, "reward_not_available")
    assert refused.json()["reason"] == reason
    assert shop.account(member)["available"] == 10


def test_who_is_not_verified_yet_earns_and_cannot_redeem(shop: Shop) -> None:
    member = shop.member(AccountStatus.PENDING_VERIFICATION)
    shop.earn(member, 10)

    refused = shop.redeem(member, shop.reward(10))

    assert (refused.code, refused.json()["reason"]) == ("reward_not_available", "not_verified")


def test_paying_with_points_takes_as_many_as_are_asked_for(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 100)
    reward = shop.reward(
        10, kind=RewardKind.POINTS_PAYMENT, value_minor=50, currency="EUR", sku=None
    )

    odd = shop.redeem(member, reward, points=55)
    paid = shop.redeem(member, reward, points=70)
    fixed = shop.redeem(member, shop.reward(10), points=10)

    assert odd.pointers == {"/points": "not_a_multiple"}
    assert paid.json()["points"] == 70
    assert paid.json()["reward"]["value"] == {"amount_minor": 350, "currency": "EUR"}
    assert fixed.pointers == {"/points": "not_expected"}


def test_a_dry_run_of_a_redemption_takes_nothing(shop: Shop) -> None:
    member, reward = shop.member(), shop.reward(10, stock=1)
    shop.earn(member, 10)
    path = f"/v1/members/{member}/redemptions?dry_run=true"

    tried = shop.post(path, {"reward_id": reward}, key="k")

    assert (tried.status, tried.json()["available_after"]) == (201, 0)
    assert shop.account(member)["available"] == 10
    assert shop.redeem(member, reward, key="k").status == 201


def test_a_dry_run_says_that_the_last_one_is_gone_as_the_real_one_would(shop: Shop) -> None:
    member, reward = shop.member(), shop.reward(10, stock=1)
    shop.earn(member, 20)
    assert shop.redeem(member, reward, key="the-last-one").status == 201
    path = f"/v1/members/{member}/redemptions?dry_run=true"

    tried = shop.post(path, {"reward_id": reward}, key="k")

    real = shop.redeem(member, reward, key="k")
    assert (tried.status, tried.code) == (real.status, real.code) == (409, "reward_sold_out")


def test_a_member_redeems_its_own_points_and_nobody_elses(shop: Shop, client: Client) -> None:
    member, reward = shop.member(), shop.reward(10)
    shop.earn(member, 20)
    own, foreign = shop.token_for(member), shop.token_for(shop.member())
    path, body, key = (
        f"/v1/members/{member}/redemptions",
        {"reward_id": reward},
        {"Idempotency-Key": "k"},
    )

    stranger = client.post(path, body, bearer=foreign, headers=key)
    nobody = client.post("/v1/members/mem_nobody/redemptions", body, bearer=foreign, headers=key)
    redeemed = client.post("/v1/members/me/redemptions", body, bearer=own, headers=key)

    assert redeemed.status == 201
    assert (stranger.status, stranger.code) == (nobody.status, nobody.code)
    redemption = redeemed.json()["redemption_id"]
    hidden = client.get(f"/v1/redemptions/{redemption}", bearer=foreign)
    assert (hidden.status, hidden.code) == (404, "redemption_not_found")
    assert client.get(f"/v1/redemptions/{redemption}", bearer=own).status == 200
    theft = client.post(f"/v1/redemptions/{redemption}/cancel", bearer=foreign, headers=key)
    assert (theft.status, theft.code) == (404, "redemption_not_found")


def test_using_a_voucher_needs_a_till_with_that_scope(
    shop: Shop, key_for: Callable[..., str]
) -> None:
    member = shop.member()
    shop.earn(member, 10)
    redemption = shop.redeem(member, shop.reward(10)).json()["redemption_id"]
    path, key = f"/v1/redemptions/{redemption}/use", {"Idempotency-Key": "k"}

    narrow = shop.client.post(path, bearer=key_for({Scope.PURCHASES}), headers=key)
    own = shop.client.post(path, bearer=shop.token_for(member), headers=key)

    assert (narrow.status, narrow.json()["scope"]) == (403, "vouchers:use")
    assert own.status == 403


def test_a_redemption_without_a_key_is_refused(shop: Shop) -> None:
    path = f"/v1/members/{shop.member()}/redemptions"

    reply = shop.post(path, {"reward_id": shop.reward(1)})

    assert (reply.status, reply.code) == (400, "idempotency_key_missing")
