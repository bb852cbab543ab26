"""By what members are alike, and the pairs of them, in memory and in DynamoDB."""

import pytest

from chalicelib.domain.likeness import Alike, Likeness, pair_of
from chalicelib.domain.names import Namer
from chalicelib.domain.refusals import MemberErased
from chalicelib.settings import Settings
from chalicelib.storage import keys
from chalicelib.storage.duplicates import DynamoDuplicates
from chalicelib.storage.gone import GoneItem
from chalicelib.usecases.ports import Duplicates
from tests.fakes.duplicates import FakeDuplicates
from tests.ledger_world import NAMING_SECRET, new_name


@pytest.fixture(params=["dynamo", "fake"])
def duplicates(request: pytest.FixtureRequest) -> Duplicates:
    if request.param == "fake":
        return FakeDuplicates()
    assert isinstance(request.getfixturevalue("bound"), Settings)
    return DynamoDuplicates(Namer(NAMING_SECRET))


def two() -> tuple[str, str]:
    """Two members that nobody has seen, in their order."""
    first, second = sorted((new_name("mem_alike"), new_name("mem_alike")))
    return first, second


def some(what: str = "born") -> Alike:
    """Something that nobody else has in common."""
    return Alike(Likeness(what), new_name("ada"))


def test_members_are_found_by_what_they_have_in_common(duplicates: Duplicates) -> None:
    first, second = two()
    name, home = some(), some("home")
    for member in (first, second):
        duplicates.keep(member, [name, home], [])
        duplicates.keep(member, [name], [])  # the same again
    assert duplicates.alike(name, 10) == [first, second]
    assert duplicates.alike(name, 1) == [first]
    duplicates.keep(first, [], [name])
    duplicates.keep(first, [], [name])
    assert (duplicates.alike(name, 10), duplicates.alike(home, 10)) == ([second], [first, second])
    assert duplicates.alike(some(), 10) == []


def test_pairs_are_listed_in_the_order_of_their_members(duplicates: Duplicates) -> None:
    first, second = two()
    duplicates.report(pair_of(second, first, {Likeness.BORN}))
    both = pair_of(first, second, {Likeness.BORN, Likeness.HOME})
    duplicates.report(both)
    before = first[:-1], "~"
    assert duplicates.reported(before, 1) == [both]
    assert both not in duplicates.reported(both.members, 100)
    assert both in duplicates.reported(None, 100_000)


def test_nothing_is_left_of_a_member_that_goes(duplicates: Duplicates) -> None:
    first, second = two()
    third, name = new_name("mem_alike"), some()
    for member in (first, second, third):
        duplicates.keep(member, [name], [])
    pairs = [pair_of(one, third, {Likeness.BORN}) for one in (first, second)]
    stays = pair_of(first, second, {Likeness.BORN})
    for pair in (*pairs, stays):
        duplicates.report(pair)
    duplicates.forget(third, [name])
    duplicates.forget(third, [name])
    left = duplicates.reported(None, 100_000)
    assert stays in left
    assert not [pair for pair in left if third in pair.members]
    assert duplicates.alike(name, 10) == [first, second]


def test_nothing_begins_to_lead_to_a_member_that_goes(duplicates: Duplicates) -> None:
    first, second = two()
    name = some()
    if isinstance(duplicates, FakeDuplicates):
        duplicates.gone.add(first)
    else:
        GoneItem(keys.member(first), keys.GONE, at="2026-11-22").save()
    with pytest.raises(MemberErased):
        duplicates.keep(first, [name], [])
    for pair in (pair_of(first, second, {Likeness.BORN}), pair_of(second, first, {Likeness.HOME})):
        with pytest.raises(MemberErased):
            duplicates.report(pair)
    assert duplicates.alike(name, 10) == []
