"""Points become a voucher, and the voucher ends exactly once."""

from datetime import timedelta
from uuid import uuid4

from chalicelib.domain.instants import parsed, printed
from tests.journey.running import MATURE, Answer, Person, Service, new_member, purchase_of


def reward_id(service: Service, name: str, token: str) -> str:
    rewards = service.ask("GET /v1/rewards?limit=100", token=token).body["items"]
    return str(next(row["reward_id"] for row in rewards if row["name"] == name))


def redeem(service: Service, somebody: Person, name: str) -> Answer:
    return service.ask(
        "POST /v1/members/me/redemptions",
        {"reward_id": reward_id(service, name, somebody.token)},
        token=somebody.token,
        Idempotency_Key=str(uuid4()),
    )


def test_a_voucher_is_used_once_and_another_one_is_taken_back(
    service: Service, somebody: Person
) -> None:
    bought = purchase_of(service, somebody.member_id, coffees=24, days_ago=MATURE)
    service.till("POST /v1/purchases", bought)
    issued = redeem(service, somebody, "2 euros off")
    assert (issued.status, issued.body["available_after"]) == (201, 60)

    voucher = {"voucher_code": issued.body["voucher_code"].lower()}
    use = ("POST /v1/vouchers/use", voucher)
    assert service.till(*use, Idempotency_Key="till-" + str(uuid4())).body["status"] == "used"
    twice = service.till(*use, Idempotency_Key="till-" + str(uuid4()))
    assert (twice.status, twice.body["ended_as"]) == (409, "used")

    second = redeem(service, somebody, "2 euros off").body
    cancelled = service.ask(
        f"POST /v1/redemptions/{second['redemption_id']}/cancel",
        token=somebody.token,
        Idempotency_Key=str(uuid4()),
    )
    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    short = redeem(service, somebody, "A ticket for Friday's concert, of 50")
    assert (short.status, short.body["missing"]) == (409, 20)


def test_moving_the_clock_ends_a_voucher_that_nobody_used_and_returns_its_points(
    own_service: Service,
) -> None:
    service, somebody = own_service, new_member(own_service)
    bought = purchase_of(service, somebody.member_id, days_ago=MATURE)
    service.till("POST /v1/purchases", bought)
    issued = redeem(service, somebody, "2 euros off").body
    expired = parsed(issued["expires_at"]) + timedelta(hours=1)
    service.ask("PUT /_dev/clock", {"now": printed(expired)})
    token = service.token(somebody.member_id)
    ended = service.ask(f"GET /v1/redemptions/{issued['redemption_id']}", token=token).body
    account = service.ask("GET /v1/members/me/account", token=token).body
    assert (ended["status"], account["available"]) == ("expired", 42)
