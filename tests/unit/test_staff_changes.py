"""Whatever staff change is recorded with who, what and when; what is refused beforehand is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.refusals import Conflict, InvalidContent, NotFound, VersionStale
from chalicelib.domain.rewards import Reward, RewardKind
from chalicelib.usecases.activate_program import activate_program
from chalicelib.usecases.archive_reward import archive_reward
from chalicelib.usecases.change_program import change_program
from chalicelib.usecases.create_api_key import CreateApiKey, create_api_key
from chalicelib.usecases.create_reward import create_reward
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.replace_reward import replace_reward
from chalicelib.usecases.revoke_api_key import revoke_api_key
from tests.fakes.api_keys import FakeKeys
from tests.fakes.audit import FakeAudit
from tests.ledger_world import NOW, PROGRAM, fake_world

STAFF = Caller(CallerKind.STAFF, source="staff:ada", scopes=GROUP_SCOPES["admin"], subject="ada")
TREE = Reward("", 0, "A tree", RewardKind.DONATION, 100)
TILL = CreateApiKey("till-berlin", None, None)


@pytest.fixture
def audit() -> FakeAudit:
    return FakeAudit()


@pytest.fixture
def ports(audit: FakeAudit) -> Ports:
    world, _ = fake_world()
    return replace(world.ports, audit=audit, keys=FakeKeys())


def test_every_change_is_recorded_with_who_what_and_when(ports: Ports, audit: FakeAudit) -> None:
    later = NOW + timedelta(hours=1)
    change_program(ports, STAFF, replace(PROGRAM, version=PROGRAM.version + 1), NOW)
    activate_program(ports, STAFF, PROGRAM.version + 1, NOW)
    tree = create_reward(ports, STAFF, TREE, "key", NOW).answer
    replace_reward(ports, STAFF, tree, NOW)
    archive_reward(ports, STAFF, tree.reward_id, NOW)
    key = create_api_key(ports, STAFF, TILL, NOW).key
    revoke_api_key(ports, STAFF, key.key_id, later)
    said = [(record.action, record.subject) for record in audit.records]
    assert said == [
        ("program.changed", str(PROGRAM.version + 1)),
        ("program.activated", str(PROGRAM.version + 1)),
        ("reward.created", tree.reward_id),
        ("reward.replaced", tree.reward_id),
        ("reward.archived", tree.reward_id),
        ("key.created", key.key_id),
        ("key.revoked", key.key_id),
    ]
    assert {record.who for record in audit.records} == {"staff:ada"}
    assert [record.at for record in audit.records] == [*[NOW] * 6, later]


def test_what_is_refused_for_what_it_says_is_not_recorded(ports: Ports, audit: FakeAudit) -> None:
    with pytest.raises(VersionStale):
        change_program(ports, STAFF, PROGRAM, NOW)
    hollow = replace(PROGRAM, version=PROGRAM.version + 1, purposes=())
    with pytest.raises(InvalidContent):
        change_program(ports, STAFF, hollow, NOW)
    with pytest.raises(NotFound):
        activate_program(ports, STAFF, 99, NOW)
    with pytest.raises(InvalidContent):
        create_reward(ports, STAFF, replace(TREE, points=0), "key", NOW)
    with pytest.raises(InvalidContent):
        create_api_key(ports, STAFF, replace(TILL, source="staff:ada"), NOW)
    with pytest.raises(NotFound):
        revoke_api_key(ports, STAFF, "key_9", NOW)
    assert audit.records == []


def test_a_third_live_key_is_refused_by_its_reason(ports: Ports) -> None:
    create_api_key(ports, STAFF, TILL, NOW)
    create_api_key(ports, STAFF, TILL, NOW)
    with pytest.raises(Conflict) as refusal:
        create_api_key(ports, STAFF, TILL, NOW)
    assert refusal.value.reason == "two_live_keys"


def test_two_keys_never_share_an_id_or_a_secret(ports: Ports) -> None:
    first, second = (create_api_key(ports, STAFF, TILL, NOW) for _ in range(2))
    assert first.key.key_id != second.key.key_id
    assert first.secret != second.secret
