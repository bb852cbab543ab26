"""What every store of people promises, over DynamoDB and in memory."""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.codes import Code
from chalicelib.domain.consents import ConsentRecord, Statement, recorded
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.members import Member, Name, Person, PostalAddress
from chalicelib.domain.names import Namer
from chalicelib.domain.preferences import MessageChannel, Preferences, QuietHours
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.domain.traits import Traits
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.people import DynamoPeople
from chalicelib.usecases.ports import (
    KeptPreferences,
    Ledger,
    People,
    PeopleWrite,
    Taken,
    TraitsChange,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeVault
from tests.fakes.people import FakePeople
from tests.fakes.rewards import FakeRewards
from tests.people_world import NOW

_numbers = itertools.count(1)

ADA = Person(
    email="Ada@example.com",
    phone="+4915112345678",
    name=Name("Ada", "Löve\u200dlace"),
    birth_date=date(1990, 12, 10),
    postal_address=PostalAddress("Weg 1\nHof", "Köln", "DE", "50667"),
    locale="de-DE",
    external_id="crm-1",
    attributes={"drink": "tea", "size": 39, "vegan": True},
    referred_by="2900000000001",
)
WISHES = Preferences(
    channels=(MessageChannel.MAIL,),
    categories=("tea", "beans & more"),
    language="de",
    max_messages_per_week=0,
    quiet_hours=QuietHours(NOW.time().replace(tzinfo=None), NOW.time()),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A store of people beside its ledger; `tag` makes ids that nobody else has."""

    people: People
    ledger: Ledger
    tag: str

    def member(self, label: str = "ada", **changes: object) -> Member:
        """A member that is not kept yet."""
        member_id = f"mem_{self.tag}_{label}"
        member = Member(member_id, "2900000000001", 1, ADA, NOW)
        return replace(member, **changes)  # type: ignore[arg-type]  # the caller names its fields

    def email(self, label: str = "ada") -> Identifier:
        """An identifier of this place's own."""
        return Identifier(Kind.EMAIL, f"{label}@{self.tag}.example")

    def kept(self, label: str = "ada") -> Member:
        """A member that is kept, with an address that leads to it."""
        member = self.member(label)
        write = PeopleWrite(member.member_id, member=member, claims=(self.email(label),))
        assert self.people.save(write) == "saved"
        return member

    def code(self, member_id: str, digest: str = "d1") -> Code:
        """A code by mail that is good for ten minutes."""
        return Code(member_id, Channel.EMAIL, digest, NOW + timedelta(minutes=10))

    def sign_up(self, label: str = "ada") -> SignUp:
        """A sign-up that is not kept yet."""
        member = self.member(label)
        records = recorded(None, (said("loyalty_terms"),), "sign_up", NOW)
        until = NOW + timedelta(days=7)
        return SignUp(f"sgn_{self.tag}_{label}", member, records, WISHES, until)


def said(purpose: str, *, granted: bool = True, version: str = "1") -> Statement:
    return Statement(purpose, granted, version)


@pytest.fixture(params=["dynamodb", "memory"])
def place(request: pytest.FixtureRequest) -> Place:
    tag = f"people{next(_numbers)}x{os.getpid()}"
    if request.param == "dynamodb":
        request.getfixturevalue("connection")
        return Place(DynamoPeople(FakeVault(), Namer(b"n" * 32)), DynamoLedger(), tag)
    ledger = FakeLedger(FakeRewards())
    return Place(FakePeople(ledger), ledger, tag)


def test_a_member_is_read_as_it_was_written(place: Place) -> None:
    member = place.member(
        verified=frozenset(Channel),
        pending={Channel.EMAIL: "new@example.com"},
        linked=True,
        enrolled_as={"email": "abc"},
    )
    assert place.people.save(PeopleWrite(member.member_id, member=member)) == "saved"
    assert place.people.member(member.member_id) == member
    bare = place.member("bare", person=Person())
    assert place.people.save(PeopleWrite(bare.member_id, member=bare)) == "saved"
    assert place.people.member(bare.member_id) == bare


def test_who_is_not_kept_is_not_found(place: Place) -> None:
    unknown = f"mem_{place.tag}_unknown"
    people = place.people
    assert people.member(unknown) is None
    assert people.find(place.email("unknown")) is None
    assert people.preferences(unknown) == KeptPreferences(Preferences(), version=0)
    assert people.last_consent(unknown) is None
    assert people.consents(unknown, None, 10) == []
    assert people.traits(unknown) is None
    assert people.sign_up("sgn_unknown") is None
    assert people.try_code(unknown, Channel.EMAIL, NOW) is None


def test_a_member_follows_its_predecessor_or_is_stale(place: Place) -> None:
    member = place.kept()
    assert place.people.save(PeopleWrite(member.member_id, member=member)) == "stale"
    second = replace(member, version=2, linked=True)
    assert place.people.save(PeopleWrite(member.member_id, member=second)) == "saved"
    assert place.people.save(PeopleWrite(member.member_id, member=second)) == "stale"
    assert place.people.member(member.member_id) == second


def test_an_identifier_leads_to_one_member(place: Place) -> None:
    first = place.kept()
    second = place.member("ben")
    write = PeopleWrite(second.member_id, member=second, claims=(place.email(),))
    assert place.people.save(write) == Taken(Kind.EMAIL, first.member_id)
    assert place.people.member(second.member_id) is None
    other_kind = Identifier(Kind.EXTERNAL_ID, place.email().value)
    assert place.people.find(other_kind) is None


def test_an_identifier_moves_with_the_member(place: Place) -> None:
    member = place.kept()
    after = replace(member, version=2)
    write = PeopleWrite(
        member.member_id,
        member=after,
        claims=(place.email("new"),),
        releases=(place.email(),),
    )
    assert place.people.save(write) == "saved"
    assert place.people.find(place.email()) is None
    assert place.people.find(place.email("new")) == member.member_id


def test_nobody_releases_what_is_anothers(place: Place) -> None:
    place.kept()
    other = place.kept("ben")
    write = PeopleWrite(other.member_id, releases=(place.email(),))
    assert place.people.save(write) == "stale"
    assert place.people.find(place.email()) is not None


def test_preferences_follow_their_predecessor(place: Place) -> None:
    member_id = place.kept().member_id
    first = PeopleWrite(member_id, preferences=KeptPreferences(WISHES, 1))
    assert [place.people.save(first) for _ in range(2)] == ["saved", "stale"]
    assert place.people.preferences(member_id) == KeptPreferences(WISHES, 1)
    second = KeptPreferences(Preferences(), 2)
    assert place.people.save(PeopleWrite(member_id, preferences=second)) == "saved"
    assert place.people.preferences(member_id) == second


def test_consents_are_appended_and_never_changed(place: Place) -> None:
    member_id = place.kept().member_id
    records: list[ConsentRecord] = []
    for number in range(5):
        last = records[-1] if records else None
        new = recorded(last, (said("mail", version=str(number)),), "member", NOW)
        assert place.people.save(PeopleWrite(member_id, consents=new)) == "saved"
        assert place.people.save(PeopleWrite(member_id, consents=new)) == "stale"
        records += new
    place.people.keep_code(place.code(member_id))
    assert place.people.last_consent(member_id) == records[-1]
    assert place.people.consents(member_id, None, 2) == [records[4], records[3]]
    assert place.people.consents(member_id, 3, 10) == [records[1], records[0]]
    assert place.people.consents(member_id, 1, 10) == []


def test_traits_are_put_over_what_was_read(place: Place) -> None:
    member_id = place.kept().member_id
    opened = opening_entry(member_id, AccountStatus.ACTIVE, NOW)
    first = Traits(country="DE", interests=("tea",))
    write = PeopleWrite(member_id, traits=TraitsChange(None, first), opened=opened)
    assert place.people.save(write) == "saved"
    again = PeopleWrite(member_id, traits=TraitsChange(None, Traits()))
    assert place.people.save(again) == "stale"
    second = replace(first, contact_changed_at=NOW)
    assert place.people.save(PeopleWrite(member_id, traits=TraitsChange(first, second))) == "saved"
    assert place.people.traits(member_id) == second
    head = place.ledger.head(member_id)
    assert head is not None
    assert (head.entry, head.traits) == (opened, second)


def test_a_code_is_given_five_times_at_most_and_while_it_is_good(place: Place) -> None:
    code = place.code(f"mem_{place.tag}")
    tried: Callable[..., Code | None] = place.people.try_code
    place.people.keep_code(code)
    assert tried(code.member_id, Channel.PHONE, NOW) is None
    assert tried(code.member_id, Channel.EMAIL, code.good_until) is None
    last_moment = code.good_until - timedelta(milliseconds=1)
    given = [tried(code.member_id, Channel.EMAIL, last_moment) for _ in range(6)]
    assert given == [code] * 5 + [None]
    newer = place.code(code.member_id, "d2")
    place.people.keep_code(newer)
    assert tried(code.member_id, Channel.EMAIL, NOW) == newer


def test_a_code_is_spent_once(place: Place) -> None:
    member = place.kept()
    first, second = place.code(member.member_id), place.code(member.member_id, "d2")
    place.people.keep_code(first)
    place.people.keep_code(second)
    assert place.people.save(PeopleWrite(member.member_id, spent=first)) == "code_spent"
    spent = PeopleWrite(member.member_id, spent=second)
    assert [place.people.save(spent) for _ in range(2)] == ["saved", "code_spent"]
    assert place.people.try_code(member.member_id, Channel.EMAIL, NOW) is None


def test_a_write_replaces_the_code_of_its_channel(place: Place) -> None:
    member = place.kept()
    place.people.keep_code(place.code(member.member_id))
    newer = place.code(member.member_id, "d2")
    after = replace(member, version=2)
    assert place.people.save(PeopleWrite(member.member_id, after, codes=(newer,))) == "saved"
    assert place.people.try_code(member.member_id, Channel.EMAIL, NOW) == newer


def test_what_stands_in_the_way_is_told_in_order(place: Place) -> None:
    place.kept()
    ben = place.kept("ben")
    everything = PeopleWrite(
        ben.member_id, member=ben, claims=(place.email(),), spent=place.code(ben.member_id)
    )
    assert place.people.save(everything) == "stale"
    fresh = replace(everything, member=replace(ben, version=2))
    assert place.people.save(fresh) == "code_spent"
    assert place.people.save(replace(fresh, spent=None)) == Taken(
        Kind.EMAIL, f"mem_{place.tag}_ada"
    )
    assert place.people.member(ben.member_id) == ben


def test_a_sign_up_is_kept_until_it_has_led_somewhere(place: Place) -> None:
    asked = place.sign_up()
    code = place.code(asked.member_id)
    for _ in range(2):  # as after a lost reply
        place.people.start(asked, code)
    assert place.people.sign_up(asked.signup_id) == asked
    assert place.people.member(asked.member_id) is None
    joined = Joined(asked.signup_id, asked.member_id, asked.good_until)
    write = PeopleWrite(asked.member_id, member=asked.member, spent=code, joined=joined)
    assert [place.people.save(write) for _ in range(2)] == ["saved", "stale"]
    assert place.people.sign_up(asked.signup_id) == joined
    assert place.people.member(asked.member_id) == asked.member
