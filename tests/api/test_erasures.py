"""Asking to be forgotten, thinking better of it, being held, being restricted: over HTTP."""

from dataclasses import replace
from secrets import token_bytes, token_hex

import pytest

from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.names import new_id
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import ErasureRules, Transfers
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.domain.reach import Audience, shard_of
from chalicelib.domain.rewards import Reward, RewardKind
from chalicelib.workers import erase
from tests.api.client import Reply
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.api.leaving import Context, Leaver, message
from tests.fakes.programs import FROM_THE_BEGINNING

NEWS = Purpose("marketing_mail", PurposeKind.MARKETING, MessageChannel.MAIL)


@pytest.fixture
def mia(club: Club) -> Leaver:
    """A member of a program that gives two weeks to think."""
    programs = club.services.ports.programs
    latest = programs.latest()
    assert latest is not None
    program = replace(
        CLUB,
        version=latest.version + 1,
        erasure=ErasureRules(cool_off_days=14),
        transfers=Transfers(1_000, 1_000, 7),
        household_members=3,
        purposes=("loyalty_terms", NEWS),
    )
    assert programs.add(program, FROM_THE_BEGINNING)
    programs.activate(program.version, FROM_THE_BEGINNING)
    leaver = Leaver(club)
    leaver.join()
    leaver.shop()
    return leaver


def officer(mia: Leaver) -> str:
    return mia.club.token_for("petra", ["privacy"])


def put(mia: Leaver, what: str, token: str, reason: str = "as the court says") -> Reply:
    path = f"/v1/members/{mia.member_id}/{what}"
    return mia.club.client.call("PUT", path, {"reason": reason}, bearer=token)


def lift(mia: Leaver, what: str, token: str) -> Reply:
    return mia.club.client.delete(f"/v1/members/{mia.member_id}/{what}", bearer=token)


# --- asking, and thinking better of it ----------------------------------------------------------


def test_who_asks_again_gets_the_same_answer(mia: Leaver) -> None:
    first, again = mia.ask(), mia.ask()
    assert first.status == again.status == 202
    assert first.json() == again.json()
    asked = first.json()
    assert (asked["status"], asked["held"], asked["erased_at"]) == ("requested", False, None)
    assert asked["requested_at"] == "2026-11-22T09:30:00.000Z"
    assert asked["erase_after"] == "2026-12-06T09:30:00.000Z"


def test_erasing_takes_a_sign_in_of_the_last_minutes(mia: Leaver, clock: Clock) -> None:
    old = clock.now.timestamp() - 601
    reply = mia.ask(auth_time=int(old))
    assert (reply.status, reply.code) == (403, "step_up_required")


def test_a_member_who_asked_is_a_member_until_the_day_has_come(mia: Leaver) -> None:
    mia.ask()
    assert mia.club.client.get("/v1/members/me", bearer=mia.token).status == 200
    assert mia.club.found(email=mia.email) == mia.member_id


def test_who_thinks_better_of_it_stays_and_may_ask_anew(mia: Leaver, clock: Clock) -> None:
    erasure_id = mia.ask().json()["erasure_id"]
    path = f"/v1/erasures/{erasure_id}/cancel"
    first = mia.club.client.post(path, bearer=mia.token)
    again = mia.club.client.post(path, bearer=officer(mia))
    assert (first.status, first.json()["status"]) == (200, "cancelled")
    assert again.json() == first.json() == mia.receipt(erasure_id)
    clock.forward(days=15)
    erase.handle(message(erasure_id), Context())
    assert mia.club.profile(mia.member_id).status == 200
    assert mia.ask().json()["erasure_id"] != erasure_id


def test_nobody_cancels_another_ones_erasure(mia: Leaver) -> None:
    erasure_id = mia.ask().json()["erasure_id"]
    stranger = mia.club.own(mia.club.member()["member_id"])
    path = f"/v1/erasures/{erasure_id}/cancel"
    reply = mia.club.client.post(path, bearer=stranger)
    unknown = mia.club.client.post("/v1/erasures/era_none/cancel", bearer=stranger)
    assert (reply.status, reply.code) == (unknown.status, unknown.code) == (404, "not_found")


def test_an_erasure_that_is_done_cannot_be_cancelled(mia: Leaver, clock: Clock) -> None:
    erasure_id = mia.ask().json()["erasure_id"]
    clock.forward(days=14)
    erase.handle(message(erasure_id), Context())
    reply = mia.club.client.post(f"/v1/erasures/{erasure_id}/cancel", bearer=officer(mia))
    assert (reply.status, reply.code) == (410, "member_erased")


def test_an_officer_may_ask_for_a_member(mia: Leaver) -> None:
    path = f"/v1/members/{mia.member_id}"
    assert mia.club.client.delete(path, bearer=officer(mia)).status == 202
    support = mia.club.token_for("anna", ["support"])
    assert mia.club.client.delete(path, bearer=support).code == "scope_missing"


def test_an_unknown_erasure_is_nowhere(club: Club) -> None:
    reply = club.client.get("/v1/erasures/era_none")
    assert (reply.status, reply.code) == (404, "not_found")


# --- legal hold ----------------------------------------------------------------------------------


def test_who_is_held_is_not_erased_until_the_hold_is_lifted(mia: Leaver, clock: Clock) -> None:
    assert put(mia, "hold", officer(mia)).json()["held"] is True
    erasure_id = mia.ask().json()["erasure_id"]
    clock.forward(days=14)
    erase.handle(message(erasure_id), Context())
    receipt = mia.receipt(erasure_id)
    assert (receipt["status"], receipt["held"]) == ("requested", True)
    assert mia.club.profile(mia.member_id).status == 200
    assert lift(mia, "hold", officer(mia)).status == 204
    assert lift(mia, "hold", officer(mia)).status == 204
    erase.handle(message(erasure_id), Context())
    assert mia.receipt(erasure_id)["status"] == "erased"


def test_why_somebody_is_held_is_sealed_and_may_change(mia: Leaver) -> None:
    erasures = mia.club.services.ports.erasures
    put(mia, "hold", officer(mia))
    put(mia, "hold", officer(mia), "another court")
    held = erasures.hold(mia.member_id)
    assert held is not None
    assert (held.reason, held.by) == ("another court", "staff:petra")
    assert mia.member_id in list(erasures.held())
    actions = [record.action for record in mia.club.recorded(mia.member_id)]
    assert actions.count("hold.put") == 2
    lift(mia, "hold", officer(mia))
    assert mia.member_id not in list(erasures.held())


def test_nobody_but_an_officer_holds_anybody(mia: Leaver) -> None:
    support = mia.club.token_for("anna", ["support"])
    for token in (mia.token, support):
        assert put(mia, "hold", token).code == "scope_missing"


# --- restriction ---------------------------------------------------------------------------------


def test_a_frozen_account_earns_and_takes_back_and_gives_nothing(mia: Leaver) -> None:
    other = mia.club.member()["member_id"]
    frozen = put(mia, "restriction", mia.token, "I object")
    assert (frozen.status, frozen.json()["status"]) == (200, "frozen")
    bought = {
        "purchase_id": f"f-{mia.canary}",
        "member": {"member_id": mia.member_id},
        "occurred_at": "2026-11-22T09:30:00Z",
        "currency": "EUR",
        "lines": [
            {"line_id": "1", "sku": "s", "category": "c", "quantity": 1, "amount_minor": 100}
        ],
    }
    assert mia.till("/v1/purchases", bought).status == 201
    back = {"return_id": "r1", "amount_minor": 100}
    assert mia.till(f"/v1/purchases/f-{mia.canary}/returns", back).status == 201
    refused = [
        mia.till(f"/v1/members/{mia.member_id}/redemptions", {"reward_id": cup(mia)}, key="k1"),
        _send(mia, mia.member_id, other),
        _invite(mia),
        _merge(mia, mia.member_id, other),
        _merge(mia, other, mia.member_id),
    ]
    assert [(one.status, one.code) for one in refused] == [(409, "account_frozen")] * len(refused)
    account = mia.club.client.get("/v1/members/me/account", bearer=mia.token).json()
    assert account["status"] == "frozen"
    assert _send(mia, other, mia.member_id).code in ("receiver_not_found", "insufficient_points")


def test_lifting_a_restriction_gives_back_what_was(mia: Leaver) -> None:
    put(mia, "restriction", mia.token)
    put(mia, "restriction", mia.token, "still")
    assert lift(mia, "restriction", mia.token).status == 204
    assert lift(mia, "restriction", mia.token).status == 204
    issued = mia.till(f"/v1/members/{mia.member_id}/redemptions", {"reward_id": cup(mia)}, key="k1")
    assert issued.status == 201
    put(mia, "restriction", officer(mia))
    account = mia.club.client.get("/v1/members/me/account", bearer=mia.token).json()
    assert account["status"] == "frozen"
    kinds = [entry.kind for entry in _entries(mia)]
    assert kinds.count(EntryKind.STATUS) == 4  # verified, frozen, lifted, frozen


def test_proving_an_address_does_not_thaw_an_account(mia: Leaver) -> None:
    put(mia, "restriction", mia.token)
    address = mia.club.address()
    mia.club.patch(mia.member_id, {"email": address})
    verified = mia.club.verify(mia.club.code(address), member_id=mia.member_id)
    assert verified.status == 200
    account = mia.club.client.get("/v1/members/me/account", bearer=mia.token).json()
    assert account["status"] == "frozen"


def test_a_restricted_member_is_in_no_audience_until_it_is_lifted(mia: Leaver) -> None:
    assert _is_in_audience(mia)
    put(mia, "restriction", mia.token)
    assert not _is_in_audience(mia)
    lift(mia, "restriction", mia.token)
    assert _is_in_audience(mia)


def test_an_erased_member_is_in_no_audience(mia: Leaver, clock: Clock) -> None:
    erasure_id = mia.ask().json()["erasure_id"]
    clock.forward(days=14)
    assert _is_in_audience(mia)
    erase.handle(message(erasure_id), Context())
    assert not _is_in_audience(mia)


def test_a_restricted_member_may_still_be_erased(mia: Leaver, clock: Clock) -> None:
    put(mia, "restriction", mia.token)
    erasure_id = mia.ask().json()["erasure_id"]
    clock.forward(days=14)
    erase.handle(message(erasure_id), Context())
    assert mia.receipt(erasure_id)["status"] == "erased"


def cup(mia: Leaver) -> str:
    """A reward of ten points."""
    reward_id = new_id("rwd", token_bytes(16))
    reward = Reward(reward_id, 1, "A cup", RewardKind.FREE_PRODUCT, 10, sku="CUP")
    services = mia.club.services
    assert services.ports.rewards.put(reward, services.clock()) == "written"
    return reward_id


def _send(mia: Leaver, sender: str, receiver: str) -> Reply:
    return mia.club.client.post(
        f"/v1/members/{sender}/transfers",
        {"to": {"member_id": receiver}, "points": 1},
        bearer=mia.club.own(sender),
        headers={"Idempotency-Key": token_hex(8)},
    )


def _invite(mia: Leaver) -> Reply:
    return mia.club.client.post(
        "/v1/members/me/household/invitations",
        bearer=mia.token,
        headers={"Idempotency-Key": token_hex(8)},
    )


def _merge(mia: Leaver, target: str, source: str) -> Reply:
    return mia.club.client.post(
        f"/v1/members/{target}/merges",
        {"from": source, "reason": "one person"},
        bearer=mia.club.token_for("anna", ["support"]),
        headers={"Idempotency-Key": token_hex(8)},
    )


def _entries(mia: Leaver) -> list[Entry]:
    return mia.club.services.ports.ledger.entries(mia.member_id, None, 100)


def _is_in_audience(mia: Leaver) -> bool:
    audience = Audience("marketing_mail", MessageChannel.MAIL)
    shard = shard_of(mia.member_id)
    after = None
    while True:
        page = mia.club.services.ports.audiences.page(audience, shard, after)
        if mia.member_id in page.members:
            return True
        after = page.after
        if after is None:
            return False
