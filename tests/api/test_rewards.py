"""Rewards over HTTP: created once, replaced by version, archived; what members and tills see."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.storage.tables import ConfigItem
from tests.api.client import Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.counted import calls_of
from tests.own_tables import own_tables

DONATION: dict[str, Any] = {"name": "Plant a tree", "kind": "donation", "points": 100}
EVERYTHING: dict[str, Any] = {
    "name": "Pay with points",
    "description": "100 points are worth 1 €",
    "kind": "points_payment",
    "points": 100,
    "value": {"amount_minor": 100, "currency": "EUR"},
    "stock": 60,
    "member_limit": 2,
    "member_limit_period": "month",
    "tiers": ["gold", "silver"],
    "starts_at": "2026-11-22T10:00:00+01:00",
    "ends_at": "2026-12-24T00:00:00Z",
    "valid_days": 14,
    "on_expiry": "return",
}


@pytest.fixture
def empty_catalogue(connection: Connection) -> Iterator[None]:
    """A table `config` without rewards; named before `shop`, which fills it."""
    with own_tables(connection, ConfigItem):
        yield


class Marketer:
    """Staff who keeps the catalogue."""

    def __init__(self, shop: Shop) -> None:
        self._client = shop.client
        self._bearer = shop.staff("marketer", sub="mia")

    def create(self, body: Mapping[str, Any], key: str | None = None) -> Reply:
        headers = {"Idempotency-Key": key or token_hex(8)}
        return self._client.post("/v1/rewards", dict(body), bearer=self._bearer, headers=headers)

    def made(self, **fields: Any) -> str:
        reply = self.create(DONATION | fields)
        assert reply.status == 201, reply.body
        return str(reply.json()["reward_id"])

    def get(self, path: str) -> Reply:
        return self._client.get(path, bearer=self._bearer)

    def put(self, reward_id: str, body: Mapping[str, Any], tag: str) -> Reply:
        path, headers = f"/v1/rewards/{reward_id}", {"If-Match": tag}
        return self._client.put(path, dict(body), bearer=self._bearer, headers=headers)

    def archive(self, reward_id: str) -> Reply:
        return self._client.post(f"/v1/rewards/{reward_id}/archive", bearer=self._bearer)


@pytest.fixture
def marketer(shop: Shop) -> Marketer:
    return Marketer(shop)


# --- the catalogue --------------------------------------------------------------------------------


def test_a_reward_is_created_with_everything_that_was_said(marketer: Marketer) -> None:
    reply = marketer.create(EVERYTHING)
    said = EVERYTHING | {
        "starts_at": "2026-11-22T09:00:00.000Z",
        "ends_at": "2026-12-24T00:00:00.000Z",
    }
    answer = reply.json()
    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    assert answer.pop("reward_id").startswith("rwd_")
    assert answer == said | {"version": 1, "status": "active", "remaining": 60}


def test_what_is_left_out_has_its_defaults(marketer: Marketer) -> None:
    answer = marketer.create(DONATION).json()
    answer.pop("reward_id")
    assert answer == DONATION | {
        "version": 1,
        "stock": None,
        "member_limit": None,
        "tiers": None,
        "valid_days": 30,
        "on_expiry": "forfeit",
        "status": "active",
        "remaining": None,
    }


def test_a_repeated_key_creates_nothing_more_whatever_became_of_the_reward(
    marketer: Marketer,
) -> None:
    first = marketer.create(DONATION | {"stock": 5}, key="tree")
    reward_id = first.json()["reward_id"]
    marketer.put(reward_id, DONATION | {"stock": 50}, '"1"')
    again = marketer.create(DONATION | {"stock": 5}, key="tree")
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert marketer.get(f"/v1/rewards/{reward_id}").json()["remaining"] == 50


def test_a_repeated_key_with_other_content_names_what_differs(marketer: Marketer) -> None:
    marketer.create(EVERYTHING, key="differs")
    other = EVERYTHING | {"points": 200, "value": {"amount_minor": 200, "currency": "EUR"}}
    reply = marketer.create(other, key="differs")
    assert (reply.status, reply.code) == (409, "conflicting_replay")
    assert reply.json()["differing"] == ["points", "value"]


def test_sixteen_tries_of_one_key_create_one_reward(marketer: Marketer) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: marketer.create(DONATION, key="race"), range(16)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.body for reply in replies}) == 1
    assert sum("idempotent-replayed" not in reply.headers for reply in replies) == 1


def test_a_key_is_required_to_create_stock(shop: Shop) -> None:
    reply = shop.client.post("/v1/rewards", DONATION, bearer=shop.staff("marketer"))
    assert (reply.status, reply.code) == (400, "idempotency_key_missing")


def test_a_reward_is_replaced_only_by_who_has_read_its_version(marketer: Marketer) -> None:
    reward_id = marketer.made()
    dearer = DONATION | {"points": 150}
    replaced = marketer.put(reward_id, dearer, '"1"')
    assert (replaced.status, replaced.headers["etag"]) == (200, '"2"')
    assert marketer.get(f"/v1/rewards/{reward_id}").json() == replaced.json()
    for tag in ('"1"', '"3"', "*", '"one"'):
        assert marketer.put(reward_id, dearer, tag).code == "version_stale"
    assert marketer.put("rwd_unknown", dearer, '"1"').code == "reward_not_found"
    assert marketer.put("rwd_unknown", {"points": -1}, '"1"').code == "reward_not_found"
    assert marketer.put(reward_id, {"points": -1}, '"1"').code == "version_stale"


def test_of_eight_changes_to_one_version_one_is_made(marketer: Marketer) -> None:
    reward_id = marketer.made(stock=100)
    bodies = [DONATION | {"stock": 100 + number} for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda body: marketer.put(reward_id, body, '"1"'), bodies))
    made = [reply for reply in replies if reply.status == 200]
    assert len(made) == 1
    assert {reply.code for reply in replies if reply.status != 200} == {"version_stale"}
    stands = marketer.get(f"/v1/rewards/{reward_id}").json()
    assert stands["remaining"] == stands["stock"] == made[0].json()["stock"]


def test_stock_is_units_in_all_and_not_less_than_was_redeemed(
    marketer: Marketer, shop: Shop
) -> None:
    reward_id = marketer.made(stock=5)
    for _ in range(3):
        member_id = shop.member()
        shop.earn(member_id, 100)
        assert shop.redeem(member_id, reward_id).status == 201
    assert marketer.get(f"/v1/rewards/{reward_id}").json()["remaining"] == 2
    low = marketer.put(reward_id, DONATION | {"stock": 2}, '"1"')
    assert (low.status, low.json()["reason"]) == (409, "stock_below_redeemed")
    raised = marketer.put(reward_id, DONATION | {"stock": 1_000}, '"1"').json()
    assert (raised["stock"], raised["remaining"]) == (1_000, 997)
    lowered = marketer.put(reward_id, DONATION | {"stock": 3}, '"2"').json()
    assert (lowered["stock"], lowered["remaining"]) == (3, 0)
    unlimited = marketer.put(reward_id, DONATION, '"3"').json()
    assert (unlimited["stock"], unlimited["remaining"]) == (None, None)


def test_an_archived_reward_stays_archived(marketer: Marketer) -> None:
    reward_id = marketer.made()
    archived = marketer.archive(reward_id)
    assert (archived.status, archived.json()["status"]) == (200, "archived")
    assert archived.headers["etag"] == '"2"'
    again = marketer.archive(reward_id)
    assert (again.status, again.json()) == (200, archived.json())
    change = marketer.put(reward_id, DONATION, '"2"')
    assert (change.code, change.json()["reason"]) == ("reward_not_available", "archived")
    assert marketer.archive("rwd_unknown").code == "reward_not_found"


# --- what is wrong with a reward ------------------------------------------------------------------


def test_everything_wrong_with_a_reward_is_said_at_once(marketer: Marketer) -> None:
    reply = marketer.create(
        {
            "name": "",
            "kind": "lottery",
            "points": 0,
            "value": {"amount_minor": "1", "currency": "eur"},
            "percent": 101,
            "stock": -1,
            "tiers": [],
            "starts_at": "2026-11-22",
            "ends_at": "2026-11-22T10:00:00",
            "valid_days": 1.5,
            "status": "archived",
        }
    )
    assert reply.status == 422
    assert set(reply.pointers) == {
        "/name",
        "/kind",
        "/points",
        "/value/amount_minor",
        "/value/currency",
        "/percent",
        "/stock",
        "/tiers",
        "/starts_at",
        "/ends_at",
        "/valid_days",
        "/status",
    }


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("discount_amount", {}, {"/value": "missing"}),
        ("points_payment", {}, {"/value": "missing"}),
        ("discount_percent", {}, {"/percent": "missing"}),
        ("free_product", {}, {"/sku": "missing"}),
        (
            "donation",
            {"percent": 10, "sku": "A"},
            {"/percent": "not_expected", "/sku": "not_expected"},
        ),
        (
            "discount_percent",
            {"percent": 10, "value": {"amount_minor": 1, "currency": "EUR"}},
            {"/value": "not_expected"},
        ),
        (
            "discount_amount",
            {"value": {"amount_minor": 1, "currency": "USD"}},
            {"/value/currency": "currency_not_accepted"},
        ),
        ("free_product", {"sku": " "}, {"/sku": "wrong_length"}),
        ("donation", {"member_limit_period": "day"}, {"/member_limit_period": "not_expected"}),
        (
            "donation",
            {
                "name": " ",
                "starts_at": "2026-12-01T00:00:00Z",
                "ends_at": "2026-12-01T01:00:00+01:00",
            },
            {"/name": "wrong_length", "/ends_at": "before_start"},
        ),
        ("donation", {"ends_at": "0001-01-01T00:00:00+01:00"}, {"/ends_at": "out_of_range"}),
        ("donation", {"starts_at": "9999-12-31T23:59:59-01:00"}, {"/starts_at": "out_of_range"}),
    ],
)
def test_each_kind_says_what_it_needs(
    marketer: Marketer, kind: str, fields: dict[str, Any], wrong: dict[str, str]
) -> None:
    reply = marketer.create(DONATION | {"kind": kind} | fields)
    assert (reply.status, reply.pointers) == (422, wrong)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("discount_amount", {"value": {"amount_minor": 500, "currency": "EUR"}}),
        ("discount_percent", {"percent": 100}),
        ("free_product", {"sku": "MUG", "value": {"amount_minor": 900, "currency": "EUR"}}),
        ("points_payment", {"value": {"amount_minor": 1, "currency": "EUR"}}),
        ("voucher_pool", {}),
        ("donation", {"stock": 0}),
    ],
)
def test_every_kind_can_be_created(marketer: Marketer, kind: str, fields: dict[str, Any]) -> None:
    assert marketer.create(DONATION | {"kind": kind} | fields).status == 201


# --- lists ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("empty_catalogue")
class TestLists:
    def test_staff_see_all_of_them_newest_first_page_by_page(
        self, marketer: Marketer, clock: Clock
    ) -> None:
        made = []
        for number in range(5):
            clock.forward(minutes=1)
            made.append(marketer.made(name=f"Tree {number}", stock=10))
        marketer.archive(made[2])
        first = marketer.get("/v1/rewards?limit=3").json()
        assert [item["reward_id"] for item in first["items"]] == made[:1:-1]
        assert [item["status"] for item in first["items"]] == ["active", "active", "archived"]
        assert {item["remaining"] for item in first["items"]} == {10}
        rest = marketer.get(f"/v1/rewards?limit=3&cursor={first['next_cursor']}").json()
        assert [item["reward_id"] for item in rest["items"]] == made[1::-1]
        assert rest["next_cursor"] is None

    def test_a_cursor_is_good_for_who_was_given_it_alone(
        self, marketer: Marketer, shop: Shop
    ) -> None:
        for _ in range(2):
            marketer.made()
        cursor = marketer.get("/v1/rewards?limit=1").json()["next_cursor"]
        reply = shop.client.get(f"/v1/rewards?limit=1&cursor={cursor}", bearer=shop.till)
        assert (reply.status, reply.code) == (400, "bad_cursor")

    def test_tills_see_what_is_not_archived_and_why_it_cannot_be_redeemed(
        self, marketer: Marketer, shop: Shop, clock: Clock
    ) -> None:
        marketer.archive(marketer.made(name="archived"))
        marketer.made(name="open")
        marketer.made(name="tier", tiers=["gold"])
        marketer.made(name="sold_out", stock=0)
        marketer.made(name="not_started", starts_at="2027-01-01T00:00:00Z")
        marketer.made(name="ended", ends_at="2026-11-22T09:30:00Z")
        items = shop.client.get("/v1/rewards", bearer=shop.till).json()["items"]
        reasons = {item["name"]: item.get("reason") for item in items}
        assert reasons == {
            "open": None,
            "tier": "tier",
            "sold_out": "sold_out",
            "not_started": "not_started",
            "ended": "ended",
        }
        assert all(item["available_to_me"] == ("reason" not in item) for item in items)
        assert not any("remaining" in item for item in items)
        clock.forward(days=100)
        items = shop.client.get("/v1/rewards", bearer=shop.till).json()["items"]
        assert {i["name"]: i["available_to_me"] for i in items}["not_started"] is True

    def test_a_member_is_told_what_its_own_redeeming_would_be_refused_with(
        self, marketer: Marketer, shop: Shop
    ) -> None:
        once = marketer.made(name="once", member_limit=1)
        marketer.made(name="dear", points=1_000)
        member_id = shop.member()
        shop.earn(member_id, 100)
        assert self._reasons(shop, member_id) == {"once": None, "dear": None}
        assert shop.redeem(member_id, once).status == 201
        assert self._reasons(shop, member_id) == {"once": "member_limit_reached", "dear": None}
        unverified = shop.member(AccountStatus.PENDING_VERIFICATION)
        assert set(self._reasons(shop, unverified).values()) == {"not_verified"}

    def test_a_members_list_costs_three_calls_however_many_rewards_there_are(
        self, marketer: Marketer, shop: Shop, connection: Connection
    ) -> None:
        for number in range(12):
            marketer.made(name=f"Tree {number}", stock=100)
        member_id = shop.member()
        self._reasons(shop, member_id)  # which offers are live is remembered
        with calls_of(connection) as calls:
            assert len(self._reasons(shop, member_id)) == 12
        assert sorted(calls) == ["BatchGetItem", "Query", "Query"]

    def _reasons(self, shop: Shop, member_id: str) -> dict[str, str | None]:
        reply = shop.client.get("/v1/rewards", bearer=shop.token_for(member_id))
        assert reply.status == 200, reply.body
        return {item["name"]: item.get("reason") for item in reply.json()["items"]}


def test_an_archived_reward_can_still_be_read_by_who_has_redeemed_it(
    marketer: Marketer, shop: Shop
) -> None:
    reward_id = marketer.made()
    marketer.archive(reward_id)
    answer = shop.client.get(f"/v1/rewards/{reward_id}", bearer=shop.till).json()
    assert (answer["available_to_me"], answer["reason"]) == (False, "archived")
    assert shop.client.get("/v1/rewards/rwd_unknown", bearer=shop.till).code == "reward_not_found"


def test_tills_and_members_change_nothing(
    shop: Shop, token_for: Callable[..., str], marketer: Marketer
) -> None:
    reward_id = marketer.made()
    for bearer in (shop.till, token_for("mem_1"), token_for("sam", ["support"])):
        reply = shop.client.post(f"/v1/rewards/{reward_id}/archive", bearer=bearer)
        assert (reply.status, reply.code) == (403, "scope_missing")
