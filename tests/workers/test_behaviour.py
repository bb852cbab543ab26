"""What members buy, counted from what the ledger holds as the stream gives it."""

from base64 import b64encode
from typing import Any

from chalicelib import wiring
from chalicelib.domain.behaviour import Behaviour
from chalicelib.storage import keys
from chalicelib.storage.reading import raw_partition
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.current import as_of_now
from chalicelib.workers import follow
from tests.api.club import TERMS, Club
from tests.api.shop import line

PATH = "/v1/members/me/consents"


def stream(member_id: str) -> list[dict[str, Any]]:
    """All that stands in an account as stream records."""
    return [_record(item) for item in raw_partition(LedgerItem, keys.account(member_id))]


def _record(item: dict[str, Any]) -> dict[str, Any]:
    image = {
        name: {"B": b64encode(typed["B"]).decode()} if "B" in typed else typed
        for name, typed in item.items()
    }
    change = {"SequenceNumber": item["sk"]["S"], "NewImage": image, "Keys": {}}
    name = "MODIFY" if item["sk"]["S"] == keys.TRAITS else "INSERT"
    return {"eventName": name, "dynamodb": change}


def feed(records: list[dict[str, Any]]) -> list[str]:
    """The numbers of the records that were not got done."""
    answer = follow.handle({"Records": records}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def profiling(club: Club, member_id: str, *, granted: bool) -> None:
    """The member says whether offers may use what it does."""
    said = TERMS | {"purpose": "profiling", "granted": granted}
    reply = club.client.put(PATH, {"consents": [said]}, bearer=club.own(member_id))
    assert reply.status == 200, reply.body


def buy(club: Club, member_id: str, *lines: Any) -> dict[str, Any]:
    """The till posts a purchase."""
    body: dict[str, Any] = {
        "purchase_id": f"p-{member_id}-{len(raw_partition(LedgerItem, keys.account(member_id)))}",
        "member": {"member_id": member_id},
        "occurred_at": club.services.clock().isoformat(),
        "currency": "EUR",
        "store_id": "mitte",
        "lines": list(lines),
    }
    assert club.client.post("/v1/purchases", body, bearer=club.till).status == 201
    return body


def kept(member_id: str) -> Behaviour | None:
    head = wiring.services().ports.ledger.head(member_id)
    assert head is not None
    return head.behaviour


def test_what_a_member_buys_is_counted_while_it_lets_us_and_anew_when_it_does_again(
    club: Club,
) -> None:
    member_id = club.member()["member_id"]
    first = buy(club, member_id, line("1", 1_000, "beans"))
    assert feed(stream(member_id)) == []
    assert kept(member_id) is None

    profiling(club, member_id, granted=True)
    [traits] = [one for one in stream(member_id) if one["eventName"] == "MODIFY"]
    assert feed([traits]) == []
    counted = kept(member_id)
    assert counted is not None
    assert counted.days[0][1:] == (1, 1_000)

    buy(club, member_id, line("1", 500, "cups"))
    back = {"return_id": "r-1", "amount_minor": 1_000}
    path = f"/v1/purchases/{first['purchase_id']}/returns"
    assert club.client.post(path, back, bearer=club.till).status == 201
    for records in (stream(member_id)[::-1], stream(member_id)):  # any order, and again
        assert feed(records) == []
    counted = kept(member_id)
    assert counted is not None
    assert counted.days[0][1:] == (1, 500)
    assert (counted.categories, counted.stores) == ((("cups", 1),), (("mitte", 1),))
    assert facts(member_id)["favourite_category"] == "cups"

    profiling(club, member_id, granted=False)
    assert kept(member_id) is None
    assert facts(member_id)["favourite_category"] is None
    assert feed(stream(member_id)) == []
    assert kept(member_id) is None

    profiling(club, member_id, granted=True)
    assert feed([traits]) == []
    assert kept(member_id) == counted

    wiring.services().ports.eraser.empty_traits(member_id)
    assert feed([traits]) == []
    assert kept(member_id) is None


def facts(member_id: str) -> Any:
    """What offers know of a member now."""
    services = wiring.services()
    head = services.ports.ledger.head(member_id)
    assert head is not None
    return as_of_now(services.ports, head, services.clock()).facts()


def test_poison_is_told_alone_and_in_nobodys_way(club: Club) -> None:
    said = [TERMS, TERMS | {"purpose": "profiling"}]
    member_id = club.member(consents=said)["member_id"]
    buy(club, member_id, line("1", 1_000))
    poison = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "9", "NewImage": {}}}
    assert feed([poison, *stream(member_id)]) == ["9"]
    counted = kept(member_id)
    assert counted is not None
    assert counted.days[0][1:] == (1, 1_000)
