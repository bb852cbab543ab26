"""Runs of `make run` that the journeys share: one from nothing, one that goes on from it."""

import shutil
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.journey.running import FirstRun, Person, Service, latest_code, purchase_of, start


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """One run from nothing to Ctrl-C, with a purchase in between."""
    state = tmp_path_factory.mktemp("first") / "state"
    service = start(state)
    member = service.local_json["members"][0]
    purchase = service.till("POST /v1/purchases", purchase_of(service, member["member_id"]))
    local_json = service.local_json
    goodbye = service.interrupt()
    return FirstRun(
        state,
        local_json,
        service.printed,
        goodbye,
        purchase,
        set(service.handles),
        service.ended_processes(),
    )


@pytest.fixture(scope="session")
def service(first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that goes on from the first run's state, shared by the journeys."""
    state = tmp_path_factory.mktemp("service") / "state"
    shutil.copytree(first_run.state, state)
    running = start(state)
    yield running
    running.interrupt()


@pytest.fixture
def somebody(service: Service) -> Person:
    """A new member with a verified address and a token."""
    answer = service.till(
        "POST /v1/members",
        {
            "email": f"journey-{uuid4()}@example.com",
            "consents": [
                {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
            ],
        },
    )
    member_id, card_number = answer.body["member_id"], answer.body["card_number"]
    token = service.token(member_id)
    proof = {"member_id": member_id, "channel": "email", "code": latest_code(service)}
    assert service.ask("POST /v1/members/verify", proof).body["status"] == "active"
    return Person(member_id, card_number, token)
