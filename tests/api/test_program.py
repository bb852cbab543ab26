"""The program over HTTP: versions, drafts, the switch, and everything wrong with a document."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.program import Program
from chalicelib.domain.program_checks import problems_of
from chalicelib.storage.programs import DynamoPrograms
from chalicelib.storage.tables import ConfigItem
from chalicelib.wiring import Services
from tests.api.client import Client, Reply
from tests.own_tables import own_tables

DOCUMENT: dict[str, Any] = {
    "name": "Coffee club",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "base": {"points": 1, "per_minor": 100},
    "rounding": "half_up",
    "rules": [
        {
            "rule_id": "beans",
            "name": "Coffee beans double",
            "rate": {"points": 1, "per_minor": 100},
            "categories": ["coffee-beans"],
            "brands": [],
            "skus": [],
            "pending": {"days": 30, "until": "2027-01-06"},
        }
    ],
    "excluded": {"categories": ["gift-cards"], "skus": [], "tenders": ["gift_card"]},
    "rfm": {
        "recency_days": [7, 30, 60, 120],
        "purchases": [2, 4, 8, 16],
        "spend_minor": [5_000, 15_000, 40_000, 100_000],
    },
    "limits": {
        "adjustment_without_approval": 200,
        "late_purchase_days": 14,
        "offer_without_approval_minor": 10_000,
    },
    "purposes": ["loyalty_terms", "marketing_mail"],
    "attributes": ["favourite_drink"],
    "pending": {"days": 14, "until": None},
    "expiry": {"kind": "after_earning", "months": 12, "aligned": "month_end"},
    "grace_days": 21,
    "tiers": {
        "basis": "spend",
        "window": "rolling_12_months",
        "levels": [
            {
                "tier_id": "silver",
                "name": "Silver",
                "threshold": 20_000,
                "earn_percent": 110,
                "gift_points": 0,
            },
            {
                "tier_id": "gold",
                "name": "Gold",
                "threshold": 50_000,
                "earn_percent": 150,
                "gift_points": 100,
            },
        ],
        "grace_days": 31,
    },
    "transfers": {"most_points": 500, "most_points_a_month": 1_000, "cooling_off_days": 3},
    "household_members": 5,
    "thousand_points_minor": 800,
    "abuse": {"returns": 5, "percent": 60},
    "referral": {
        "referrer_points": 100,
        "referred_points": 50,
        "most_a_month": 4,
        "minimum_minor": 1_000,
    },
    "retention": {
        "inactive_months": 36,
        "warn_days": 60,
        "unverified_days": 90,
        "ask_after_months": 6,
    },
    "erasure": {"cool_off_days": 7},
    "controller": {"name": "Coffee Ltd", "contact": "privacy@coffee.example"},
}
LEAST = {name: DOCUMENT[name] for name in ("name", "zone", "currency", "base")}


@pytest.fixture
def fresh(services: Services, connection: Connection) -> Iterator[Services]:
    """A service that has no program yet."""
    with own_tables(connection, ConfigItem):
        ports = replace(services.ports, programs=DynamoPrograms())
        wiring.install(replace(services, ports=ports))
        yield wiring.services()


@pytest.fixture
def staff(client: Client, fresh: Services, token_for: Callable[..., str]) -> Client:
    """A marketer, calling a service that has no program yet."""
    assert fresh
    from app import app

    assert client
    return Client(app, token_for("mia", ["marketer"]))


def _put(staff: Client, document: object, tag: str) -> Reply:
    return staff.put("/v1/program", document, headers={"If-Match": tag})


def test_before_the_first_document_there_is_nothing_to_read(staff: Client) -> None:
    reply = staff.get("/v1/program")
    assert (reply.status, reply.code) == (404, "not_found")


def test_the_first_document_is_put_to_version_0_and_is_active_at_once(staff: Client) -> None:
    put = _put(staff, DOCUMENT, '"0"')
    versions = {"version": 1, "active_version": 1, "latest_version": 1}
    assert (put.status, put.headers["etag"]) == (200, '"1"')
    assert put.json() == DOCUMENT | versions
    got = staff.get("/v1/program")
    assert (got.status, got.headers["etag"], got.json()) == (200, '"1"', put.json())


def test_what_is_left_out_has_its_defaults(staff: Client) -> None:
    answer = _put(staff, LEAST, '"0"').json()
    assert answer["rounding"] == "floor"
    assert answer["purposes"] == ["loyalty_terms"]
    assert answer["limits"] == {
        "adjustment_without_approval": 500,
        "late_purchase_days": 30,
        "offer_without_approval_minor": 50_000,
    }
    assert (answer["rules"], answer["attributes"]) == ([], [])
    assert answer["excluded"] == {"categories": [], "skus": [], "tenders": []}
    assert answer["pending"] == {"days": 0, "until": None}
    assert (answer["expiry"], answer["tiers"], answer["transfers"]) == (None, None, None)
    assert (answer["grace_days"], answer["household_members"]) == (30, 1)
    assert answer["thousand_points_minor"] == 1_000


def test_a_later_document_is_a_draft_that_can_be_read_and_activated(staff: Client) -> None:
    _put(staff, DOCUMENT, '"0"')
    draft = _put(staff, DOCUMENT | {"name": "Better club"}, '"1"')
    assert (draft.status, draft.headers["etag"]) == (200, '"2"')
    in_force = staff.get("/v1/program").json()
    assert (in_force["name"], in_force["version"], in_force["latest_version"]) == (
        "Coffee club",
        1,
        2,
    )
    assert staff.get("/v1/program?version=2").json() == draft.json()
    activated = staff.post("/v1/program/activate", {"version": 2}).json()
    assert (activated["previous_version"], activated["active_version"]) == (1, 2)
    assert staff.get("/v1/program").json()["name"] == "Better club"
    assert staff.get("/v1/program?version=1").json()["name"] == "Coffee club"


def test_activating_again_answers_the_same_and_says_that_nothing_was_switched(
    staff: Client,
) -> None:
    _put(staff, DOCUMENT, '"0"')
    again = staff.post("/v1/program/activate", {"version": 1})
    assert (again.status, again.json()["previous_version"]) == (200, 1)


def test_a_change_must_be_made_to_the_newest_version_stored(staff: Client) -> None:
    _put(staff, DOCUMENT, '"0"')
    _put(staff, DOCUMENT, '"1"')
    for tag in ('"0"', '"1"', '"3"', '"x"', "2", "*"):
        stale = _put(staff, DOCUMENT, tag)
        assert (stale.status, stale.code) == (412, "version_stale"), tag
    missing = staff.put("/v1/program", DOCUMENT)
    assert (missing.status, missing.code) == (428, "if_match_missing")
    assert _put(staff, DOCUMENT, '"2"').status == 200


def test_a_stale_change_is_412_even_when_its_body_is_wrong(staff: Client) -> None:
    _put(staff, DOCUMENT, '"0"')
    assert _put(staff, {"name": 7}, '"0"').status == 412
    assert _put(staff, {"name": 7}, '"1"').status == 422


@pytest.mark.parametrize("path", ["/v1/program?version=9", "/v1/program?version=999999"])
def test_a_version_that_was_never_stored_is_not_found(staff: Client, path: str) -> None:
    _put(staff, DOCUMENT, '"0"')
    assert staff.get(path).status == 404
    assert staff.post("/v1/program/activate", {"version": 9}).status == 404


def test_everything_wrong_with_types_and_ranges_is_said_at_once(staff: Client) -> None:
    wrong = DOCUMENT | {
        "name": "",
        "base": {"points": 0, "per_minor": "100"},
        "rounding": "bankers",
        "rules": [{"rule_id": "Base!", "name": "x", "rate": {"points": 1}}],
        "limits": {"late_purchase_days": 0},
        "surprise": 1,
    }
    reply = _put(staff, wrong, '"0"')
    assert reply.status == 422
    assert set(reply.pointers) == {
        "/name",
        "/base/points",
        "/base/per_minor",
        "/rounding",
        "/rules/0/rule_id",
        "/rules/0/rate/per_minor",
        "/limits/late_purchase_days",
        "/surprise",
    }


def test_everything_that_types_cannot_say_is_said_at_once(staff: Client) -> None:
    rule = DOCUMENT["rules"][0]
    wrong = DOCUMENT | {
        "name": "   ",
        "zone": "Mars/Olympus_Mons",
        "currency": "EUX",
        "rules": [rule, rule | {"rule_id": "base"}, rule | {"name": " "}],
        "purposes": ["marketing_mail", "marketing_mail"],
    }
    reply = _put(staff, wrong, '"0"')
    assert reply.status == 422
    assert reply.pointers == {
        "/name": "wrong_length",
        "/zone": "unknown_zone",
        "/currency": "unknown_currency",
        "/rules/1/rule_id": "taken",
        "/rules/2/rule_id": "taken",
        "/rules/2/name": "wrong_length",
        "/purposes/1": "twice",
        "/purposes": "loyalty_terms_missing",
    }
    assert staff.get("/v1/program").status == 404


def test_what_types_say_and_what_they_cannot_say_is_in_one_answer(staff: Client) -> None:
    rule = DOCUMENT["rules"][0]
    wrong = DOCUMENT | {
        "name": 7,
        "zone": "Mars/Olympus_Mons",
        "currency": "EUX",
        "rules": [rule, rule],
        "base": {"points": "1"},
        "tiers": {"basis": "luck"},
        "purposes": ["marketing_mail"],
        "surprise": 1,
    }
    assert _put(staff, wrong, '"0"').pointers == {
        "/name": "wrong_type",
        "/zone": "unknown_zone",
        "/currency": "unknown_currency",
        "/rules/1/rule_id": "taken",
        "/base/points": "wrong_type",
        "/base/per_minor": "missing",
        "/tiers/basis": "not_allowed",
        "/tiers/window": "missing",
        "/tiers/levels": "missing",
        "/purposes": "loyalty_terms_missing",
        "/surprise": "unknown_field",
    }


@pytest.mark.parametrize("until", ["9999-12-31", "2028-11-23"])
def test_points_are_not_made_to_wait_for_what_nobody_lives_to_see(
    staff: Client, until: str
) -> None:
    rule = DOCUMENT["rules"][0]
    wrong = DOCUMENT | {
        "pending": {"days": 14, "until": until},
        "rules": [rule | {"pending": {"days": 0, "until": until}}],
    }
    assert _put(staff, wrong, '"0"').pointers == {
        "/pending/until": "too_far_ahead",
        "/rules/0/pending/until": "too_far_ahead",
    }
    assert _put(staff, DOCUMENT | {"pending": {"until": "2028-11-22"}}, '"0"').status == 200


def test_the_currency_of_the_first_version_stays(staff: Client) -> None:
    assert _put(staff, DOCUMENT, '"0"').status == 200
    changed = _put(staff, DOCUMENT | {"currency": "USD", "zone": "Mars"}, '"1"')
    assert changed.pointers == {"/currency": "not_changeable", "/zone": "unknown_zone"}
    assert _put(staff, DOCUMENT | {"name": "Tea club"}, '"1"').status == 200


def test_everything_wrong_with_what_is_promised_is_said_at_once(staff: Client) -> None:
    silver, gold = DOCUMENT["tiers"]["levels"]
    wrong = LEAST | {
        "pending": {"days": 61, "until": "2027-02-29"},
        "expiry": {"kind": "after_a_while", "months": 121, "aligned": "month_start"},
        "grace_days": 0,
        "tiers": {
            "basis": "luck",
            "window": "rolling_12_months",
            "levels": [silver | {"threshold": 0}, gold | {"earn_percent": 99, "gift_points": -1}],
            "grace_days": 63,
        },
        "transfers": {"most_points": 0, "most_points_a_month": 1, "cooling_off_days": 31},
        "household_members": 11,
        "thousand_points_minor": -1,
    }
    assert set(_put(staff, wrong, '"0"').pointers) == {
        "/pending/days",
        "/pending/until",
        "/expiry/kind",
        "/expiry/months",
        "/expiry/aligned",
        "/grace_days",
        "/tiers/basis",
        "/tiers/levels/0/threshold",
        "/tiers/levels/1/earn_percent",
        "/tiers/levels/1/gift_points",
        "/tiers/grace_days",
        "/transfers/most_points",
        "/transfers/cooling_off_days",
        "/household_members",
        "/thousand_points_minor",
    }


def test_promises_that_contradict_each_other_are_all_said_at_once(staff: Client) -> None:
    silver, gold = DOCUMENT["tiers"]["levels"]
    wrong = DOCUMENT | {
        "pending": {"days": 40},
        "expiry": {"kind": "after_earning", "months": 37},
        "tiers": DOCUMENT["tiers"] | {"levels": [gold, silver | {"name": " "}, gold]},
        "transfers": {"most_points": 500, "most_points_a_month": 499, "cooling_off_days": 3},
        "rfm": {"recency_days": [14, 30, 30, 180], "purchases": [4, 3, 8, 16]},
    }
    assert _put(staff, wrong, '"0"').pointers == {
        "/pending": "too_many_days",
        "/expiry/months": "out_of_range",
        "/tiers/levels/1/name": "wrong_length",
        "/tiers/levels/1/threshold": "not_rising",
        "/tiers/levels/2/tier_id": "taken",
        "/tiers/levels/2/threshold": "not_rising",
        "/transfers/most_points": "above_the_month",
        "/rfm/recency_days": "out_of_range",
        "/rfm/purchases": "out_of_range",
    }


@pytest.mark.parametrize(
    "zone", ["localtime", "Factory", "europe/berlin", "CET+1", "../etc/passwd", "Europe/", "\0"]
)
def test_a_zone_is_a_place_that_every_machine_knows(staff: Client, zone: str) -> None:
    reply = _put(staff, DOCUMENT | {"zone": zone}, '"0"')
    assert (reply.status, reply.pointers) == (422, {"/zone": "unknown_zone"})


def test_no_name_breaks_the_line_that_it_stands_in(staff: Client) -> None:
    rule = DOCUMENT["rules"][0] | {"name": "Beans\tdouble"}

    reply = _put(staff, DOCUMENT | {"name": "Coffee\r\nclub", "rules": [rule]}, '"0"')

    assert reply.pointers == {"/name": "not_printable", "/rules/0/name": "not_printable"}


def test_who_may_read_may_not_change_and_others_may_do_neither(
    staff: Client, token_for: Callable[..., str], key_for: Callable[..., str]
) -> None:
    _put(staff, DOCUMENT, '"0"')
    others = [token_for("sam", ["support"]), token_for("ada", ["admin"]), key_for()]
    for bearer in (*others, token_for("mem_1")):
        assert staff.get("/v1/program", bearer=bearer).code == "scope_missing"
        reply = staff.post("/v1/program/activate", {"version": 1}, bearer=bearer)
        assert reply.code == "scope_missing"


def test_without_a_program_a_purchase_is_told_so(
    staff: Client, key_for: Callable[..., str]
) -> None:
    body = {
        "purchase_id": "p-1",
        "member": None,
        "occurred_at": "2026-11-22T09:00:00Z",
        "currency": "EUR",
        "lines": [{"line_id": "1", "sku": "cup", "quantity": 1, "amount_minor": 100}],
    }
    reply = staff.post("/v1/purchases", body, bearer=key_for())
    assert (reply.status, reply.json()["reason"]) == (409, "no_program")


def test_the_document_has_the_very_fields_of_the_domain() -> None:
    from chalicelib.api.program_models import ProgramBody

    assert set(ProgramBody.__struct_fields__) | {"version"} == set(Program.__dataclass_fields__)


def test_the_domain_checks_what_the_document_bounds_too() -> None:
    from tests.contract.test_programs import FIRST, SECOND_RELEASE

    assert problems_of(FIRST) == problems_of(SECOND_RELEASE) == []
    hollow = replace(FIRST, base=replace(FIRST.base, per_minor=0), attributes=("Nope!",))
    assert [error.pointer for error in problems_of(hollow)] == ["/base/per_minor", "/attributes/0"]


def test_purposes_say_what_they_allow_and_are_read_as_they_were_written(staff: Client) -> None:
    news = {
        "purpose": "news",
        "kind": "marketing",
        "channel": "mail",
        "double_opt_in": True,
        "text": "News by mail",
    }
    asked = ["loyalty_terms", "partners", news, {"purpose": "taste", "kind": "profiling"}]
    put = _put(staff, DOCUMENT | {"purposes": asked}, '"0"')
    assert put.status == 200, put.body
    taste = {"purpose": "taste", "kind": "profiling", "channel": None} | {
        "double_opt_in": False,
        "text": None,
    }
    assert put.json()["purposes"] == ["loyalty_terms", "partners", news, taste]
    assert staff.get("/v1/program").json()["purposes"] == put.json()["purposes"]


def test_a_purpose_that_could_never_be_in_force_or_does_not_fit_its_kind_is_refused(
    staff: Client,
) -> None:
    wrong = [
        {"purpose": "loyalty_terms", "kind": "marketing"},
        {"purpose": "terms_too", "kind": "terms"},
        {"purpose": "taste", "kind": "profiling", "channel": "mail"},
        {"purpose": "news", "kind": "marketing", "double_opt_in": True},
        {"purpose": "alerts", "kind": "marketing", "channel": "push", "double_opt_in": True},
        {"purpose": "letters", "text": " "},
    ]
    reply = _put(staff, DOCUMENT | {"purposes": wrong}, '"0"')
    assert reply.status == 422
    assert reply.pointers == {
        "/purposes/0/kind": "wrong_kind",
        "/purposes/1/kind": "wrong_kind",
        "/purposes/2/channel": "not_allowed",
        "/purposes/3/double_opt_in": "no_channel",
        "/purposes/4/double_opt_in": "no_channel",
        "/purposes/5/text": "wrong_length",
    }
    unknown = _put(staff, DOCUMENT | {"purposes": [{"purpose": "x", "kind": "selling"}]}, '"0"')
    assert unknown.status == 422
