"""Connections: the same promises kept by the store and by the fake."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import boto3
import pytest

from chalicelib.domain.connections import Connection, Provider
from chalicelib.domain.identifiers import Kind
from chalicelib.providers import aws
from chalicelib.providers.refused_queue import SqsRefusedQueue
from chalicelib.settings import Settings
from chalicelib.storage.connections import DynamoConnections
from chalicelib.usecases.ports import Connections, RefusedQueue
from tests.fakes.connections import FakeConnections, FakeRefusedQueue
from tests.fakes.outside import FakeVault

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)
FIRST, SECOND, THIRD = (f"secret-{number}-0123456789" for number in range(3))
SHOPIFY = Connection(
    "conn_1", Provider.SHOPIFY, "web", (Kind.EMAIL, Kind.PHONE), sender=None, created_at=NOW
)
QUEUE = Connection("conn_2", Provider.QUEUE, "bulk", (), "AROA1", NOW + timedelta(seconds=1))


@pytest.fixture(params=["dynamo", "fake"])
def store(request: pytest.FixtureRequest) -> Connections:
    if request.param == "fake":
        return FakeConnections()
    request.getfixturevalue("empty_config")
    return DynamoConnections(FakeVault())


def test_connections_are_found_by_id_and_by_who_sends_and_listed_newest_first(
    store: Connections,
) -> None:
    assert store.add(SHOPIFY, FIRST)
    assert store.add(QUEUE, None)
    assert (store.get("conn_1"), store.get("conn_2"), store.get("conn_3")) == (
        SHOPIFY,
        QUEUE,
        None,
    )
    assert (store.of_sender("AROA1"), store.of_sender("AROA2")) == (QUEUE, None)
    assert store.all() == [QUEUE, SHOPIFY]


def test_a_secret_is_good_for_a_day_after_it_was_changed(store: Connections) -> None:
    store.add(SHOPIFY, FIRST)
    assert store.secrets("conn_1", NOW) == (FIRST,)
    changed = replace(SHOPIFY, former_until=NOW + A_DAY)
    assert store.change_secret("conn_1", SECOND, NOW) == changed
    later = NOW + A_DAY / 2
    assert store.change_secret("conn_1", SECOND, later) == changed  # once more changes nothing
    assert store.get("conn_1") == changed
    assert store.secrets("conn_1", later) == (SECOND, FIRST)
    assert store.secrets("conn_1", NOW + A_DAY) == (SECOND,)
    store.change_secret("conn_1", THIRD, later)
    assert store.secrets("conn_1", NOW + A_DAY) == (THIRD, SECOND)


def test_queues_and_unknown_connections_have_no_secret(store: Connections) -> None:
    store.add(QUEUE, None)
    for connection_id in ("conn_2", "conn_3"):
        assert store.secrets(connection_id, NOW) == ()
        assert store.change_secret(connection_id, FIRST, NOW) is None


def test_a_connection_that_ends_takes_its_secrets_along_and_makes_room_for_its_sender(
    store: Connections,
) -> None:
    store.add(SHOPIFY, FIRST)
    store.add(QUEUE, None)
    assert [store.remove(name) for name in ("conn_1", "conn_2", "conn_2")] == [True, True, False]
    assert store.secrets("conn_1", NOW) == ()
    assert store.all() == []
    assert store.of_sender("AROA1") is None
    assert store.add(replace(QUEUE, connection_id="conn_9"), None)


def test_a_sender_has_one_connection_however_many_try_at_once(store: Connections) -> None:
    wanted = [replace(QUEUE, connection_id=f"conn_{number}") for number in range(4)]
    if isinstance(store, FakeConnections):
        added = [store.add(one, None) for one in wanted]
    else:
        with ThreadPoolExecutor(4) as crowd:
            added = list(crowd.map(lambda one: store.add(one, None), wanted))
    assert sorted(added) == [False, False, False, True]
    assert store.all() == [store.of_sender("AROA1")]


def test_secrets_that_are_changed_at_once_are_all_good_but_the_oldest(store: Connections) -> None:
    store.add(SHOPIFY, FIRST)
    if isinstance(store, FakeConnections):
        for secret in (SECOND, THIRD):
            store.change_secret("conn_1", secret, NOW)
    else:
        with ThreadPoolExecutor(2) as crowd:
            done = crowd.map(lambda s: store.change_secret("conn_1", s, NOW), (SECOND, THIRD))
        assert None not in done
    assert set(store.secrets("conn_1", NOW)) == {SECOND, THIRD}


@pytest.fixture(params=["sqs", "fake"])
def refused(request: pytest.FixtureRequest) -> tuple[RefusedQueue, object]:
    if request.param == "fake":
        return FakeRefusedQueue(), None
    request.getfixturevalue("settings")
    name = f"refused-{token_hex(4)}"
    url = boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return SqsRefusedQueue(url, aws.sqs), url


def test_what_was_refused_is_told_as_json(
    refused: tuple[RefusedQueue, object], settings: Settings
) -> None:
    assert settings
    queue, url = refused
    document = {"source": "web", "problem": {"code": "too_far_back", "detail": "ä"}}
    queue.tell(document)
    if isinstance(queue, FakeRefusedQueue):
        assert queue.told == [document]
        return
    (message,) = boto3.client("sqs").receive_message(QueueUrl=str(url))["Messages"]
    assert json.loads(message["Body"]) == document
