"""What is logged, by an allow-list, proved with canaries: every route is called with them in its
address, query, headers and body, by every kind of caller, in health and in ruins; a person goes a
whole way; and no line of any log holds one.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, get_args, get_origin
from urllib.parse import quote

import msgspec
import pytest

from chalicelib import wiring
from chalicelib.api.shell import Route
from chalicelib.usecases.ports import StoreUnavailable
from infrastructure import access
from tests.api.belongings import TERMS
from tests.api.club import Club
from tests.api.conftest import Clock
from tests.api.shop import Shop, line
from tests.at_stripe import AtStripe
from tests.ruin import in_ruins

CANARY = "canary-zq7w@example.com"
TRACES = ("canary", "zq7w", "%40example", "Zwitscher", "1987-06-05", "5123456789", "Voliere")
"""What a canary would be seen by, written in any way."""

ALLOWED = {
    "request": {
        *("_aws", "stage", "route", "status", "event", "caller", "code", "request_id"),
        *("latency", "failed", "refused", "replayed", "retries", "conflicts", "throttled"),
    },
    "failure": {"event", "error", "causes", "frames", "route", "request_id", "check"},
}
"""Every field of a line, by its event. A new one belongs here and into docs/decisions/log-line.md
only if no caller can write it."""

READ = ("Idempotency-Key", "X-Access-Reason", "X-Request-Id", "Stripe-Signature", "Accept-Language")
UNREAD = ("User-Agent", "Cookie", "Referer", "X-Forwarded-For", "X-Canary")
HEADERS = dict.fromkeys((*READ, *UNREAD), CANARY) | {"If-Match": f'"{CANARY}"'}


@pytest.fixture
def place(shop: Shop, club: Club, clock: Clock) -> Iterator[tuple[Shop, Club]]:
    """A program in which members can do everything, cards at the Stripe double too."""
    shop.promise(**TERMS)
    stripe = AtStripe(clock)
    ports = replace(shop.services.ports, cards=stripe.cards())
    wiring.install(replace(shop.services, ports=ports))
    yield shop, club
    stripe.double.close()


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> "Lines":
    """All that is written anywhere from now on."""
    caplog.set_level(logging.INFO)  # more than Lambda lets through, which is warnings
    capfd.readouterr()
    return Lines(capfd, caplog)


class Lines:
    """What was written: to either stream, and by libraries to their loggers."""

    def __init__(
        self, streams: pytest.CaptureFixture[str], logged: pytest.LogCaptureFixture
    ) -> None:
        self._streams, self._logged = streams, logged

    def check(self, at_least: int) -> None:
        """Each line is allowed and none holds a canary."""
        out, err = self._streams.readouterr()
        said = [record.getMessage() for record in self._logged.records]
        for text in (*out.splitlines(), *err.splitlines(), *said):
            assert not [trace for trace in TRACES if trace.lower() in text.lower()], text
        events = [json.loads(text) for text in out.splitlines()]
        assert sum(event["event"] == "request" for event in events) >= at_least
        for event in events:
            assert set(event) <= ALLOWED[event["event"]], event


def filled(kind: Any) -> Any:
    """A value of a type in which every text is a canary."""
    if get_origin(kind) is Annotated:
        return filled(get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {field.encode_name: filled(field.type) for field in msgspec.structs.fields(kind)}
    arguments = [argument for argument in get_args(kind) if argument is not type(None)]
    match get_origin(kind) or kind:
        case origin if origin in (list, tuple, set, frozenset):
            return [filled(arguments[0])]
        case origin if origin is dict:
            return {CANARY: filled(arguments[1])}
        case origin if origin is int:
            return 7
        case origin if origin is bool:
            return True
    structs = [a for a in arguments if isinstance(a, type) and issubclass(a, msgspec.Struct)]
    return filled(structs[0]) if structs else CANARY


def bodies(route: Route) -> Iterator[bytes]:
    yield f'{{"{CANARY}": "{CANARY}"}}'.encode()
    yield f"{CANARY} is no JSON".encode()
    if route.body is not None:
        yield json.dumps(filled(route.body)).encode()


def addresses(route: Route, known: Mapping[str, str]) -> Iterator[str]:
    """A route's address with canaries in the path, and one that exists with a canary as query."""
    strange, existing = route.path, route.path
    for name in route.parameters:
        strange = strange.replace(f"{{{name}}}", quote(CANARY, safe=""))
        existing = existing.replace(f"{{{name}}}", known.get(name, CANARY))
    yield strange
    yield f"{existing}?{quote(CANARY)}={quote(CANARY)}&cursor={quote(CANARY)}"
    yield existing


def call_everything(shop: Shop, member_id: str) -> int:
    """Every route, by those who may call it and by nobody; how many calls that were."""
    bearers = [shop.till, shop.token_for(member_id), None, CANARY, f"sk_{CANARY}"]
    bearers += [shop.staff(group, sub=CANARY) for group in access.STAFF]
    calls = 0
    for route in access.declared():
        for body in bodies(route):
            for path in addresses(route, {"member_id": member_id}):
                bearer = bearers[calls % len(bearers)]
                headers = HEADERS | {"Content-Type": "application/json"}
                shop.client.call(route.method, path, bearer=bearer, body=body, headers=headers)
                calls += 1
    return calls


def test_no_call_of_any_route_leaves_a_word_of_its_own_in_a_log(
    place: tuple[Shop, Club], lines: Lines
) -> None:
    shop, _ = place
    lines.check(0)
    lines.check(at_least=call_everything(shop, shop.member()))


@pytest.mark.parametrize("error", [RuntimeError(CANARY), StoreUnavailable(CANARY)])
def test_no_failure_leaves_a_word_of_the_caller_in_a_log(
    error: Exception, place: tuple[Shop, Club], lines: Lines
) -> None:
    shop, _ = place
    member_id = shop.member()
    # Without keys nobody would be let in.
    wiring.install(in_ruins(wiring.services(), error, CANARY, "keys"))
    lines.check(at_least=call_everything(shop, member_id))


def test_a_person_goes_its_whole_way_and_is_in_no_log(
    place: tuple[Shop, Club], lines: Lines
) -> None:
    shop, club = place
    person = club.member(
        email=CANARY,
        phone="+4915123456789",
        name={"given": "Zwitscher", "family": "Voliere"},
        birth_date="1987-06-05",
        external_id="canary-x1",
        attributes={"favourite_drink": "canary-milk"},
    )
    member_id, own = person["member_id"], club.own(person["member_id"])
    assert club.found(email=CANARY) == member_id
    assert club.patch(member_id, {"name": {"given": "Zwitscher", "family": "V"}}).status == 200
    bought = shop.purchase(member_id, line("canary-line", 9_900, "canary-category"))
    assert shop.post("/v1/purchases", bought | {"store_id": "canary-store"}).status == 201
    redeemed = shop.redeem(member_id, shop.reward(10, name="canary-cup"), key=CANARY)
    voucher = {"voucher_code": redeemed.json()["voucher_code"]}
    assert shop.post("/v1/vouchers/lookup", voucher).status == 200
    for path in ("", "/entries", "/account", "/consents", "/consents/history", "/preferences"):
        assert shop.client.get(f"/v1/members/me{path}", bearer=own).status == 200
    support = shop.staff("support", sub="canary-agent")
    reason = {"X-Access-Reason": "canary asked"}
    read = shop.client.get(f"/v1/members/{member_id}", bearer=support, headers=reason)
    assert read.status == 200
    wish = {"points": 5, "reason": "canary was kept waiting"}
    assert (
        shop.client.post(
            f"/v1/members/{member_id}/adjustments",
            wish,
            bearer=support,
            headers={"Idempotency-Key": CANARY},
        ).status
        == 201
    )
    lines.check(at_least=15)
