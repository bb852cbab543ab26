"""The data key of a sign-up goes with it; that of a member stays until the member is erased."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.sign_ups import WAITS_FOR, SignUp
from chalicelib.storage import keys
from chalicelib.storage.people_items import KeyItem
from chalicelib.storage.reading import get
from tests.ledger_world import new_name
from tests.people_world import NOW, PeopleWorld, dynamo_people_world

pytestmark = pytest.mark.usefixtures("bound")


@pytest.fixture
def world() -> PeopleWorld:
    return dynamo_people_world(new_name("keys"))


def purged_at(member_id: str) -> datetime | None:
    """When the key of a member, or of who may become one, is purged; None for never."""
    item = get(KeyItem, keys.member(member_id), keys.ONLY)
    assert item is not None
    return datetime.fromtimestamp(item.ttl, UTC) if item.ttl is not None else None


def test_a_key_is_purged_after_the_sign_up_that_nobody_verified(world: PeopleWorld) -> None:
    ref = world.sign_up("mia")
    waiting = world.ports.people.sign_up(ref.signup_id or "")
    assert isinstance(waiting, SignUp)
    purged = purged_at(waiting.member_id)
    assert purged is not None
    assert purged > NOW + WAITS_FOR  # never while its code may still come back


def test_a_key_stays_when_the_sign_up_becomes_a_member(world: PeopleWorld) -> None:
    joined = world.verify(world.sign_up("mia"), world.code(world.email("mia")))
    assert purged_at(joined.member_id) is None
    member = world.ports.people.member(joined.member_id)
    assert member is not None
    assert member.person.email == world.email("mia")


def test_a_key_is_purged_of_a_sign_up_that_led_to_somebody_who_was_there(
    world: PeopleWorld,
) -> None:
    ref = world.sign_up("mia")
    waiting = world.ports.people.sign_up(ref.signup_id or "")
    assert isinstance(waiting, SignUp)
    member_id = world.enrol("mia").answer.member_id
    assert world.verify(ref, sent_first(world)).member_id == member_id
    assert purged_at(member_id) is None
    assert purged_at(waiting.member_id) is not None


def sent_first(world: PeopleWorld) -> str:
    """The code of the sign-up, which was sent before the one of the till."""
    letters = [m.text for m in world.mailbox.sent if m.to == world.email("mia")]
    return next(word for word in letters[0].replace(".", " ").split() if word.isdigit())


def test_a_member_whom_a_till_enrols_has_a_key_that_stays(world: PeopleWorld) -> None:
    assert purged_at(world.enrol("mia").answer.member_id) is None
