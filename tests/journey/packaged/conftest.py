"""One deployment of the package, which all tests of this folder share: it takes half a minute.

They stay in one process for it (tests/conftest.py). Each has members of its own where it looks at
sums or events, so that none depends on what another one has done, nor on which came first.
"""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.journey.deployment import Deployment, deployed
from tests.journey.listening import Listener
from tests.journey.packaged.steps import enrolled, logged, set_up, staff
from tests.packaged import the_package

REWARD = {"name": "A flat white", "kind": "free_product", "sku": "flat-white", "points": 30}
SET_ASIDE = ("RelayDeadLetters", "FollowDeadLetters", "SnapshotDeadLetters")


@pytest.fixture(scope="session")
def service() -> Iterator[Deployment]:
    """The deployed package. At its end nothing of what all the tests wrote was set aside, and no
    reader of the stream has failed: MiniStack sets nothing aside of what one reports as failed."""
    with deployed(the_package()) as deployment:
        yield deployment
        sqs = deployment.client("sqs")
        for queue in SET_ASIDE:
            url = deployment.resources[queue]
            assert sqs.receive_message(QueueUrl=url).get("Messages", []) == [], queue
        for reader in ("Relay", "Follow"):
            lines = logged(deployment, reader)
            assert [line for line in lines if '"event":"failure"' in line] == [], reader


@pytest.fixture(scope="session")
def published(service: Deployment) -> Listener:
    """Everything on the bus from now on."""
    return Listener(service)


@pytest.fixture(scope="session")
def till(service: Deployment) -> str:
    """An API key, from nothing: staff sets up a program and makes the key."""
    return set_up(service)


@pytest.fixture(scope="session")
def member_id(service: Deployment, till: str) -> str:
    """Somebody for tests to whom it is all the same what others do with her."""
    return enrolled(service, till, "ada@stampbook.example")


@pytest.fixture
def somebody(service: Deployment, till: str) -> str:
    """A member of this test alone."""
    return enrolled(service, till, f"{uuid4()}@stampbook.example")


@pytest.fixture(scope="session")
def reward_id(service: Deployment, till: str) -> str:
    """Costs 30 points."""
    made = service.call(
        "POST", "/v1/rewards", REWARD, token=staff(service, "marketer"), Idempotency_Key="reward-1"
    )
    assert made.status == 201, (json.dumps(made.body), till)
    return str(made.body["reward_id"])
