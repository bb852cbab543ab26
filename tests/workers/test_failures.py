"""What a worker says when it fails: kinds and places, never a word that somebody wrote."""

import json
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.wiring import Services
from chalicelib.workers.failures import WorkerFailed, told
from infrastructure.local.declared_workers import (
    QueueWorker,
    ScheduledWorker,
    StreamWorker,
    Worker,
    declared_workers,
)
from infrastructure.local.lambda_events import of_message, of_schedule
from tests.ruin import in_ruins

CANARY = "ada.lovelace@example.com"


def failing(error: Exception) -> Any:
    @told("imports")
    def handle(event: object) -> None:
        assert event
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise error from cause

    return handle


@pytest.mark.parametrize("error", [ValueError(CANARY), StoreUnavailable(CANARY)])
def test_neither_its_log_nor_what_lambda_prints_holds_the_errors_words(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WorkerFailed, match=type(error).__name__) as caught:
        failing(error)({"Records": [CANARY]})
    printed = "".join(traceback.format_exception(caught.value))
    line = capsys.readouterr().out
    said = json.loads(line)
    assert CANARY not in printed + line
    assert (said["event"], said["worker"]) == ("failure", "imports")
    assert (said["error"], said["causes"]) == (type(error).__name__, ["KeyError"])


def test_a_worker_that_does_not_fail_answers_as_it_did() -> None:
    @told("imports")
    def handle(event: int) -> int:
        return event + 1

    assert handle(1) == 2


def test_every_worker_fails_in_this_way() -> None:
    from app import app

    workers = declared_workers(app)
    bare = [
        worker.name
        for worker in workers
        if getattr(_function_of(worker.handler), "__wrapped__", None) is None
    ]
    assert bare == [], "put `@told(...)` of chalicelib/workers/failures.py on the function"


def event_for(worker: Worker) -> dict[str, Any]:
    """What would start a worker, with a canary in it."""
    match worker:
        case ScheduledWorker():
            return of_schedule(datetime(2026, 11, 22, tzinfo=UTC)) | {"detail": {"x": CANARY}}
        case QueueWorker():
            names = ("MessageId", "ReceiptHandle", "Body", "MD5OfBody")
            return {"Records": [of_message(dict.fromkeys(names, CANARY) | {"MessageId": "1"})]}
        case StreamWorker():
            image = {"pk": {"S": CANARY}, "sk": {"S": "E#000000000001"}, "t": {"S": CANARY}}
            change = {"SequenceNumber": "1", "Keys": image, "NewImage": image}
            return {"Records": [{"eventName": "INSERT", "dynamodb": change}]}


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@pytest.mark.parametrize("error", [RuntimeError(CANARY), StoreUnavailable(CANARY)])
def test_no_worker_says_a_word_of_what_started_it_or_of_what_failed(
    error: Exception,
    services: Services,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    from app import app

    wiring.install(in_ruins(services, error, CANARY))
    for worker in declared_workers(app):
        try:
            answer = worker.handler(event_for(worker), Context())
        except WorkerFailed as failed:
            answer = "".join(traceback.format_exception(failed))
        said = [*capfd.readouterr(), *(record.getMessage() for record in caplog.records)]
        assert not [text for text in (*said, str(answer)) if CANARY in text], worker.name


def _function_of(handler: Any) -> Any:
    """The function inside of what Chalice made of it."""
    return getattr(handler, "func", handler)
