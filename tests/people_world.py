"""What tests of members need in one place: a program, callers, people, and their ports."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.callers import CHECKOUT_SCOPES, MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.consents import Statement
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.names import Namer
from chalicelib.storage.audiences import DynamoAudiences
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.people import DynamoPeople
from chalicelib.storage.roll import DynamoRoll
from chalicelib.usecases.enrol_member import enrol_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.ports import Ledger, Outcome, Patience, People, Ports
from chalicelib.usecases.read_newcomer import Joining, JoinRequest
from chalicelib.usecases.read_person import PersonDraft
from chalicelib.usecases.sign_up import sign_up
from chalicelib.usecases.verify_channel import VerifyChannel, verify_channel
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeCaptcha, FakeMessages, FakeVault
from tests.fakes.people import FakePeople
from tests.fakes.programs import FakePrograms
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import NAMING_SECRET, PROGRAM, brisk, ports_over

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
CLUB = replace(PROGRAM, purposes=("loyalty_terms", "marketing_mail"), attributes=("drink",))
TERMS = Statement("loyalty_terms", granted=True, policy_version="1")
TILL = Caller(CallerKind.CHECKOUT, "till-berlin", CHECKOUT_SCOPES, "key_berlin")
NOBODY = Caller(CallerKind.ANONYMOUS, "anonymous", frozenset(), "")
ADDRESS = "192.0.2.7"


def token(subject: str, member_id: str | None = None) -> Caller:
    """Somebody with a token who has just signed in."""
    source = f"member:{member_id or subject}"
    return Caller(CallerKind.MEMBER, source, MEMBER_SCOPES, subject, member_id, signed_in_at=NOW)


class Unlimited:
    """Allowances without an end, that say what was taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        assert at_most > 0 < window_seconds
        assert now.tzinfo is not None
        self.taken.append((kind, whose))
        return 0


@dataclass(slots=True)
class PeopleWorld:
    """People over any stores. name: what its addresses begin with."""

    name: str
    ports: Ports
    mailbox: FakeMessages
    captcha: FakeCaptcha

    def email(self, label: str) -> str:
        """An address of this world's own."""
        return f"{self.name}.{label}@example.com"

    def request(self, label: str, **person: Any) -> JoinRequest:
        """Somebody who wants to join."""
        return JoinRequest(PersonDraft(**({"email": self.email(label)} | person)), (TERMS,))

    def enrol(
        self, label: str, key: str | None = None, now: datetime = NOW, **person: Any
    ) -> Outcome[Joining]:
        """The till enrols somebody."""
        return enrol_member(self.ports, TILL, self.request(label, **person), key, now)

    def sign_up(self, label: str, **person: Any) -> SubjectRef:
        """Somebody signs up, captcha solved."""
        self.captcha.good.add("solved")
        asked = sign_up(self.ports, self.request(label, **person), "solved", ADDRESS, NOW)
        return SubjectRef(signup_id=asked)

    def code(self, to: str) -> str:
        """The newest code that was sent to an address."""
        letters = [message.text for message in self.mailbox.sent if message.to == to]
        found = re.search(r"\b\d{6}\b", letters[-1])
        assert found is not None
        return found[0]

    def verify(
        self,
        ref: SubjectRef,
        digits: str,
        caller: Caller = NOBODY,
        channel: Channel = Channel.EMAIL,
        after: timedelta = timedelta(),
    ) -> Joining:
        """Somebody sends a code back."""
        command = VerifyChannel(ref, channel, digits, ADDRESS)
        return verify_channel(self.ports, caller, command, NOW + after)

    def member(self, label: str, **person: Any) -> str:
        """The id of a member who is active."""
        member_id = self.enrol(label, **person).answer.member_id
        self.verify(SubjectRef(member_id=member_id), self.code(self.email(label)))
        return member_id


def people_world(
    name: str, people: People, ledger: Ledger, *, patience: Patience | None = None
) -> PeopleWorld:
    """A world over these stores; everything else is a double."""
    mailbox, captcha = FakeMessages(), FakeCaptcha()
    ports = replace(
        ports_over(ledger, FakeRewards(), seed=name, patience=patience),
        people=people,
        audiences=ledger.audiences if isinstance(ledger, FakeLedger) else DynamoAudiences(2),
        roll=people.roll if isinstance(people, FakePeople) else DynamoRoll(),
        programs=FakePrograms(CLUB),
        messages=mailbox,
        captcha=captcha,
        allowances=Unlimited(),
    )
    return PeopleWorld(name, ports, mailbox, captcha)


def fake_people_world(name: str = "w") -> tuple[PeopleWorld, FakePeople]:
    """A world in memory, and its people."""
    ledger = FakeLedger(FakeRewards())
    people = FakePeople(ledger)
    return people_world(name, people, ledger), people


def dynamo_people_world(name: str) -> PeopleWorld:
    """A world on the bound tables; `name` must be new to them."""
    people = DynamoPeople(FakeVault(), Namer(NAMING_SECRET))
    return people_world(name, people, DynamoLedger(), patience=brisk())
