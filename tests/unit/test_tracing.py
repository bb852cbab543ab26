"""Traces: what a traced run tells the agent beside it, and that others tell nothing."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.session import Session

from chalicelib import tracing

TRACED = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


class Agent:
    """Takes datagrams on loopback, as X-Ray's own does."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(5)
        self.address = "{}:{}".format(*self._socket.getsockname())

    def told(self, times: int) -> list[dict[str, Any]]:
        """So many subsegments, in the order in which they ended."""
        found = []
        for _ in range(times):
            header, _, body = self._socket.recv(65_536).partition(b"\n")
            assert json.loads(header) == {"format": "json", "version": 1}
            found.append(json.loads(body))
        return found

    def is_quiet(self) -> bool:
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    listening = Agent()
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", listening.address)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACED)
    yield listening
    listening.close()


def test_spans_are_told_within_each_other_and_with_what_raised(agent: Agent) -> None:
    def serve() -> None:
        with tracing.span("GET /v1/members/{member_id}"):
            with tracing.span("inside"):
                pass
            raise ValueError("a word of the caller")

    with pytest.raises(ValueError, match="a word"):
        serve()
    inner, outer = agent.told(2)
    assert outer["name"] == "GET /v1/members/:member_id:"
    assert (outer["trace_id"], outer["parent_id"]) == (
        "1-5759e988-bd862e3fe1be46a994272793",
        "53995c3f42cd8ad8",
    )
    assert (inner["parent_id"], inner["type"]) == (outer["id"], "subsegment")
    assert (outer["error"], "error" in inner) == (True, False)
    assert outer["start_time"] <= inner["start_time"] <= inner["end_time"] <= outer["end_time"]
    assert "a word" not in json.dumps(outer)


def test_a_call_to_aws_is_a_span_of_its_own_also_when_nobody_answers(agent: Agent) -> None:
    client: Any = Session().create_client(
        "sqs",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )
    tracing.watch(client)
    with pytest.raises(EndpointConnectionError), tracing.span("relay"):
        client.list_queues()
    call, worker = agent.told(2)
    assert (call["name"], call["namespace"], call["aws"]) == (
        "SQS",
        "aws",
        {"operation": "ListQueues"},
    )
    assert (call["parent_id"], call["error"]) == (worker["id"], True)


@pytest.mark.parametrize("header", ["", TRACED.replace("Sampled=1", "Sampled=0"), "Sampled=1"])
def test_what_is_not_traced_tells_nothing(
    header: str, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    with tracing.span("relay"):
        pass
    assert agent.is_quiet()


def test_an_agent_that_is_not_there_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACED)
    for _ in range(3):
        with tracing.span("relay"):
            pass
