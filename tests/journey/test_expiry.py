"""Points wait, are told of before they expire, and expire: thirteen months of the clock."""

from datetime import UTC, date, datetime, timedelta
from http.client import HTTPResponse
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.lots import month_end, months_after
from tests.journey.running import Person, Service, new_member, purchase_of

BERLIN = ZoneInfo("Europe/Berlin")


def move(service: Service, day: date, hour: int, minute: int = 0) -> None:
    """Put the clock to an hour of a day in Berlin; whatever is due then has run."""
    instant = datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)
    now = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    assert service.ask("PUT /_dev/clock", {"now": now}).status == 200


def own(service: Service, somebody: Person, what: str) -> Any:
    """What a member reads of its own, with a token of now."""
    token = service.token(somebody.member_id)
    return service.ask(f"GET /v1/members/me{what}", token=token).body


def told(service: Service, email: str) -> list[str]:
    """The rows about points that expire, of all mails to an address, oldest first."""
    mails = [
        mail
        for mail in reversed(service.ask("GET /_dev/mail").body["items"])
        if mail["to"] == email and mail["subject"].endswith("expire soon")
    ]
    return [row for mail in mails for row in mail["text"].splitlines() if row[:2] == "- "]


def unsubscribe_in_one_click(service: Service, email: str) -> None:
    """What a mail program does with the headers of the newest mail to an address (RFC 8058)."""
    mails = service.ask("GET /_dev/mail").body["items"]
    headers = next(mail["headers"] for mail in mails if mail["to"] == email)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link.startswith(f"{service.url}/v1/unsubscribe/")
    assert click(link).status == 200


def click(link: str) -> HTTPResponse:
    """The one request, answered with a page."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    request = Request(link, b"List-Unsubscribe=One-Click", form)
    answer: HTTPResponse = urlopen(request, timeout=120)
    return answer


@pytest.mark.timeout(300)
def test_points_are_told_of_twice_and_expire_thirteen_months_after_they_were_earned(
    own_service: Service,
) -> None:
    service, somebody = own_service, new_member(own_service)
    email = own(service, somebody, "")["email"]
    service.till("POST /v1/purchases", purchase_of(service, somebody.member_id))
    bought = datetime.fromisoformat(service.now()).astimezone(BERLIN).date()
    last = month_end(months_after(bought, 12))
    tired = new_member(service)
    service.till("POST /v1/purchases", purchase_of(service, tired.member_id))
    service.ask("POST /_dev/drain")  # from then on every event is printed

    move(service, last - timedelta(days=30), 8)
    service.read_until("stampbook.points.expiring")
    (lot,) = own(service, somebody, "/account")["expiring"]
    assert lot == {"points": 42, "expires_on": str(last)}
    unsubscribe_in_one_click(service, own(service, tired, "")["email"])
    assert own(service, tired, "/preferences")["channels"] == ["sms", "push"]
    move(service, last - timedelta(days=7), 8)
    assert len(told(service, own(service, tired, "")["email"])) == 1
    assert [row.rpartition("(")[2] for row in told(service, email)] == ["in 30 days)", "in 7 days)"]
    marketer = service.token("demo-marketer", "marketer")
    foreseen = service.ask(f"GET /v1/analytics/expiring?on={last}", token=marketer).body
    assert foreseen["points"] >= 42

    move(service, last + timedelta(days=1), 3)
    account, statement = own(service, somebody, "/account"), own(service, somebody, "/entries")
    newest = statement["items"][0]
    assert (account["available"], account["expiring"]) == (0, [])
    assert (newest["seq"], newest["kind"], newest["points"]) == (4, "expire", -42)
    assert len(told(service, email)) == 2
