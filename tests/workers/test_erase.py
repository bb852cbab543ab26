"""A member is erased, over the real application's tables: nothing of it is found any more."""

from collections.abc import Iterator
from dataclasses import replace
from secrets import token_bytes, token_hex
from typing import Any

import boto3
import pytest
from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.domain.entries import first_broken
from chalicelib.domain.names import new_id
from chalicelib.domain.program import ErasureRules
from chalicelib.domain.rewards import Reward, RewardKind
from chalicelib.wiring import Services
from chalicelib.workers import erase, erase_due
from tests.api.client import Reply
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.api.leaving import Context, Leaver, everything, message
from tests.at_stripe import AtStripe
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.own_services import own_services


@pytest.fixture
def services(services: Services, connection: Connection) -> Iterator[Services]:
    """On tables of its own: what is looked for in all of them is looked for in few items."""
    with own_services(services, connection) as own:
        yield own


@pytest.fixture
def at_stripe(services: Services, clock: Clock) -> Iterator[AtStripe]:
    stripe = AtStripe(clock)
    wiring.install(replace(services, ports=replace(services.ports, cards=stripe.cards())))
    yield stripe
    stripe.double.close()


def promise(club: Club, **terms: object) -> None:
    """Switch to another version of the program."""
    programs = club.services.ports.programs
    latest = programs.latest()
    assert latest is not None
    number = latest.version + 1
    program = replace(CLUB, version=number, **terms)  # type: ignore[arg-type]  # fields of Program
    assert programs.add(program, FROM_THE_BEGINNING)
    programs.activate(number, FROM_THE_BEGINNING)


def cup(services: Services) -> str:
    """A reward of ten points."""
    reward_id = new_id("rwd", token_bytes(16))
    reward = Reward(reward_id, 1, "A cup", RewardKind.FREE_PRODUCT, 10, sku="CUP")
    assert services.ports.rewards.put(reward, services.clock()) == "written"
    return reward_id


@pytest.fixture
def mia(club: Club, at_stripe: AtStripe) -> Leaver:
    """A member with everything, of a program that forgets at once."""
    assert at_stripe
    promise(club, erasure=ErasureRules(cool_off_days=0))
    leaver = Leaver(club)
    leaver.join()
    leaver.shop()
    return leaver


def test_of_an_erased_member_no_field_is_found_in_any_table(
    mia: Leaver, connection: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mia.found(connection, mia.canary), "the canary sings while the member is there"
    mia.leave()
    assert mia.found(connection, mia.canary, mia.card_number, mia.phone) == []
    said = capsys.readouterr()
    assert mia.canary not in said.out + said.err


def test_nothing_is_kept_below_an_erased_member_but_that_it_is_gone(
    mia: Leaver, connection: Connection
) -> None:
    mia.leave()
    kept = [
        (item["pk"]["S"].split("#")[0], item["sk"]["S"])
        for item in everything(connection)
        if item["pk"]["S"] == f"M#{mia.member_id}"
    ]
    assert sorted(kept) == [("M", "ERASURE"), ("M", "GONE")]


def test_a_restored_copy_of_people_cannot_be_read(
    mia: Leaver, connection: Connection, services: Services
) -> None:
    copy = [i for i in everything(connection) if i["pk"]["S"] == f"M#{mia.member_id}"]
    assert any(item["sk"]["S"] == "PROFILE" for item in copy)
    mia.leave()
    for item in copy:
        if item["sk"]["S"] != "0":  # the key lies in another table, which nobody restores
            boto3.client("dynamodb").put_item(TableName=services.settings.people_table, Item=item)
    reply = mia.club.client.get("/v1/members/me", bearer=mia.token)
    assert (reply.status, reply.code) == (410, "member_erased")


def test_the_receipt_tells_what_is_gone_and_of_nobody(mia: Leaver) -> None:
    erasure_id = mia.leave()
    receipt = mia.receipt(erasure_id)
    assert (receipt["status"], receipt["held"]) == ("erased", False)
    assert receipt["what"] == {
        "purchases_redacted": 1,
        "operations_redacted": 0,
        "redemptions_ended": 0,
        "identifiers_removed": 4,
        "points_passed_on": 0,
    }
    assert mia.member_id not in str(receipt)


def test_whoever_asks_for_an_erased_member_is_told_that_it_is_gone(mia: Leaver) -> None:
    mia.leave()
    client, till, member = mia.club.client, mia.club.till, mia.member_id
    replies = [
        mia.ask(),
        client.get("/v1/members/me", bearer=mia.token),
        client.get("/v1/members/me/preferences", bearer=mia.token),
        client.get("/v1/members/me/consents", bearer=mia.token),
        client.get("/v1/members/me/entries", bearer=mia.token),
        client.get("/v1/members/me/entries/proof", bearer=mia.token),
        client.get("/v1/members/me/payment-methods", bearer=mia.token),
        client.get(f"/v1/members/{member}/account", bearer=till),
        client.get(f"/v1/purchases/{mia.purchase_id}", bearer=till),
        mia.till("/v1/members/lookup", {"email": mia.email}),
        mia.till("/v1/members/lookup", {"card_number": mia.card_number}),
        mia.till("/v1/members/lookup", {"external_id": f"x-{mia.canary}"}),
        mia.till(
            f"/v1/purchases/{mia.purchase_id}/returns",
            {"return_id": "r2", "amount_minor": 100},
        ),
        mia.till(f"/v1/purchases/{mia.purchase_id}/claim", {"member": {"phone": mia.phone}}),
    ]
    assert [(one.status, one.code) for one in replies] == [(410, "member_erased")] * len(replies)


def test_what_a_till_repeats_of_an_erased_member_is_gone_and_posts_anew_for_nobody(
    mia: Leaver,
) -> None:
    bought = {
        "purchase_id": f"late-{mia.canary}",
        "member": {"card_number": mia.card_number},
        "occurred_at": "2026-11-22T09:30:00Z",
        "currency": "EUR",
        "lines": [
            {"line_id": "1", "sku": "s", "category": "c", "quantity": 1, "amount_minor": 100}
        ],
    }
    assert mia.till("/v1/purchases", bought).status == 201
    late = {**bought, "purchase_id": f"later-{mia.canary}"}
    mia.leave()
    again, new = mia.till("/v1/purchases", bought), mia.till("/v1/purchases", late)
    assert [(one.status, one.code) for one in (again, new)] == [(410, "member_erased")] * 2
    by_mail = {**late, "member": {"email": mia.email}}
    assert mia.till("/v1/purchases", by_mail).code == "member_erased"
    assert mia.till("/v1/purchases", {**late, "member": None}).status == 201


def test_who_was_erased_may_join_anew_and_is_somebody_new(mia: Leaver) -> None:
    mia.leave()
    enrolled = mia.club.enrol(email=mia.email, phone=mia.phone)
    assert enrolled.status == 201
    anew = enrolled.json()["member_id"]
    assert anew != mia.member_id
    assert mia.club.found(email=mia.email) == anew
    assert mia.club.found(phone=mia.phone) == anew


def test_who_was_erased_may_sign_up_anew(mia: Leaver) -> None:
    mia.leave()
    signed_up = mia.club.sign_up(email=mia.email).json()["signup_id"]
    verified = mia.club.verify(mia.club.code(mia.email), signup_id=signed_up)
    assert verified.status == 200
    assert verified.json()["member_id"] != mia.member_id


def test_the_same_enrolment_again_is_gone_with_its_member(club: Club, mia: Leaver) -> None:
    key, email = token_hex(8), club.address()
    member_id = club.enrol(key, email=email).json()["member_id"]
    mia.member_id = member_id
    mia.leave()
    again = club.enrol(key, email=email)
    assert (again.status, again.code) == (410, "member_erased")


def test_the_chain_of_an_erased_account_still_holds_and_ends_with_nothing(mia: Leaver) -> None:
    ledger = mia.club.services.ports.ledger
    before = ledger.entries(mia.member_id, None, 100)
    mia.leave()
    entries = ledger.entries(mia.member_id, None, 100)[::-1]
    assert entries[:-1] == before[::-1]
    assert first_broken(entries, mia.member_id) is None
    last = entries[-1]
    after = last.account()
    assert (last.kind, after.status) == ("erase", "erased")
    assert (after.available, after.pending_points, after.debt, after.months) == (0, 0, 0, ())
    assert last.points == -before[0].account().available


def test_an_open_voucher_ends_as_erased_and_is_taken_nowhere(mia: Leaver) -> None:
    reward_id = cup(mia.club.services)
    path = f"/v1/members/{mia.member_id}/redemptions"
    issued = mia.till(path, {"reward_id": reward_id}, key="k1")
    assert issued.status == 201, issued.body
    erasure_id = mia.leave()
    assert mia.receipt(erasure_id)["what"]["redemptions_ended"] == 1
    code = {"voucher_code": issued.json()["voucher_code"]}
    used = mia.till("/v1/vouchers/use", code, key="k2")
    assert (used.status, used.json()["ended_as"]) == (409, "erased")
    again = mia.till(path, {"reward_id": reward_id}, key="k1")
    assert (again.status, again.code) == (410, "member_erased")


def test_the_card_on_file_is_gone_at_the_provider_and_leads_to_nobody(
    mia: Leaver, at_stripe: AtStripe, connection: Connection
) -> None:
    headers = {"Idempotency-Key": "k1"}
    path = "/v1/members/me/payment-methods/setup"
    begun = mia.club.client.post(path, bearer=mia.token, headers=headers)
    intent = begun.json()["client_secret"].partition("_secret")[0]
    at_stripe.confirm(intent)
    for event in at_stripe.events():
        body, signature = at_stripe.signed(event)
        mia.club.client.call(
            "POST",
            "/v1/providers/stripe/events",
            body=body,
            headers={"Stripe-Signature": signature},
        )
    wallet = mia.club.services.ports.payment_methods.wallet(mia.member_id)
    assert wallet.references
    assert wallet.customer_id is not None
    mia.leave()
    assert "deleted" in at_stripe.client.v1.customers.retrieve(wallet.customer_id)
    cards = [reference.payment_method_id for reference in wallet.references]
    assert mia.found(connection, wallet.customer_id, *cards) == []


def test_a_token_that_was_linked_leads_to_nobody(mia: Leaver) -> None:
    subject = f"sub-{token_hex(6)}"
    token = mia.club.token_for(subject)
    other = mia.club.phone()
    mia.club.patch(mia.member_id, {"phone": other})
    verified = mia.club.verify(
        mia.club.code(other), token=token, channel="phone", member_id=mia.member_id
    )
    assert verified.status == 200, verified.body
    assert mia.club.client.get("/v1/members/me", bearer=token).status == 200
    mia.leave()
    reply = mia.club.client.get("/v1/members/me", bearer=token)
    assert (reply.status, reply.code) == (404, "member_not_found")


def test_a_twin_that_was_merged_is_erased_with_the_member(
    mia: Leaver, connection: Connection
) -> None:
    twin = Leaver(mia.club)
    twin.join()
    twin.shop()
    support = mia.club.token_for("anna", ["support"])
    merged = mia.club.client.post(
        f"/v1/members/{mia.member_id}/merges",
        {"from": twin.member_id, "reason": f"one person {mia.canary}"},
        bearer=support,
        headers={"Idempotency-Key": token_hex(8)},
    )
    assert merged.status == 201, merged.body
    twin.leave()  # whichever of the two asks
    assert mia.found(connection, mia.canary, twin.canary, mia.card_number, twin.phone) == []
    for gone in (mia, twin):
        reply = gone.club.client.get("/v1/members/me", bearer=gone.token)
        assert (reply.status, reply.code) == (410, "member_erased")


def test_an_erasure_goes_on_where_a_worker_ran_out_of_time(mia: Leaver) -> None:
    for number in range(60):
        body = {
            "purchase_id": f"n{number}-{mia.canary}",
            "member": {"member_id": mia.member_id},
            "occurred_at": "2026-11-22T09:30:00Z",
            "currency": "EUR",
            "lines": [
                {"line_id": "1", "sku": "s", "category": "c", "quantity": 1, "amount_minor": 100}
            ],
        }
        assert mia.till("/v1/purchases", body).status == 201
    erasure_id = mia.ask().json()["erasure_id"]
    erase.handle(message(erasure_id), Context([300_000, 0]))
    assert mia.receipt(erasure_id)["status"] == "requested"
    erase.handle(message(erasure_id), Context())
    receipt = mia.receipt(erasure_id)
    assert receipt["status"] == "erased"
    assert receipt["what"]["purchases_redacted"] == 61


def test_a_message_that_comes_again_changes_nothing(mia: Leaver, connection: Connection) -> None:
    erasure_id = mia.leave()
    before = [i for i in everything(connection) if mia.member_id in str(i)]
    erase.handle(message(erasure_id), Context())
    erase.handle(message("era_unknown"), Context())
    assert [i for i in everything(connection) if mia.member_id in str(i)] == before


def test_an_erasure_that_is_due_is_asked_for_every_hour_until_it_is_done(
    mia: Leaver, clock: Clock
) -> None:
    promise(mia.club, erasure=ErasureRules(cool_off_days=14))
    erasure_id = mia.ask().json()["erasure_id"]
    due = mia.club.services.ports.erasures.due
    erase.handle(message(erasure_id), Context())
    assert mia.receipt(erasure_id)["status"] == "requested"
    assert erasure_id not in list(due(clock()))
    clock.forward(days=14)
    assert erasure_id in list(due(clock()))
    assert erase_due.handle(_schedule(), None)["asked"] >= 1
    erase.handle(message(erasure_id), Context())
    assert mia.receipt(erasure_id)["status"] == "erased"
    assert erasure_id not in list(due(clock()))
    assert erasure_id not in list(mia.club.services.ports.erasures.open())


def _schedule() -> dict[str, object]:
    return {
        "version": "0",
        "id": "1",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-11-22T10:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {},
    }


@pytest.mark.parametrize("who_leaves", ["the owner", "the sharer"])
def test_what_a_household_shares_stays_with_who_stays_and_what_the_other_bought_is_gone(
    mia: Leaver, connection: Connection, who_leaves: str
) -> None:
    tom = sharing(mia)
    tom.shop()
    before = account(mia)
    leaves, stays = (mia, tom) if who_leaves == "the owner" else (tom, mia)
    receipt = mia.receipt(leaves.leave())
    assert account(stays)["available"] == before["available"] > 0
    passed_on = before["available"] if leaves is mia else 0
    assert receipt["what"]["points_passed_on"] == passed_on
    assert receipt["what"]["purchases_redacted"] == 1
    assert leaves.found(connection, leaves.canary) == []
    back = {"return_id": f"late-{stays.canary}", "amount_minor": 100}
    path = f"/v1/purchases/{stays.purchase_id}/returns"
    assert stays.till(path, back).status == 201
    gone = leaves.club.client.get("/v1/members/me/account", bearer=leaves.token)
    assert (gone.status, gone.code) == (410, "member_erased")


def sharing(owner: Leaver) -> Leaver:
    """Somebody who shares the account of an owner."""
    promise(owner.club, erasure=ErasureRules(cool_off_days=0), household_members=3)
    tom = Leaver(owner.club)
    tom.join()
    invited = owner.club.client.post(
        "/v1/members/me/household/invitations",
        bearer=owner.token,
        headers={"Idempotency-Key": token_hex(8)},
    )
    path = "/v1/members/me/household"
    joined = owner.club.client.post(path, invited_by(invited), bearer=tom.token)
    assert joined.status in (200, 201), joined.body
    return tom


def invited_by(reply: Reply) -> dict[str, str]:
    """What joins the household of an invitation."""
    return {"code": reply.json()["code"]}


def account(leaver: Leaver) -> Any:
    """The account, as its member reads it."""
    reply = leaver.club.client.get("/v1/members/me/account", bearer=leaver.token)
    assert reply.status == 200, reply.body
    return reply.json()
