"""Stands between botocore and DynamoDB: may hold a call, answer it, or lose its reply."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import BotoCoreError
from pynamodb.connection import Connection

Act = Callable[[str, AWSPreparedRequest], AWSResponse | None]
"""(operation such as `Query`, request) -> an answer in DynamoDB's place, None to send it on."""


class LostReply(BotoCoreError):
    """The call may have landed; nobody says so. Not one that botocore repeats by itself."""

    fmt = "the reply was lost"
    response = None  # as botocore's own errors of the connection have it


@contextmanager
def interposed(connection: Connection, act: Act) -> Iterator[None]:
    """Let `act` see every call while it lasts, in the thread that makes it."""

    def handle(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
        return act(event_name.rpartition(".")[2], request)

    events: Any = connection.client.meta.events
    events.register("before-send.dynamodb", handle)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb", handle)


def sent(connection: Connection, request: AWSPreparedRequest) -> AWSResponse:
    """DynamoDB's own answer."""
    client: Any = connection.client
    answer: AWSResponse = client._endpoint.http_session.send(request)
    return answer


def refusal(url: str, code: str, **members: object) -> AWSResponse:
    """An error of DynamoDB's."""
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return AWSResponse(url, 400, HTTPHeaders(), _Raw({"__type": kind, "Message": code, **members}))


@contextmanager
def losing_replies(connection: Connection, times: int = 1) -> Iterator[None]:
    """The replies of the next `times` transactions that land are lost."""
    left, lock = [times], threading.Lock()

    def lose(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation != "TransactWriteItems" or not left[0]:
            return None
        answer = sent(connection, request)
        with lock:
            if answer.status_code == 200 and left[0]:
                left[0] -= 1
                raise LostReply
        return answer

    with interposed(connection, lose):
        yield
    assert not left[0], "there was no reply to lose"


class _Raw:
    """A body as botocore reads it."""

    def __init__(self, body: object) -> None:
        self._body = json.dumps(body).encode()

    def stream(self) -> Iterator[bytes]:
        yield self._body
