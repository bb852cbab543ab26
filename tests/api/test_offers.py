"""Offers over HTTP: written, launched, approved by a second person, paused; what members see."""

from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib.storage.tables import ConfigItem
from tests.api.client import Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop
from tests.own_tables import own_tables

DOUBLE: dict[str, Any] = {
    "name": "Double on beans",
    "effect": {"kind": "multiplier", "percent": 200},
    "budget": {"unit": "points", "amount": 10_000},
}
EVERYTHING: dict[str, Any] = {
    "name": "Happy hour",
    "texts": {
        "en": {"name": "Happy hour", "description": "Every afternoon"},
        "de": {"name": "Frohe Stunde", "description": "Jeden Nachmittag"},
    },
    "occasion": "purchase",
    "schedule": {
        "starts_at": "2026-11-22T10:00:00+01:00",
        "ends_at": "2026-12-24T00:00:00Z",
        "weekdays": ["mon", "fri"],
        "days_of_month": [],
        "hours": [{"from": "14:00", "to": "16:30"}, {"from": "22:00", "to": "02:00"}],
    },
    "audience": {
        "all": [
            {"fact": "lifetime_points", "op": "gte", "value": 0},
            {"not": {"fact": "tier", "op": "eq", "value": "none"}},
        ]
    },
    "basket": {
        "minimum_minor": 500,
        "products": {"skus": [], "categories": ["cups"], "brands": ["Karte"]},
        "quantity": 2,
        "channels": ["shop"],
        "stores": ["berlin-1"],
        "first_purchase": False,
        "with_reward": False,
    },
    "effect": {"kind": "points_per_unit", "points": 5},
    "challenge": None,
    "activation": "opt_in",
    "member_limit": 3,
    "member_limit_period": "week",
    "budget": {"unit": "minor", "amount": 2_000},
    "most_points": 20,
    "stacking": {"group": "afternoon", "priority": 5, "exclusive": False},
    "holdout_percent": 10,
    "pending": {"days": 0, "until": None},
}


@pytest.fixture
def no_offers(connection: Connection) -> Iterator[None]:
    """A table `config` without offers; named before `shop`, which fills it."""
    with own_tables(connection, ConfigItem):
        yield


class Marketer:
    """Staff who sets offers."""

    def __init__(self, shop: Shop, sub: str = "mia") -> None:
        self._client = shop.client
        self._shop, self._sub = shop, sub

    @property
    def bearer(self) -> str:
        return self._shop.staff("marketer", sub=self._sub)

    def create(self, body: Mapping[str, Any], key: str | None = None) -> Reply:
        headers = {"Idempotency-Key": key or token_hex(8)}
        return self._client.post("/v1/offers", dict(body), bearer=self.bearer, headers=headers)

    def made(self, **fields: Any) -> str:
        reply = self.create(DOUBLE | fields)
        assert reply.status == 201, reply.body
        return str(reply.json()["offer_id"])

    def launched(self, **fields: Any) -> str:
        offer_id = self.made(**fields)
        reply = self.do(offer_id, "launch")
        assert reply.status == 200, reply.body
        return offer_id

    def get(self, path: str) -> Reply:
        return self._client.get(path, bearer=self.bearer)

    def status(self, offer_id: str) -> str:
        return str(self.get(f"/v1/offers/{offer_id}").json()["status"])

    def put(self, offer_id: str, body: Mapping[str, Any], tag: str | None = None) -> Reply:
        tag = tag or self.get(f"/v1/offers/{offer_id}").headers["etag"]
        path, headers = f"/v1/offers/{offer_id}", {"If-Match": tag}
        return self._client.put(path, dict(body), bearer=self.bearer, headers=headers)

    def do(self, offer_id: str, what: str, tag: str | None = None) -> Reply:
        headers = {"If-Match": tag} if tag is not None else {}
        path = f"/v1/offers/{offer_id}/{what}"
        return self._client.post(path, bearer=self.bearer, headers=headers)


@pytest.fixture
def marketer(shop: Shop) -> Marketer:
    return Marketer(shop)


# --- the document ---------------------------------------------------------------------------------


def test_an_offer_is_kept_with_everything_that_was_said(marketer: Marketer) -> None:
    reply = marketer.create(EVERYTHING, key="happy-hour")
    assert (reply.status, reply.headers["etag"]) == (201, '"1"'), reply.body
    answer = reply.json()
    offer_id = answer["offer_id"]
    assert offer_id.startswith("off_")
    said = EVERYTHING | {
        "schedule": EVERYTHING["schedule"]
        | {"starts_at": "2026-11-22T09:00:00.000Z", "ends_at": "2026-12-24T00:00:00.000Z"}
    }
    assert {name: answer[name] for name in said} == said
    assert (answer["status"], answer["version"], answer["budget_left"]) == ("draft", 1, None)
    assert (answer["needs_profiling"], answer["launched_at"]) == (False, None)
    assert set(answer["audience_in_words"]) == {"en", "de"}
    assert marketer.get(f"/v1/offers/{offer_id}").json() == answer

    again = marketer.create(EVERYTHING, key="happy-hour")
    assert (again.headers["idempotent-replayed"], again.json()) == ("true", answer)
    other = marketer.create(EVERYTHING | {"member_limit": 4}, key="happy-hour")
    assert (other.code, other.json()["differing"]) == ("conflicting_replay", ["member_limit"])


def test_what_is_shown_can_be_sent_back_as_it_is(marketer: Marketer) -> None:
    shown = marketer.create(EVERYTHING).json()
    body = {name: shown[name] for name in EVERYTHING}
    reply = marketer.put(shown["offer_id"], body)
    assert reply.status == 200, reply.body
    assert {name: reply.json()[name] for name in EVERYTHING} == body
    assert marketer.put(shown["offer_id"], body, '"1"').code == "version_stale"


def test_everything_wrong_with_an_offer_is_said_at_once(marketer: Marketer) -> None:
    wrong = {
        "name": " ",
        "texts": {"english": {"name": "Happy hour"}},
        "effect": {"kind": "cashback"},
        "audience": {"all": [{"fact": "tierr", "op": "eq", "value": "gold"}]},
        "schedule": {"weekdays": ["monday"], "hours": [{"from": "25:00", "to": "26:00"}]},
        "basket": {"minimum_minor": -1, "size": 3},
        "holdout_percent": 90,
        "member_limit_period": "week",
        "challenge": {"kind": "streak", "goal": 3},
        "owner": "mia",
    }
    reply = marketer.create(wrong)
    assert reply.status == 422
    pointers = reply.pointers
    assert pointers["/effect/kind"] == "not_allowed"
    assert pointers["/name"] == "wrong_length"
    assert pointers["/member_limit_period"] == "not_expected"
    assert pointers["/owner"] == "unknown_field"
    assert {
        "/texts/english",
        "/schedule/weekdays/0",
        "/schedule/hours/0/from",
        "/basket/minimum_minor",
        "/basket/size",
        "/holdout_percent",
        "/challenge/period",
    } <= set(pointers)

    typed = DOUBLE | {"audience": wrong["audience"], "budget": {"unit": "points", "amount": 0}}
    assert set(marketer.create(typed).pointers) == {"/budget/amount"}
    typed = DOUBLE | {
        "audience": wrong["audience"],
        "effect": {"kind": "reward_price", "reward_id": "rwd_none", "points": 5},
        "occasion": "redemption",
    }
    found = marketer.create(typed).pointers
    assert found["/effect/reward_id"] == "unknown_reward"
    assert any(pointer.startswith("/audience/all/0") for pointer in found)
    for kind in ([1], {"kind": "x"}, 7, None):
        reply = marketer.create({"name": "Odd", "effect": {"kind": kind}})
        assert (reply.status, list(reply.pointers)) == (422, ["/effect/kind"])


@pytest.mark.usefixtures("no_offers")
def test_offers_are_listed_newest_first_and_by_their_status(
    clock: Clock, marketer: Marketer
) -> None:
    made = []
    for _ in range(3):
        clock.forward(seconds=1)
        made.append(marketer.made())
    marketer.do(made[0], "launch")
    marketer.do(made[1], "archive")
    everything = marketer.get("/v1/offers").json()
    assert [item["offer_id"] for item in everything["items"]] == [made[2], made[0]]
    live = marketer.get("/v1/offers?status=live").json()["items"]
    assert [(item["offer_id"], item["budget_left"]) for item in live] == [(made[0], 10_000)]
    first = marketer.get("/v1/offers?limit=1").json()
    rest = marketer.get(f"/v1/offers?limit=1&cursor={first['next_cursor']}").json()
    assert [item["offer_id"] for item in rest["items"]] == [made[0]]
    assert rest["next_cursor"] is None


# --- its life -------------------------------------------------------------------------------------


def test_an_offer_is_launched_paused_resumed_and_ended_and_all_of_it_is_recorded(
    shop: Shop, clock: Clock, marketer: Marketer
) -> None:
    offer_id = marketer.made(schedule={"starts_at": "2026-11-22T10:00:00Z"})
    assert marketer.do(offer_id, "pause").json()["reason"] == "offer_draft"
    assert marketer.do(offer_id, "launch").json()["status"] == "scheduled"
    assert marketer.do(offer_id, "launch").json()["version"] == 2  # again is no other launch
    clock.forward(hours=1)
    assert marketer.status(offer_id) == "live"
    assert marketer.do(offer_id, "pause").json()["status"] == "paused"
    assert marketer.do(offer_id, "launch").json()["reason"] == "offer_paused"
    resumed = marketer.do(offer_id, "resume").json()
    assert (resumed["status"], resumed["since"]) == ("live", "2026-11-22T10:30:00.000Z")
    assert resumed["launched_at"] == "2026-11-22T09:30:00.000Z"
    assert marketer.do(offer_id, "archive").json()["reason"] == "offer_launched"
    assert marketer.do(offer_id, "end").json()["status"] == "ended"
    for what in ("launch", "resume", "pause"):
        assert marketer.do(offer_id, what).json()["reason"] == "offer_ended"
    assert marketer.put(offer_id, DOUBLE).json()["reason"] == "offer_ended"

    officer = shop.staff("privacy", sub="pia")
    path, found = "/v1/audit?limit=100", list[Any]()
    while page := shop.client.get(path, bearer=officer).json():
        found += page["items"]
        if page["next_cursor"] is None:
            break
        path = f"/v1/audit?limit=100&cursor={page['next_cursor']}"
    done = sorted(row["action"] for row in found if row["subject"] == offer_id)
    said = ("created", "ended", "launched", "paused", "resumed")
    assert done == [f"offer.{what}" for what in said]


def test_what_may_cost_much_is_launched_by_a_second_person(shop: Shop, marketer: Marketer) -> None:
    second = Marketer(shop, "ben")
    for terms in ({"budget": None}, {"budget": {"unit": "points", "amount": 50_001}}):
        offer_id = marketer.made(**terms)
        asked = marketer.do(offer_id, "launch")
        assert (asked.status, asked.json()["status"]) == (202, "awaiting_approval")
        assert marketer.do(offer_id, "approve").code == "second_person_required"
        assert marketer.do(offer_id, "reject").code == "second_person_required"
        assert second.do(offer_id, "reject").json()["status"] == "draft"
        assert second.do(offer_id, "approve").json()["reason"] == "not_awaiting_approval"
        marketer.do(offer_id, "launch")
        changed = marketer.put(offer_id, DOUBLE | terms | {"name": "Other"}).json()
        assert changed["status"] == "draft"  # nobody approves what they have not seen
        asked = marketer.do(offer_id, "launch")
        assert second.do(offer_id, "approve", '"1"').code == "version_stale"
        approved = second.do(offer_id, "approve", asked.headers["etag"]).json()
        assert (approved["status"], approved["approved_by"]) == ("live", "staff:ben")
    enough = marketer.made(budget={"unit": "points", "amount": 50_000})
    assert marketer.do(enough, "launch").status == 200


def test_a_launched_offer_changes_at_once_but_not_whom_it_is_for(
    shop: Shop, marketer: Marketer
) -> None:
    audience = {"fact": "lifetime_points", "op": "gte", "value": 0}
    offer_id = marketer.launched(audience=audience, holdout_percent=20)
    same = DOUBLE | {"audience": audience, "holdout_percent": 20}
    triple = same | {"effect": {"kind": "multiplier", "percent": 300}}
    changed = marketer.put(offer_id, triple).json()
    assert (changed["status"], changed["effect"]["percent"]) == ("live", 300)
    other = {
        "audience": None,
        "holdout_percent": 0,
        "budget": {"unit": "minor", "amount": 100},
    }
    assert marketer.put(offer_id, triple | other).pointers == {
        "/audience": "not_changeable",
        "/holdout_percent": "not_changeable",
        "/budget": "not_changeable",
    }
    more = same | {"budget": {"unit": "points", "amount": 60_000}}
    assert marketer.put(offer_id, more).json()["reason"] == "approval_needed_pause_first"
    marketer.do(offer_id, "pause")
    assert marketer.put(offer_id, more).json()["status"] == "paused"
    assert marketer.do(offer_id, "resume").status == 202
    assert Marketer(shop, "ben").do(offer_id, "reject").json()["status"] == "paused"
    marketer.do(offer_id, "resume")
    assert Marketer(shop, "ben").do(offer_id, "approve").json()["status"] == "live"
    assert marketer.get(f"/v1/offers/{offer_id}").json()["budget_left"] == 60_000


def test_an_offer_that_is_over_before_it_begins_is_not_launched(
    clock: Clock, marketer: Marketer
) -> None:
    offer_id = marketer.made(schedule={"ends_at": "2026-11-23T00:00:00Z"})
    clock.forward(days=1)
    assert marketer.do(offer_id, "launch").pointers == {"/schedule/ends_at": "in_the_past"}


# --- what members see -----------------------------------------------------------------------------


def test_a_member_sees_what_it_is_offered_and_activates_it(shop: Shop, marketer: Marketer) -> None:
    member_id = shop.member()
    own = shop.token_for(member_id)
    opt_in = marketer.launched(
        texts={"en": {"name": "Five for three"}},
        effect={"kind": "bonus_points", "points": 5},
        basket={"minimum_minor": 300},
        activation="opt_in",
        member_limit=2,
        audience={"fact": "available_points", "op": "lt", "value": 100},
        stacking={"priority": 7},
    )
    rich = marketer.launched(audience={"fact": "available_points", "op": "gte", "value": 100})

    def seen(bearer: str) -> dict[str, Any]:
        reply = shop.client.get(f"/v1/members/{member_id}/offers", bearer=bearer)
        assert reply.status == 200, reply.body
        return {item["offer_id"]: item for item in reply.json()["items"]}

    assert rich not in seen(own)
    shown = seen(own)[opt_in]
    assert (shown["name"], shown["gives"]) == ("Five for three", "5 points")
    assert shown["needs"] == ["Spend at least 3.00 EUR"]
    assert (shown["activated"], shown["uses_left"], shown["available"]) == (False, 2, True)
    assert "below 100" in shown["why"]
    assert "why" not in seen(shop.till)[opt_in], "a till is not told what is known of a member"

    path = f"/v1/members/{member_id}/offers/{opt_in}/activate"
    for _ in range(2):
        reply = shop.client.post(path, bearer=own)
        assert (reply.status, reply.json()["activated"]) == (200, True)
    assert seen(shop.till)[opt_in]["activated"] is True
    hidden = shop.client.post(path.replace(opt_in, rich), bearer=own)
    unknown = shop.client.post(path.replace(opt_in, "off_unknown"), bearer=own)
    assert (hidden.status, hidden.code) == (unknown.status, unknown.code) == (404, "not_found")
    automatic = marketer.launched()
    reply = shop.client.post(path.replace(opt_in, automatic), bearer=own)
    assert reply.json()["reason"] == "not_opt_in"

    marketer.do(opt_in, "pause")
    assert opt_in not in seen(own)
