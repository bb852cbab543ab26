"""Bonuses for bringing somebody, as the watcher gives them: once, and held where they look odd."""

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest

from chalicelib.domain.instants import printed
from chalicelib.domain.payment_methods import CardReference
from chalicelib.domain.program import Limits, Referral
from chalicelib.storage import keys
from chalicelib.storage.payment_methods import DynamoPaymentMethods
from chalicelib.storage.reading import raw_partition
from chalicelib.storage.tables import LedgerItem
from chalicelib.workers import follow
from tests.api.club import CLUB, Club
from tests.api.shop import line
from tests.fakes.programs import FROM_THE_BEGINNING

REFERRAL = Referral(referrer_points=100, referred_points=50, most_a_month=2, minimum_minor=1_000)


@pytest.fixture
def bringing(club: Club) -> Club:
    """A club that gives something for bringing somebody."""
    programs = club.services.ports.programs
    latest = programs.latest()
    number = latest.version + 1 if latest is not None else 1
    terms = replace(CLUB, version=number, referral=REFERRAL, limits=Limits(500, 30))
    assert programs.add(terms, FROM_THE_BEGINNING)
    programs.activate(number, FROM_THE_BEGINNING)
    return club


def joins(club: Club, by: str | None, **person: Any) -> str:
    """The id of a new member whom another one brought."""
    return str(club.member(referred_by=by, **person)["member_id"])


def buys(club: Club, member_id: str, amount_minor: int = 5_000) -> None:
    """A member buys, and the watcher sees it."""
    body = {
        "purchase_id": f"p-{token_hex(6)}",
        "member": {"member_id": member_id},
        "occurred_at": printed(club.services.clock()),
        "currency": "EUR",
        "lines": [line("1", amount_minor)],
    }
    assert club.client.post("/v1/purchases", body, bearer=club.till).status == 201
    watched(member_id)


def watched(member_id: str) -> None:
    """The watcher is shown all entries of an account."""
    records = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": _image(item)}}
        for item in raw_partition(LedgerItem, keys.account(member_id))
    ]
    assert follow.handle({"Records": records}, None) == {"batchItemFailures": []}


def _image(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": b64encode(typed["B"]).decode()} if "B" in typed else typed
        for name, typed in item.items()
    }


def account(club: Club, member_id: str) -> tuple[int, int]:
    """What a member can spend, and what is held."""
    read = club.client.get(f"/v1/members/{member_id}/account", bearer=club.till).json()
    return read["available"], read["held"]["points"] if read["held"] else 0


def test_the_first_purchase_gives_both_a_bonus_once(bringing: Club) -> None:
    club = bringing
    referrer = club.member()
    newcomer = joins(club, referrer["card_number"])
    buys(club, newcomer, 900)  # less than counts
    assert account(club, newcomer) == (9, 0)
    buys(club, newcomer)
    buys(club, newcomer)
    assert account(club, newcomer) == (9 + 50 + 50 + 50, 0)
    assert account(club, referrer["member_id"]) == (100, 0)
    path = f"/v1/members/{newcomer}/entries"
    rows = club.client.get(path, bearer=club.own(newcomer)).json()["items"]
    [told] = [row for row in rows if row["kind"] == "bonus"]
    assert told["explanation"][0]["text"] == "Welcome: somebody has brought you"


def test_a_bonus_is_given_once_though_many_see_the_purchase_at_once(bringing: Club) -> None:
    club = bringing
    referrer = club.member()["member_id"]
    newcomer = joins(club, referrer)
    body = {
        "purchase_id": f"p-{token_hex(6)}",
        "member": {"member_id": newcomer},
        "occurred_at": printed(club.services.clock()),
        "currency": "EUR",
        "lines": [line("1", 5_000)],
    }
    assert club.client.post("/v1/purchases", body, bearer=club.till).status == 201
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(watched, [newcomer] * 6))
    assert (account(club, newcomer), account(club, referrer)) == ((100, 0), (100, 0))


def test_nobody_is_given_anything_for_somebody_nobody_brought_or_nobody_knows(
    bringing: Club,
) -> None:
    club = bringing
    alone, lost = joins(club, None), joins(club, "mem_" + "0" * 26)
    for member_id in (alone, lost):
        buys(club, member_id)
        assert account(club, member_id) == (50, 0)


def test_who_is_alike_who_brought_it_is_looked_at(bringing: Club) -> None:
    club = bringing
    stem = f"p{token_hex(6)}"
    referrer = club.member(email=f"{stem}@example.com")["member_id"]
    twin = joins(club, referrer, email=f"{stem}+2@example.com")
    buys(club, twin)
    assert account(club, twin) == (50, 50)
    assert account(club, referrer) == (0, 100)
    watched(twin)
    watched(referrer)
    staff = club.token_for("anna", ["support"])
    suspicions = {
        row["member_id"]: row["suspicion"]
        for row in club.client.get("/v1/reviews?limit=100", bearer=staff).json()["items"]
    }
    assert (suspicions[twin], suspicions[referrer]) == ("referral", "referral")
    said = {"outcome": "release", "reason": "a family"}
    path, headers = f"/v1/members/{twin}/review", {"Idempotency-Key": "v"}
    assert club.client.post(path, said, bearer=staff, headers=headers).status == 200
    assert account(club, twin) == (100, 0)


def test_who_pays_with_the_same_card_is_looked_at(bringing: Club) -> None:
    club = bringing
    referrer = club.member()["member_id"]
    newcomer = joins(club, referrer)
    for member_id in (referrer, newcomer):
        _with_card(club, member_id, "fp-shared")
    buys(club, newcomer)
    assert (account(club, newcomer), account(club, referrer)) == ((50, 50), (0, 100))


def _with_card(club: Club, member_id: str, fingerprint_name: str) -> None:
    """A member has a card of this fingerprint on file."""
    methods = club.services.ports.payment_methods
    assert isinstance(methods, DynamoPaymentMethods)
    before = methods.wallet(member_id)
    card = CardReference(
        payment_method_id=f"pm_{token_hex(6)}",
        brand="visa",
        last4="4242",
        exp_month=12,
        exp_year=2030,
        fingerprint_name=fingerprint_name,
        created_at=club.services.clock(),
    )
    after = replace(before, references=(card,))
    assert methods.save(before, after, None, club.services.clock()) == "saved"


def test_who_names_itself_is_looked_at(bringing: Club) -> None:
    club = bringing
    owner = club.member()["member_id"]
    newcomer = joins(club, owner)
    staff = club.token_for("anna", ["support"])
    headers = {"Idempotency-Key": "m"}
    body = {"from": owner, "reason": "one person"}
    merged = club.client.post(f"/v1/members/{newcomer}/merges", body, bearer=staff, headers=headers)
    assert merged.status == 201, merged.body
    buys(club, newcomer)
    assert account(club, newcomer) == (50, 150)


def test_who_brings_more_than_anybody_knows_is_looked_at(bringing: Club) -> None:
    club = bringing
    referrer = club.member()["member_id"]
    newcomers = [joins(club, referrer) for _ in range(3)]
    for newcomer in newcomers:
        buys(club, newcomer)
    assert account(club, referrer) == (200, 100)
    assert [account(club, one) for one in newcomers] == [(100, 0), (100, 0), (50, 50)]


def test_a_record_of_a_bonus_names_nobody(bringing: Club) -> None:
    club = bringing
    referrer = club.member()
    newcomer = joins(club, referrer["card_number"])
    buys(club, newcomer)
    entries = club.services.ports.ledger.entries(newcomer, None, 1)
    name = entries[0].cause.partition(":")[2]
    record = club.services.ports.ledger.operation("referral", name)
    assert record is not None
    assert referrer["card_number"] not in json.dumps(record.answer)
