"""Cards on file, through the real application, the local AWS and the Stripe double."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib import wiring
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.usecases.ports import Ports
from chalicelib.wiring import Services
from infrastructure.local.stripe_double import Fails, LosesReply
from infrastructure.local.stripe_double.cards import CARDS
from infrastructure.local.stripe_double.objects import Json
from tests.api.client import Client, Reply
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.at_stripe import AtStripe, new_member

EVENTS = "/v1/providers/stripe/events"


@pytest.fixture
def at_stripe(services: Services, clock: Clock) -> Iterator[AtStripe]:
    """The Stripe double, and the service pointed at it."""
    stripe = AtStripe(clock)
    wiring.install(replace(services, ports=replace(services.ports, cards=stripe.cards())))
    yield stripe
    stripe.double.close()


@pytest.fixture
def ports(at_stripe: AtStripe) -> Ports:
    assert at_stripe
    return wiring.services().ports


class Member:
    """A member in its app, signed in anew for each call."""

    def __init__(self, client: Client, member_id: str, token_for: Callable[..., str]) -> None:
        self.member_id = member_id
        self._client = client
        self._token_for = token_for

    @property
    def token(self) -> str:
        return self._token_for(self.member_id, member_id=self.member_id)

    def set_up(self, key: str = "k1", **how: object) -> Reply:
        headers = {"Idempotency-Key": key}
        path = "/v1/members/me/payment-methods/setup"
        return self._client.post(path, bearer=self.token, headers=headers, **how)

    def cards(self, query: str = "", member_id: str = "me") -> Reply:
        path = f"/v1/members/{member_id}/payment-methods{query}"
        return self._client.get(path, bearer=self.token)

    def ids(self) -> list[str]:
        return [item["id"] for item in self.cards().json()["items"]]

    def detach(self, payment_method_id: str, member_id: str = "me") -> Reply:
        path = f"/v1/members/{member_id}/payment-methods/{payment_method_id}"
        return self._client.delete(path, bearer=self.token)


@pytest.fixture
def new(
    client: Client, ports: Ports, clock: Clock, token_for: Callable[..., str]
) -> Callable[[], Member]:
    def make() -> Member:
        return Member(client, new_member(ports, clock()), token_for)

    return make


def deliver(client: Client, at_stripe: AtStripe, event: Json) -> Reply:
    body, signature = at_stripe.signed(event)
    return client.call("POST", EVENTS, body=body, headers={"Stripe-Signature": signature})


def deliver_all(client: Client, at_stripe: AtStripe) -> None:
    for event in at_stripe.events():
        assert deliver(client, at_stripe, event).status == 200


def with_card(
    member: Member, client: Client, at_stripe: AtStripe, card: str = "pm_card_visa", key: str = "k1"
) -> str:
    intent = member.set_up(key).json()["setup_intent_id"]
    method_id = at_stripe.confirm(intent, card)
    deliver_all(client, at_stripe)
    return method_id


def test_a_card_gets_on_file_without_its_number_ever_passing_here(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    setup = member.set_up()
    assert setup.status == 201
    intent = setup.json()["setup_intent_id"]
    assert setup.json()["client_secret"].startswith(f"{intent}_secret_")
    assert member.ids() == []
    method_id = at_stripe.confirm(intent)
    deliver_all(client, at_stripe)
    assert member.cards().json() == {
        "items": [
            {
                "id": method_id,
                "brand": "visa",
                "last4": "4242",
                "exp_month": 11,
                "exp_year": 2027,
                "created": "2026-11-22T09:30:00.000Z",
            }
        ],
        "next_cursor": None,
    }


def test_stripe_is_told_the_members_id_and_nothing_else(
    at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    member.set_up()
    (customer,) = (e["data"]["object"] for e in at_stripe.events("customer.created"))
    assert customer["metadata"] == {"member_id": member.member_id}
    assert not any(customer[name] for name in ("name", "email", "phone", "address", "description"))


def test_the_same_key_gives_the_same_setup_and_says_so_whenever_it_is_sent_again(
    at_stripe: AtStripe, new: Callable[[], Member], clock: Clock
) -> None:
    member = new()
    first = member.set_up("k1")
    clock.forward(days=3)
    again = member.set_up("k1")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert member.set_up("k2").json() != first.json()
    assert len(at_stripe.events("setup_intent.created")) == 2


def test_keys_belong_to_their_member(new: Callable[[], Member]) -> None:
    assert new().set_up("k1").json() != new().set_up("k1").json()


def test_a_member_becomes_a_customer_once_however_many_setups_run_at_once(
    at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    keys = ["k1", "k1", "k2", "k3"]

    def set_up(key: str) -> Reply:
        reply = member.set_up(key)
        return member.set_up(key) if reply.status == 503 else reply  # as that answer asks

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(set_up, keys))
    assert {reply.status for reply in replies} == {201}
    assert len(at_stripe.customers_of(member.member_id)) == 1
    assert len({reply.json()["setup_intent_id"] for reply in replies}) == 3


def test_of_many_setups_at_once_five_are_begun(new: Callable[[], Member]) -> None:
    member = new()
    assert member.set_up("k0").status == 201  # the customer is there already
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(member.set_up, [f"k{number}" for number in range(1, 13)]))
    begun = [reply for reply in replies if reply.status == 201]
    assert len({reply.json()["setup_intent_id"] for reply in begun}) == 4
    assert {reply.status for reply in replies} == {201, 429}


def test_five_setups_a_day_and_a_repeat_takes_nothing_of_that(
    new: Callable[[], Member], clock: Clock
) -> None:
    member = new()
    for number in range(5):
        assert member.set_up(f"k{number}").status == 201
        assert member.set_up(f"k{number}").status == 201
    refused = member.set_up("k5")
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    clock.forward(days=1)
    assert member.set_up("k5").status == 201


def test_a_setup_whose_reply_was_lost_at_stripe_is_found_again(
    at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    member.set_up("k0")
    for _ in range(2):  # the library tries twice
        at_stripe.double.meet(LosesReply())
    assert (lost := member.set_up("k1")).status == 503
    assert lost.code == "try_again"
    assert member.set_up("k1").status == 201
    assert len(at_stripe.events("setup_intent.created")) == 2


def test_an_outage_of_stripe_is_a_503_and_changes_nothing(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    method_id = with_card(member, client, at_stripe)
    for statuses in ((500, 500), (429,)):  # what the library tries again, and what it does not
        for status in statuses:
            at_stripe.double.meet(Fails(status))
        reply = member.detach(method_id)
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "try_again", "1")
        assert member.ids() == [method_id]
    assert member.detach(method_id).status == 204


def test_a_setup_needs_an_idempotency_key_and_takes_no_body(
    client: Client, new: Callable[[], Member]
) -> None:
    member = new()
    path = "/v1/members/me/payment-methods/setup"
    assert client.post(path, bearer=member.token).code == "idempotency_key_missing"
    number = "4242 4242 4242 4242"
    assert member.set_up(json_body={"card": number}).code == "card_number_refused"


def test_only_the_member_itself_sees_and_changes_its_cards(
    client: Client,
    at_stripe: AtStripe,
    new: Callable[[], Member],
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> None:
    owner, other = new(), new()
    method_id = with_card(owner, client, at_stripe)
    with_card(other, client, at_stripe)
    assert other.cards(member_id=owner.member_id).code == "member_not_found"
    assert other.detach(method_id, owner.member_id).code == "member_not_found"
    foreign, unknown = other.detach(method_id), other.detach("pm_unknown")
    assert (foreign.status, foreign.code) == (unknown.status, unknown.code) == (404, "not_found")
    path = f"/v1/members/{owner.member_id}/payment-methods"
    for bearer in (key_for(), token_for("s", ["support"]), token_for("a", ["admin"])):
        assert client.get(path, bearer=bearer).status == 403
        assert client.delete(f"{path}/{method_id}", bearer=bearer).status == 403
    assert client.get(path).status == 401
    assert owner.ids() == [method_id]


def test_an_unknown_member_has_no_cards_to_see_or_set_up(
    client: Client, at_stripe: AtStripe, token_for: Callable[..., str]
) -> None:
    nobody = Member(client, "mem_x", token_for)
    assert at_stripe.events() == []
    for reply in (nobody.set_up(), nobody.cards(), nobody.detach("pm_1")):
        assert (reply.status, reply.code) == (404, "member_not_found")
    assert at_stripe.events() == []


def test_a_card_taken_off_file_is_gone_at_stripe_and_here_and_a_repeat_changes_nothing(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    first = with_card(member, client, at_stripe, key="k1")
    second = with_card(member, client, at_stripe, "pm_card_mastercard", key="k2")
    assert member.detach(first).status == 204
    assert member.ids() == [second]
    (customer,) = at_stripe.customers_of(member.member_id)
    assert {row[0] for row in at_stripe.attached(customer)} == {second}
    assert member.detach(first).status == 204
    deliver_all(client, at_stripe)
    assert member.ids() == [second]


def test_a_detach_that_landed_and_lost_its_reply_is_completed_by_the_next_try(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    method_id = with_card(member, client, at_stripe)
    for _ in range(2):
        at_stripe.double.meet(LosesReply())
    assert member.detach(method_id).status == 503
    assert member.ids() == [method_id]
    assert member.detach(method_id).status == 204
    assert member.ids() == []


def test_the_list_goes_page_by_page_newest_first(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member], clock: Clock
) -> None:
    member = new()
    made = []
    for number in range(3):
        made.append(with_card(member, client, at_stripe, key=f"k{number}"))
        clock.forward(minutes=1)
    first = member.cards("?limit=2").json()
    assert [item["id"] for item in first["items"]] == made[:0:-1]
    rest = member.cards(f"?limit=2&cursor={first['next_cursor']}").json()
    assert [item["id"] for item in rest["items"]] == made[:1]
    assert rest["next_cursor"] is None
    assert member.cards("?cursor=AAAA").code == "bad_cursor"


def test_declined_and_unfinished_cards_never_get_on_file(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    intent = member.set_up().json()["setup_intent_id"]
    at_stripe.confirm(intent, "pm_card_authenticationRequired")
    deliver_all(client, at_stripe)
    assert member.ids() == []
    at_stripe.authenticate(intent, "failure")
    deliver_all(client, at_stripe)
    assert member.ids() == []
    method_id = at_stripe.confirm(intent, "pm_card_authenticationRequired")
    at_stripe.authenticate(intent)
    deliver_all(client, at_stripe)
    assert member.ids() == [method_id]


def test_events_in_reverse_order_and_twice_end_where_stripe_is(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    intent = member.set_up("k1").json()["setup_intent_id"]
    gone = at_stripe.confirm(intent)
    at_stripe.client.v1.payment_methods.detach(gone)
    kept = at_stripe.confirm(member.set_up("k2").json()["setup_intent_id"])
    for event in at_stripe.events()[::-1] * 2:
        assert deliver(client, at_stripe, event).status == 200
    assert member.ids() == [kept]


def test_a_card_that_its_bank_renews_is_shown_as_it_is_now(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    method_id = with_card(member, client, at_stripe)
    at_stripe.client.v1.payment_methods.update(method_id, {"card": {"exp_year": 2031}})
    deliver_all(client, at_stripe)
    assert [item["exp_year"] for item in member.cards().json()["items"]] == [2031]


def test_a_customer_deleted_at_stripe_takes_its_cards_along_and_the_next_setup_makes_another(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    told, untold = new(), new()
    for member in (told, untold):
        with_card(member, client, at_stripe)
        at_stripe.client.v1.customers.delete(at_stripe.customers_of(member.member_id)[0])
    for event in at_stripe.events():
        if untold.member_id not in str(event):
            assert deliver(client, at_stripe, event).status == 200
    assert told.ids() == []
    for member in (told, untold):
        method_id = at_stripe.confirm(member.set_up("k2").json()["setup_intent_id"])
        deliver_all(client, at_stripe)
        assert member.ids() == [method_id]
        assert len(at_stripe.customers_of(member.member_id)) == 2


def test_a_members_card_finds_it_at_the_till_and_a_shared_card_finds_nobody(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member], ports: Ports
) -> None:
    card = Identifier(Kind.PAYMENT_FINGERPRINT, CARDS["pm_card_amex"].fingerprint)
    first, second = new(), new()
    before = ports.people.find(card)
    one = with_card(first, client, at_stripe, "pm_card_amex", key="k1")
    two = with_card(first, client, at_stripe, "pm_card_amex", key="k2")
    assert (before, ports.people.find(card)) == (None, first.member_id)
    shared = with_card(second, client, at_stripe, "pm_card_amex")
    assert ports.people.find(card) is None
    assert second.detach(shared).status == 204
    assert ports.people.find(card) == first.member_id
    assert first.detach(one).status == 204
    assert ports.people.find(card) == first.member_id
    assert first.detach(two).status == 204
    assert ports.people.find(card) is None


def test_a_till_finds_a_member_by_the_fingerprint_of_a_card_on_file(
    club: Club, at_stripe: AtStripe, token_for: Callable[..., str]
) -> None:
    known = club.member(name={"given": "Mara"})
    member = Member(club.client, known["member_id"], token_for)
    with_card(member, club.client, at_stripe, "pm_card_discover")
    card = {"payment_fingerprint": CARDS["pm_card_discover"].fingerprint}
    found = club.client.post("/v1/members/lookup", card, bearer=club.till)
    assert found.json()["member_id"] == known["member_id"]
    assert club.client.get("/v1/members/me", bearer=member.token).status == 200
    member.detach(member.ids()[0])
    gone = club.client.post("/v1/members/lookup", card, bearer=club.till)
    assert (gone.status, gone.code) == (404, "member_not_found")


@pytest.mark.parametrize("age", [-301, 301])
def test_an_event_that_is_not_of_these_minutes_is_refused(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member], clock: Clock, age: int
) -> None:
    new().set_up()
    body, signature = at_stripe.signed(at_stripe.events()[0])
    clock.forward(seconds=age)
    late = client.call("POST", EVENTS, body=body, headers={"Stripe-Signature": signature})
    assert (late.status, late.code) == (400, "signature_refused")
    clock.forward(seconds=1 if age < 0 else -1)
    in_time = client.call("POST", EVENTS, body=body, headers={"Stripe-Signature": signature})
    assert in_time.status == 200


def test_what_is_not_signed_by_stripe_is_refused_whatever_it_says(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    new().set_up()
    body, good = at_stripe.signed(at_stripe.events()[0])
    at = good.partition(",")[0]
    forged = [
        "",
        "t=1",
        "v1=00",
        f"{at},v1=",
        f"{at},v1=\u00e9",
        f"t={'9' * 5000},v1=0",
        ",,,",
        good[:-1],
    ]
    for header in forged:
        reply = client.call("POST", EVENTS, body=body, headers={"Stripe-Signature": header})
        assert (reply.status, reply.code) == (400, "signature_refused"), header
    assert client.call("POST", EVENTS, body=body).code == "signature_refused"
    for other in (b"", b"\xff\xfe", body + b" ", b"[" * 100_000, b'{"id": NaN}'):
        reply = client.call("POST", EVENTS, body=other, headers={"Stripe-Signature": good})
        assert (reply.status, reply.code) == (400, "signature_refused")


def test_an_event_of_a_kind_or_a_customer_nobody_knows_is_received_and_remembered(
    client: Client, at_stripe: AtStripe, ports: Ports
) -> None:
    customer = at_stripe.client.v1.customers.create()
    intent = at_stripe.client.v1.setup_intents.create({"customer": customer.id})
    at_stripe.confirm(intent.id)
    strange = {**at_stripe.events()[0], "id": "evt_strange", "type": "climate.order.created"}
    for event in [*at_stripe.events(), strange]:
        assert not ports.payment_methods.event_seen(event["id"])
        reply = deliver(client, at_stripe, event)
        assert (reply.status, reply.json()) == (200, {"received": True})
        assert ports.payment_methods.event_seen(event["id"])


def test_an_event_that_met_an_outage_of_stripe_is_not_remembered_so_that_it_comes_again(
    client: Client, at_stripe: AtStripe, new: Callable[[], Member]
) -> None:
    member = new()
    method_id = at_stripe.confirm(member.set_up().json()["setup_intent_id"])
    event = at_stripe.events("setup_intent.succeeded")[0]
    for _ in range(2):
        at_stripe.double.meet(Fails(503))
    assert deliver(client, at_stripe, event).status == 503
    assert member.ids() == []
    assert deliver(client, at_stripe, event).status == 200
    assert member.ids() == [method_id]
