"""The worker that makes gifts of offers, over the real application's tables."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.offers import BonusPoints, Budget, Occasion, Offer, OfferStatus, OfferText
from chalicelib.storage.offers import DynamoOffers
from chalicelib.wiring import Services
from chalicelib.workers import occasions as worker
from tests.api.client import Client
from tests.api.club import CLUB, Club
from tests.api.conftest import Clock
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.workers.last_days import HOUR, last_days

AWAKE = {"purposes": CLUB.purposes, "attributes": CLUB.attributes}


@pytest.fixture
def giving(
    services: Services,
    client: Client,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
) -> Iterator[Club]:
    """A club with tables and offers of its own."""
    with last_days(services, client, key_for, token_for, **AWAKE) as place:
        own = replace(place.services, ports=replace(place.services.ports, offers=DynamoOffers()))
        wiring.install(own)
        yield Club(client, own, mailbox, captcha, place.shop.till, token_for)


def gift(club: Club, **given: Any) -> Offer:
    """An offer of 25 points to whoever joined a year ago."""
    offers, now = club.services.ports.offers, club.services.clock()
    offer = Offer(
        offer_id="off_anniversary",
        number=offers.next_number(),
        version=1,
        name="A year with us",
        effect=BonusPoints(25),
        texts={"en": OfferText("A year with us")},
        status=OfferStatus.LAUNCHED,
        occasion=Occasion.ANNIVERSARY,
        launched_at=now - timedelta(days=1),
    )
    offer = replace(offer, **given)
    assert offers.put(offer, now) == "written"
    return offer


def test_the_worker_gives_each_gift_once_out_of_its_budget_and_the_statement_names_it(
    giving: Club, clock: Clock
) -> None:
    club = giving
    mia, leo = (club.member()["member_id"] for _ in range(2))
    offer = gift(club, budget=Budget("points", 60))
    assert worker.handle(HOUR, None)["given"] == 0
    clock.forward(days=365)
    nothing_failed = {"complete": True, "looked_at": 2, "failed": 0}
    assert worker.handle(HOUR, None) == {**nothing_failed, "given": 2}
    clock.forward(days=1)
    assert worker.handle(HOUR, None) == {**nothing_failed, "given": 2}  # they have them
    assert club.services.ports.offers.budget_left([offer]) == {offer.offer_id: 10}
    for member_id in (mia, leo):
        rows = club.client.get(f"/v1/members/{member_id}/entries", bearer=club.own(member_id))
        told = [row for row in rows.json()["items"] if row["kind"] == "bonus"]
        assert [row["explanation"][0]["text"] for row in told] == ["A year with us: 25 points"]
