"""An announcement from the marketer's request to the mail, over the real queue and tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.dialects import Dialect
from chalicelib.domain.offers import BonusPoints, Offer, OfferStatus, OfferText
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.usecases.ports import MemberPage, Where
from chalicelib.workers import letters, letters_again
from tests.api.client import Client
from tests.api.club import CLUB, TERMS, Club
from tests.api.conftest import Clock
from tests.fakes.outside import FakeCaptcha, FakeMessages
from tests.workers.last_days import last_days
from tests.workers.test_export import event
from tests.workers.test_remind import SCHEDULE

ADVERTS = Purpose("adverts", PurposeKind.MARKETING)
SAID = {"purpose": "adverts", "granted": True, "policy_version": "1"}


@dataclass(slots=True)
class Listed:
    """A snapshot that knows these members, a page for each."""

    members_there: list[str]
    dialect: Dialect = Dialect.DUCKDB

    def members(self, where: Where, after: str | None, limit: int) -> MemberPage:
        assert (where.text, limit > 0) == ("(TRUE) AND reach_mail", True)
        rest = [one for one in sorted(self.members_there) if after is None or one > after]
        return MemberPage(tuple(rest[:1]), rest[0] if len(rest) > 1 else None)


@dataclass(slots=True)
class Mailing:
    club: Club
    listed: Listed
    offer_id: str

    def post(self, path: str, body: object) -> Any:
        """The marketer asks for something of the offer."""
        bearer = self.club.token_for("mona", ("marketer",))
        headers = {"Idempotency-Key": token_hex(8)}
        path = f"/v1/offers/{self.offer_id}/{path}"
        return self.club.client.post(path, body, bearer=bearer, headers=headers)

    def member(self, *said: object) -> dict[str, Any]:
        """Somebody who consents to these, and is in the snapshot."""
        member = self.club.member(consents=[TERMS, *said])
        self.listed.members_there.append(member["member_id"])
        return member

    def work_off(self) -> int:
        """Hand over what is in the queue until there is nothing; how many messages there were."""
        sqs, handed = boto3.client("sqs"), 0
        queue = self.club.services.settings.letter_queue
        while found := sqs.receive_message(QueueUrl=queue).get("Messages", []):
            for message in found:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                letters.handle(event(message["Body"]), None)
                handed += 1
        return handed


@pytest.fixture
def mailing(
    services: wiring.Services,
    client: Client,
    mailbox: FakeMessages,
    captcha: FakeCaptcha,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
    clock: Clock,
) -> Iterator[Mailing]:
    """A club with tables and an offer of its own, whose purposes allow advertisements."""
    terms = {"purposes": ("loyalty_terms", ADVERTS), "attributes": CLUB.attributes}
    with last_days(services, client, key_for, token_for, **terms) as place:
        listed = Listed([])
        patience = replace(services.ports.patience, pause=lambda _: None)
        ports = replace(place.services.ports, queries=listed, patience=patience)  # type: ignore[arg-type]  # all that is asked here
        own = replace(place.services, ports=ports)
        wiring.install(own)
        club = Club(client, own, mailbox, captcha, place.shop.till, token_for)
        offer = Offer(
            offer_id=f"off_{token_hex(8)}",
            number=ports.offers.next_number(),
            version=1,
            name="Double beans",
            effect=BonusPoints(25),
            texts={"en": OfferText("Double beans")},
            status=OfferStatus.LAUNCHED,
            launched_at=clock(),
        )
        assert ports.offers.put(offer, clock()) == "written"
        mailing = Mailing(club, listed, offer.offer_id)
        mailing.work_off()  # what other tests have left
        yield mailing


def test_an_announcement_reaches_who_consents_once_and_stands_in_its_file_until_that_goes(
    mailing: Mailing, clock: Clock
) -> None:
    club = mailing.club
    mia, tom = mailing.member(SAID), mailing.member()
    body = {"purpose": "adverts", "texts": {"en": {"subject": "Double beans", "text": "Today."}}}
    tried = mailing.post("announcements/test", {"texts": body["texts"], "to": "mona@example.com"})
    assert (tried.status, len(club.letters("mona@example.com"))) == (204, 1)

    begun = mailing.post("announcements", body)
    assert (begun.status, begun.json()["status"]) == (202, "sending")
    assert mailing.work_off() == 4  # two pages, a letter each
    said = [text for text in club.letters(mia["email"]) if text.startswith("Today.")]
    assert len(said) == 1
    assert "/v1/unsubscribe/" in said[0]
    assert not any(text.startswith("Today.") for text in club.letters(tom["email"]))

    path = f"/v1/offers/{mailing.offer_id}/announcements/{begun.json()['announcement_id']}"
    bearer = club.token_for("mona", ("marketer",))
    told = club.client.get(path, bearer=bearer).json()
    assert (told["status"], told["counts"]["sent"], told["counts"]["queued"]) == ("done", 1, 0)
    assert told["counts"]["withheld"]["no_consent"] == 1
    listed = club.client.get(path.rpartition("/")[0], bearer=bearer).json()["items"]
    assert listed == [told]
    clock.forward(hours=1)
    assert letters_again.handle(SCHEDULE, None) == {"announcements": 0}

    support = club.token_for("sue", ("support",))
    file = club.client.get(f"/v1/members/{mia['member_id']}/file", bearer=support).json()
    [letter] = file["announcements"]
    assert (letter["subject"], letter["fate"]) == ("Double beans", "sent")

    ports = club.services.ports
    assert ports.announcements.of_member(mia["member_id"])
    ports.eraser.clear(mia["member_id"])
    assert not ports.announcements.of_member(mia["member_id"])
