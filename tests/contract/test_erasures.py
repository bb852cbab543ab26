"""What every store of erasures, holds and restrictions promises, over DynamoDB and in memory."""

import itertools
import os
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from chalicelib.domain.entries import opening_entry
from chalicelib.domain.erasures import (
    Erasure,
    ErasureStatus,
    Place,
    begun,
    cancelled,
    erased,
    gone_on,
    requested,
)
from chalicelib.domain.identifiers import Identifier, Kind
from chalicelib.domain.members import Member, Person
from chalicelib.domain.names import Namer
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.traits import Traits
from chalicelib.storage.eraser import DynamoEraser
from chalicelib.storage.erasures import DynamoErasures
from chalicelib.storage.people import DynamoPeople
from chalicelib.usecases.ports import (
    Eraser,
    Erasures,
    Hold,
    People,
    PeopleWrite,
    Restriction,
    TraitsChange,
)
from tests.fakes.erasures import FakeErasures
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeVault
from tests.fakes.people import FakePeople
from tests.fakes.rewards import FakeRewards
from tests.ledger_world import NAMING_SECRET
from tests.people_world import NOW

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Store:
    """A store with a member whose address leads to it; `tag` makes ids that nobody else has."""

    erasures: Erasures
    eraser: Eraser
    people: People
    tag: str

    @property
    def mia(self) -> str:
        return f"mem_{self.tag}"

    @property
    def address(self) -> Identifier:
        return Identifier(Kind.EMAIL, f"{self.tag}@example.com")

    def asked(self, label: str = "a", days: int = 0) -> Erasure:
        """An erasure that is kept."""
        erasure = requested(f"era_{self.tag}_{label}", self.mia, "member", NOW, days)
        assert self.erasures.request(erasure, self.erasures.newest(self.mia))
        return erasure

    def going(self) -> Erasure:
        """An erasure that has begun."""
        after = begun(self.asked(), (self.mia,))
        assert self.eraser.begin(after, NOW) == "begun"
        return after


def _store(erasures: Erasures, eraser: Eraser, people: People) -> Store:
    made = Store(erasures, eraser, people, f"era{os.getpid()}x{next(_numbers)}")
    saved = people.save(
        PeopleWrite(
            made.mia,
            member=Member(made.mia, "2900000000001", 1, Person(), NOW),
            claims=(made.address,),
            traits=TraitsChange(None, Traits(country="DE")),
            opened=opening_entry(made.mia, "active", NOW),  # type: ignore[arg-type]  # its value
        )
    )
    assert saved == "saved"
    return made


@pytest.fixture(params=["dynamo", "fake"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        ledger = FakeLedger(FakeRewards())
        people = FakePeople(ledger)
        fake = FakeErasures(people, ledger)
        return _store(fake, fake, people)
    request.getfixturevalue("bound")
    vault, namer = FakeVault(), Namer(NAMING_SECRET)
    return _store(DynamoErasures(vault), DynamoEraser(vault, namer), DynamoPeople(vault, namer))


def test_what_was_asked_for_is_found_by_its_id_and_by_its_member(store: Store) -> None:
    asked = store.asked(days=14)
    assert store.erasures.get(asked.erasure_id) == store.erasures.newest(store.mia) == asked
    assert store.erasures.get("era_none") is None
    assert store.erasures.newest("mem_none") is None


def test_a_second_request_needs_the_first_to_be_known(store: Store) -> None:
    first = store.asked()
    second = requested(f"era_{store.tag}_b", store.mia, "member", NOW, 0)
    assert not store.erasures.request(second, None)
    assert store.erasures.cancel(cancelled(first))
    assert store.erasures.request(second, first)
    assert store.erasures.newest(store.mia) == second


def test_an_erasure_is_due_from_its_day_on_until_it_is_done_or_cancelled(store: Store) -> None:
    asked = store.asked(days=14)
    day = NOW + timedelta(days=14)
    assert asked.erasure_id not in list(store.erasures.due(day - timedelta(seconds=1)))
    assert asked.erasure_id in list(store.erasures.due(day))
    assert asked.erasure_id in list(store.erasures.open())
    assert store.erasures.cancel(cancelled(asked))
    assert not store.erasures.cancel(cancelled(asked))
    assert asked.erasure_id not in list(store.erasures.open())


def test_who_is_held_is_not_begun_with_and_who_is_begun_with_is_not_held(store: Store) -> None:
    hold = Hold(store.mia, NOW, "staff:petra", "a court")
    store.erasures.put_hold(hold)
    assert store.erasures.hold(store.mia) == hold
    assert store.mia in list(store.erasures.held())
    asked = store.asked()
    assert store.eraser.begin(begun(asked, (store.mia,)), NOW) == "held"
    store.erasures.lift_hold(store.mia)
    store.erasures.lift_hold(store.mia)
    assert not store.erasures.is_held(store.mia)
    assert store.eraser.begin(begun(asked, (store.mia,)), NOW) == "begun"
    with pytest.raises(MemberErased):
        store.erasures.put_hold(hold)


def test_an_erasure_begins_once(store: Store) -> None:
    asked = store.asked()
    assert store.eraser.begin(begun(asked, (store.mia,)), NOW) == "begun"
    assert store.eraser.begin(begun(asked, (store.mia,)), NOW) == "stale"
    assert not store.erasures.cancel(cancelled(asked))


def test_how_far_it_is_is_kept_by_whoever_read_it_last(store: Store) -> None:
    under_way = store.going()
    further = gone_on(under_way, Place(1), {"purchases_redacted": 2})
    assert store.eraser.save(further)
    assert not store.eraser.save(further)
    assert store.erasures.get(further.erasure_id) == further
    done = erased(further, NOW)
    assert store.eraser.save(done)
    assert done.status is ErasureStatus.ERASED
    assert done.erasure_id not in list(store.erasures.open())


def test_nothing_is_written_of_who_is_going(store: Store) -> None:
    store.going()
    member = store.people.member(store.mia)
    assert member is not None
    with pytest.raises(MemberErased):
        store.people.save(PeopleWrite(store.mia, member=replace(member, version=2)))
    restriction = Restriction("rst_1", store.mia, NOW, "member", "why")
    with pytest.raises(MemberErased):
        store.erasures.put_restriction(restriction, None)


def test_a_tombstone_stands_where_an_identifier_led_to_who_is_gone(store: Store) -> None:
    store.going()
    assert not store.people.is_buried(store.address)
    for _ in range(2):
        assert store.eraser.bury(store.mia, (store.address,), NOW) == 1
    assert store.people.find(store.address) is None
    assert store.people.is_buried(store.address)


def test_of_who_was_cleared_nothing_is_left_and_this_is_said(store: Store) -> None:
    store.going()
    store.eraser.empty_traits(store.mia)
    store.eraser.shred(store.mia)
    assert store.eraser.clear(store.mia) >= 1
    store.eraser.shred(store.mia)
    assert store.eraser.clear(store.mia) == 0
    assert store.people.traits(store.mia) == Traits()
    assert store.erasures.newest(store.mia) is not None
    with pytest.raises(MemberErased):
        store.people.member(store.mia)


def test_a_restriction_is_replaced_by_its_id_and_lifted_by_it(store: Store) -> None:
    first = Restriction("rst_1", store.mia, NOW, "member", "why")
    assert store.erasures.put_restriction(first, None)
    assert not store.erasures.put_restriction(first, None)
    other = replace(first, reason="because")
    assert store.erasures.put_restriction(other, "rst_1")
    store.erasures.lift_restriction(store.mia, "rst_2")
    assert store.erasures.restriction(store.mia) == other
    store.erasures.lift_restriction(store.mia, "rst_1")
    assert store.erasures.restriction(store.mia) is None
