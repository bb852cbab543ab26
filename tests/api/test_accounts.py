"""The account, the statement and adjustments over HTTP, on real transactions."""

from itertools import pairwise

import pytest

from chalicelib.domain.instants import printed
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.storage.ledger_items import EntryItem
from chalicelib.storage.tables import AuditItem, LedgerItem
from tests.api.client import Reply
from tests.api.conftest import Clock
from tests.api.shop import Shop, line

TIERS = Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (Tier("silver", "Silver", 5),), 62)


def adjust(
    shop: Shop, member: str, points: int, key: str = "k", sub: str = "anna", **body: object
) -> Reply:
    return shop.client.post(
        f"/v1/members/{member}/adjustments",
        {"points": points, "reason": "said sorry", **body},
        bearer=shop.staff("support", sub=sub),
        headers={"Idempotency-Key": key},
    )


def test_an_account_of_nothing_is_all_zeros(shop: Shop) -> None:
    account = shop.account(shop.member())

    assert account["available"] == account["debt"] == 0
    assert account["pending"] == account["expiring"] == []
    assert account["tier"] is None


def test_what_expires_sums_to_what_is_available(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 30)

    account = shop.account(member)

    assert account["expiring"] == [{"points": 30, "expires_on": None}]
    assert account["lifetime"]["spend_minor"] == 3_000


def test_the_account_as_of_any_instant_is_what_it_was(shop: Shop, clock: Clock) -> None:
    before = printed(clock())
    clock.forward(hours=1)
    member = shop.member()
    instants = []
    for _ in range(5):
        clock.forward(hours=1)
        shop.earn(member, 10)
        instants.append(printed(clock()))

    def as_of(instant: str) -> int:
        path = f"/v1/members/{member}/account?as_of={instant}"
        return int(shop.client.get(path, bearer=shop.till).json()["available"])

    assert [as_of(instant) for instant in instants] == [10, 20, 30, 40, 50]
    assert as_of(before) == 0
    assert as_of("2030-01-01T00:00:00Z") == 50
    malformed = shop.client.get(f"/v1/members/{member}/account?as_of=monday", bearer=shop.till)
    assert malformed.pointers == {"/as_of": "wrong_format"}
    unknown = shop.client.get("/v1/members/mem_nobody/account?as_of=monday", bearer=shop.till)
    assert (unknown.status, unknown.code) == (404, "member_not_found")


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "2201-01-01T00:00:00Z"]
)
def test_an_account_is_told_as_of_no_instant_out_of_all_reason(shop: Shop, instant: str) -> None:
    shop.promise(tiers=TIERS)
    path = f"/v1/members/{shop.member()}/account?as_of="
    refused = shop.client.get(path + instant, bearer=shop.till)
    assert (refused.status, refused.pointers) == (422, {"/as_of": "out_of_range"})
    for told in ("1900-01-01T00:00:00Z", "2200-12-31T23:59:59Z"):
        assert shop.client.get(path + told, bearer=shop.till).status == 200


def test_the_statement_chains_and_explains_itself(shop: Shop) -> None:
    member = shop.member()
    body = shop.purchase(member, line("1", 1_000, "coffee-beans"))
    shop.post("/v1/purchases", body)
    shop.post(
        f"/v1/purchases/{body['purchase_id']}/returns", {"return_id": "r", "amount_minor": 500}
    )
    redemption = shop.redeem(member, shop.reward(4, name="A small coffee")).json()
    shop.post(f"/v1/redemptions/{redemption['redemption_id']}/cancel", None, key="c")

    path = f"/v1/members/{member}/entries"
    items = shop.client.get(path, bearer=shop.token_for(member)).json()["items"]

    assert [item["kind"] for item in items] == ["cancel", "redeem", "return", "earn", "open"]
    for newer, older in pairwise(items):
        assert newer["points"] == sum(
            sign * (newer[name] - older[name])
            for sign, name in ((1, "available_after"), (1, "pending_after"), (-1, "debt_after"))
        )
    assert items[1]["explanation"][0]["text"] == "Redeemed: A small coffee"
    assert [row["points"] for row in items[2]["explanation"]] == [-5, -5]
    assert not any(body["purchase_id"] in str(item) for item in items)


def test_the_statement_comes_in_pages_that_belong_to_its_owner(shop: Shop) -> None:
    member = shop.member()
    for _ in range(4):
        shop.earn(member, 1)
    token, path = shop.token_for(member), "/v1/members/me/entries?limit=2"

    seen, cursor = [], ""
    while True:
        page = shop.client.get(path + cursor, bearer=token).json()
        seen += [item["seq"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == [5, 4, 3, 2, 1]
    other = shop.token_for(shop.member())
    stolen = shop.client.get(path + cursor, bearer=other)
    assert (stolen.status, stolen.code) == (400, "bad_cursor")


def test_the_proof_holds_and_names_the_first_entry_that_was_tampered_with(shop: Shop) -> None:
    member = shop.member()
    for _ in range(3):
        shop.earn(member, 1)
    token, path = shop.token_for(member), f"/v1/members/{member}/entries/proof"
    proof = shop.client.get(path, bearer=token).json()
    assert (proof["valid"], proof["entries"]) == (True, 4)

    item = EntryItem.get(f"A#{member}", "E#000000000003")
    item.s = item.s.replace('"l":[null,2]', '"l":[null,9]')
    item.save()

    broken = shop.client.get(path, bearer=token).json()
    assert (broken["valid"], broken["broken_at"]) == (False, 3)


def test_support_adjusts_with_a_reason_once_a_key(shop: Shop) -> None:
    member = shop.member()

    first, again = adjust(shop, member, 120), adjust(shop, member, 120)
    other = adjust(shop, member, 121)

    assert (first.status, first.json()["status"]) == (201, "done")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert (other.status, other.json()["differing"]) == (409, ["points"])
    assert shop.account(member)["available"] == 120


def test_why_points_were_adjusted_stands_in_the_audit_alone(shop: Shop) -> None:
    member = shop.with_key(shop.member())

    adjusted = adjust(shop, member, 5, reason="Ms Meyer of Kiel complained").json()

    [record] = shop.recorded(member)
    assert (record.action, record.subject) == ("points.adjusted", adjusted["adjustment_id"])
    assert (record.who, record.reason) == ("staff:anna", "Ms Meyer of Kiel complained")
    for model in (LedgerItem, AuditItem):  # in the audit it is sealed
        assert not any("Meyer" in str(item.serialize()) for item in model.scan())


def test_taking_more_than_there_is_must_be_meant(shop: Shop) -> None:
    member = shop.member()
    shop.earn(member, 10)

    refused = adjust(shop, member, -30, key="a")
    meant = adjust(shop, member, -30, key="a", allow_debt=True)

    assert (refused.status, refused.json()["missing"]) == (409, 20)
    assert (meant.json()["available_after"], meant.json()["debt_after"]) == (0, 20)


def test_above_the_limit_somebody_else_approves(shop: Shop) -> None:
    member = shop.member()
    asked = adjust(shop, member, 501)
    assert (asked.status, asked.json()["status"]) == (202, "awaiting_approval")
    assert shop.account(member)["available"] == 0
    path = f"/v1/adjustments/{asked.json()['adjustment_id']}"

    own = shop.client.post(f"{path}/approve", bearer=shop.staff("support"))
    ben = shop.staff("support", sub="ben")
    approved = shop.client.post(f"{path}/approve", bearer=ben)
    again = shop.client.post(f"{path}/approve", bearer=ben)
    late = shop.client.post(f"{path}/reject", bearer=shop.staff("support", sub="eve"))

    assert (own.status, own.code) == (403, "second_person_required")
    assert (approved.status, approved.json()["status"]) == (200, "approved")
    assert approved.json()["available_after"] == 501
    assert again.headers["idempotent-replayed"] == "true"
    assert (late.status, late.json()["reason"]) == (409, "already_approved")
    assert shop.account(member)["available"] == 501


def test_an_approval_is_recorded_once_a_request_and_not_for_who_may_not_give_it(
    shop: Shop,
) -> None:
    member = shop.member()
    path = f"/v1/adjustments/{adjust(shop, member, 501).json()['adjustment_id']}/approve"

    shop.client.post(path, bearer=shop.staff("support"))
    shop.client.post(path, bearer=shop.staff("support", sub="ben"))

    records = shop.recorded(member)
    assert sorted((item.action, item.who) for item in records) == [
        ("adjustment.approved", "staff:ben"),
        ("points.adjusted", "staff:anna"),
    ]


def test_an_approval_is_repeated_with_its_first_answer_also_after_its_time(
    shop: Shop, clock: Clock
) -> None:
    path = f"/v1/adjustments/{adjust(shop, shop.member(), 501).json()['adjustment_id']}/approve"
    first = shop.client.post(path, bearer=shop.staff("support", sub="ben"))
    clock.forward(days=8)

    again = shop.client.post(path, bearer=shop.staff("support", sub="ben"))

    assert (again.status, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"


def test_a_rejected_adjustment_moves_nothing_and_stays_rejected(shop: Shop, clock: Clock) -> None:
    member = shop.member()
    first, second = adjust(shop, member, 900, key="a"), adjust(shop, member, 900, key="b")
    ben = shop.staff("support", sub="ben")
    rejecting = f"/v1/adjustments/{first.json()['adjustment_id']}"

    rejected = shop.client.post(f"{rejecting}/reject", bearer=ben)
    approved = shop.client.post(f"{rejecting}/approve", bearer=shop.staff("support", sub="eve"))
    clock.forward(days=8)
    ben = shop.staff("support", sub="ben")
    too_late = shop.client.post(
        f"/v1/adjustments/{second.json()['adjustment_id']}/approve", bearer=ben
    )

    assert rejected.json()["status"] == "rejected"
    assert approved.json()["reason"] == "already_rejected"
    assert too_late.json()["reason"] == "approval_expired"
    assert shop.account(member)["available"] == 0


def test_who_may_read_whose_points(shop: Shop) -> None:
    member = shop.member()
    account, entries = f"/v1/members/{member}/account", f"/v1/members/{member}/entries"

    def status(path: str, bearer: str) -> int:
        return shop.client.get(path, bearer=bearer).status

    assert status(account, shop.token_for(member)) == 200
    assert status(account, shop.till) == 200
    assert status(account, shop.staff("support")) == 200
    assert status(account, shop.staff("marketer")) == 403
    assert status(account, shop.token_for(shop.member())) == 404
    assert status(entries, shop.token_for(member)) == 200
    assert status(entries, shop.staff("support")) == 200
    assert status(entries, shop.staff("privacy")) == 200
    assert status(entries, shop.till) == 403
    assert status("/v1/members/mem_nobody/entries", shop.staff("support")) == 404


def test_nobody_adjusts_by_nothing_and_unknown_members_come_first(shop: Shop) -> None:
    assert adjust(shop, shop.member(), 0).pointers == {"/points": "zero"}
    assert adjust(shop, "mem_nobody", 0).code == "member_not_found"
