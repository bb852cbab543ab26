"""Purchases over HTTP, on real transactions: what a till may rely on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from chalicelib.domain.instants import printed
from tests.api.conftest import Clock
from tests.api.shop import COFFEE, Shop, line
from tests.fakes.programs import FROM_THE_BEGINNING


def test_a_purchase_earns_and_explains_every_point(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(
        member, line("1", 1_299), line("2", 850, "coffee-beans"), line("3", 5_000, "gift-cards")
    )

    reply = shop.post("/v1/purchases", body)

    assert reply.status == 201
    answer = reply.json()
    assert answer["points"] == {
        "earned": 29,
        "pending": 0,
        "held": 0,
        "debt_paid": 0,
        "available_after": 29,
        "pending_after": 0,
        "debt_after": 0,
    }
    rows = [(row["rule_or_offer"], row["points"]) for row in answer["explanation"]]
    assert rows == [("base", 21), ("beans", 8)]
    assert "1 point for every 1.00 EUR on 21.49 EUR" in answer["explanation"][0]["text"]
    assert answer["not_applied"] == []
    assert shop.account(member)["available"] == 29


def test_the_same_purchase_again_is_the_first_answer_again(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member)
    first = shop.post("/v1/purchases", body)

    again = shop.post("/v1/purchases", body)

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, again.json()) == (first.status, first.json())
    assert shop.account(member)["available"] == 100


def test_a_replay_stays_the_same_under_a_newer_program(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member)
    first = shop.post("/v1/purchases", body).json()
    programs = shop.services.ports.programs
    newer = replace(COFFEE, version=programs.active().version + 1, currency="CHF")
    assert programs.add(newer, FROM_THE_BEGINNING)
    programs.activate(newer.version, FROM_THE_BEGINNING)

    assert shop.post("/v1/purchases", body).json() == first


def test_how_an_instant_is_written_makes_no_other_purchase(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, occurred_at="2026-11-22T10:00:00+01:00")
    assert shop.post("/v1/purchases", body).status == 201

    again = shop.post("/v1/purchases", {**body, "occurred_at": "2026-11-22T09:00:00.000Z"})

    assert again.headers["idempotent-replayed"] == "true"


def test_other_content_under_the_same_id_is_a_conflict_that_names_the_fields(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member)
    shop.post("/v1/purchases", body)

    other = shop.post(
        "/v1/purchases", {**body, "lines": [line("1", 9_999)], "store_id": "berlin-2"}
    )

    assert (other.status, other.code) == (409, "conflicting_replay")
    assert other.json()["differing"] == ["lines", "store_id"]
    assert shop.account(member)["available"] == 100


def test_two_sources_may_use_one_purchase_id(shop: Shop, key_for: Callable[..., str]) -> None:
    member = shop.member()
    body = shop.purchase(member)
    assert shop.post("/v1/purchases", body).status == 201

    other = shop.client.post("/v1/purchases", body, bearer=key_for())

    assert other.status == 201
    assert "idempotent-replayed" not in other.headers
    assert shop.account(member)["available"] == 200


def test_sixteen_threads_posting_one_purchase_are_one_purchase(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member)

    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: shop.post("/v1/purchases", body), range(16)))

    assert {reply.status for reply in replies} == {201}
    assert sum("idempotent-replayed" not in reply.headers for reply in replies) == 1
    assert len({reply.body for reply in replies}) == 1
    assert shop.account(member)["available"] == 100


def test_a_quote_answers_what_the_purchase_will_and_writes_nothing(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member)

    quote = shop.post("/v1/purchases/quote", body)
    dry_run = shop.post("/v1/purchases?dry_run=true", body)

    assert quote.status == 200
    assert shop.account(member)["available"] == 0
    assert shop.client.get(f"/v1/purchases/{body['purchase_id']}", bearer=shop.till).status == 404
    posted = shop.post("/v1/purchases", body)
    assert "idempotent-replayed" not in posted.headers
    assert quote.json() == dry_run.json() == posted.json()


def test_a_gift_card_tender_earns_nothing_in_proportion(shop: Shop) -> None:
    member = shop.member()
    tenders = [
        {"kind": "gift_card", "amount_minor": 4_000},
        {"kind": "card", "amount_minor": 6_000},
    ]

    reply = shop.post("/v1/purchases", shop.purchase(member, line("1", 10_000), tenders=tenders))

    assert reply.json()["points"]["earned"] == 60


def test_refusals_say_what_the_program_takes(shop: Shop, clock: Clock) -> None:
    member = shop.member()
    francs = shop.post("/v1/purchases", shop.purchase(member, currency="CHF"))
    assert (francs.status, francs.code) == (422, "currency_not_accepted")
    assert francs.json()["accepted"] == ["EUR"]

    clock.forward(days=40)
    old = shop.purchase(member, occurred_at="2026-11-22T09:30:00Z")
    late = shop.post("/v1/purchases", old)
    assert (late.status, late.code) == (422, "too_far_back")
    assert late.json()["oldest"] == "2026-12-02T09:30:00.000Z"

    soon = shop.purchase(member, occurred_at="2027-01-01T09:36:00Z")
    early = shop.post("/v1/purchases", soon)
    assert (early.status, early.code) == (422, "in_the_future")

    nobody = shop.post("/v1/purchases", shop.purchase("mem_nobody"))
    assert (nobody.status, nobody.code) == (404, "member_not_found")
    assert shop.account(member)["available"] == 0


def test_a_purchase_that_landed_is_replayed_however_late_its_retry_comes(
    shop: Shop, clock: Clock
) -> None:
    body = shop.purchase(shop.member())
    first = shop.post("/v1/purchases", body)
    clock.forward(days=400)

    again = shop.post("/v1/purchases", body)

    assert (again.status, again.json()) == (201, first.json())


def test_every_field_error_is_told_at_once(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 100), line("2", -1))
    body["lines"][0]["quantity"] = "2"
    body["occurred_at"] = "2026-02-30T10:00:00Z"
    body["currency"] = "euro"
    body["colour"] = "red"
    del body["member"]

    reply = shop.post("/v1/purchases", body)

    assert reply.status == 422
    assert reply.pointers.keys() == {
        "/lines/0/quantity",
        "/lines/1/amount_minor",
        "/occurred_at",
        "/currency",
        "/colour",
        "/member",
    }


def test_what_fields_say_together_is_told_at_once_too(shop: Shop) -> None:
    body = shop.purchase(shop.member(), line("1", 100), line("1", 200))
    body["member"] = {"email": "nobody", "phone": "+4915112345678"}
    body["occurred_at"] = "0001-01-01T00:00:00+23:00"

    reply = shop.post("/v1/purchases", body)

    assert reply.pointers == {
        "/lines/1/line_id": "duplicate",
        "/member": "one_of",
        "/occurred_at": "out_of_range",
    }


def test_a_purchase_is_read_by_its_own_source_only(shop: Shop, key_for: Callable[..., str]) -> None:
    body = shop.purchase(shop.member())
    shop.post("/v1/purchases", body)
    path = f"/v1/purchases/{body['purchase_id']}"

    kept = shop.client.get(path, bearer=shop.till).json()

    assert kept["lines"][0]["amount_minor"] == 10_000
    assert kept["returns"] == []
    foreign = shop.client.get(path, bearer=key_for())
    assert (foreign.status, foreign.code) == (404, "purchase_not_found")


def test_a_purchase_without_points_still_makes_an_entry(shop: Shop) -> None:
    member = shop.member()

    reply = shop.post("/v1/purchases", shop.purchase(member, line("1", 0)))

    assert reply.json()["points"]["earned"] == 0
    token = shop.token_for(member)
    entries = shop.client.get(f"/v1/members/{member}/entries", bearer=token).json()["items"]
    assert [entry["kind"] for entry in entries] == ["earn", "open"]


def test_a_late_till_posts_what_happened_days_ago(shop: Shop, clock: Clock) -> None:
    happened = printed(clock())
    clock.forward(days=5)

    reply = shop.post("/v1/purchases", shop.purchase(shop.member(), occurred_at=happened))

    assert reply.status == 201


def test_rules_are_told_beside_wrong_types(shop: Shop) -> None:
    body = shop.purchase(None, line("1", 100), line("1", 200), line("3", 300))
    body["member"] = {}
    body["lines"][2]["quantity"] = "3"

    reply = shop.post("/v1/purchases", body)

    assert reply.pointers == {
        "/lines/1/line_id": "duplicate",
        "/lines/2/quantity": "wrong_type",
        "/member": "one_of",
    }


def test_a_purchase_is_not_called_like_a_route(shop: Shop) -> None:
    reply = shop.post("/v1/purchases", shop.purchase(None, purchase_id="quote"))

    assert reply.pointers == {"/purchase_id": "reserved"}
