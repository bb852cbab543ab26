"""Whoever names another DynamoDB gets the tables there, and nothing stays behind."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.settings import Settings
from chalicelib.storage import tables
from infrastructure.local import ministack
from tests import second_opinion
from tests.conftest import IDENTITY, SECRET
from tests.ledger_world import dynamo_world, new_name


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    """Where another engine listens."""
    with ministack.running() as engine:
        yield engine.endpoint


@pytest.fixture
def asked(other: str, bound: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address, while it is asked for."""
    monkeypatch.setenv(second_opinion.VARIABLE, other)
    yield other
    monkeypatch.undo()
    tables.bind(bound)


def _tables(endpoint: str) -> list[str]:
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    pages = client.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"]]


def test_what_is_written_is_in_the_other_engine_and_nowhere_else(
    bound: Settings, asked: str
) -> None:
    local = second_opinion.dynamodb_endpoint()
    before = _tables(local)
    with second_opinion.created("opinion", SECRET) as stack:
        tables.bind(Settings.read(stack.environment() | IDENTITY))
        member_id = dynamo_world(new_name("there")).member(points=5)
        client: Any = boto3.client("dynamodb", endpoint_url=asked)
        found = client.scan(TableName=stack.names["LedgerTable"])["Items"]
        assert f"A#{member_id}" in {item["pk"]["S"] for item in found}
        named = {name for key, name in stack.environment().items() if key.endswith("_TABLE")}
        assert named == set(_tables(asked))
    assert _tables(local) == before
    assert bound.ledger_table in before


def test_nothing_stays_behind_even_when_a_test_fails(asked: str) -> None:
    def fail_there() -> None:
        with second_opinion.created("opinion", SECRET):
            assert len(_tables(asked)) == 6
            raise RuntimeError("as a failing test does")

    with pytest.raises(RuntimeError):
        fail_there()
    assert _tables(asked) == []


def test_all_else_stays_on_the_local_aws(asked: str) -> None:
    with second_opinion.created("opinion", SECRET) as stack:
        queue = stack.names["ImportQueue"]
        sqs: Any = boto3.client("sqs", endpoint_url=asked)
        assert queue.rpartition("/")[2] not in str(sqs.list_queues())
        assert boto3.client("sqs").get_queue_attributes(QueueUrl=queue)


@pytest.mark.parametrize("region", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_an_account_is_asked_as_the_usual_variables_say(
    asked: str, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    assert asked
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SESSION_TOKEN", "t"), (region, "eu")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    assert second_opinion.credentials() == {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SESSION_TOKEN": "t",
        "AWS_REGION": "eu",
        "AWS_DEFAULT_REGION": "eu",
    }


def test_nobodys_credentials_are_used_where_no_other_engine_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(second_opinion.VARIABLE, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    assert second_opinion.credentials() == {}
