"""Runs of `make run` that the journeys share: one from nothing, one that goes on from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.running import FirstRun, Person, Service, new_member, purchase_of, started


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """One run from nothing to Ctrl-C, with a purchase in between."""
    state = tmp_path_factory.mktemp("first") / "state"
    with started(state) as service:
        local_json = service.local_json
        member = local_json["members"][0]
        purchase = service.till("POST /v1/purchases", purchase_of(service, member["member_id"]))
        goodbye = service.interrupt()
        return FirstRun(
            state=state,
            local_json=local_json,
            printed=service.printed,
            goodbye=goodbye,
            purchase=purchase,
            family=set(service.handles),
            ended=service.ended_processes(),
        )


@pytest.fixture(scope="session")
def service(first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that goes on from the first run's state, shared by the journeys."""
    state = tmp_path_factory.mktemp("service") / "state"
    shutil.copytree(first_run.state, state)
    with started(state) as running:
        yield running
        running.interrupt()


@pytest.fixture
def own_service(first_run: FirstRun, tmp_path: Path) -> Iterator[Service]:
    """A service for one test alone, which may move its clock."""
    shutil.copytree(first_run.state, tmp_path / "state")
    with started(tmp_path / "state") as running:
        yield running


@pytest.fixture
def somebody(service: Service) -> Person:
    """A new member with a verified address and a token."""
    return new_member(service)
