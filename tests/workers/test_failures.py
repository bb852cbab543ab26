"""What a worker says when it fails: kinds and places, never a word that somebody wrote."""

import json
import traceback
from typing import Any

import pytest

from chalicelib.usecases.ports import StoreUnavailable
from chalicelib.workers.failures import WorkerFailed, told
from infrastructure.local.declared_workers import declared_workers

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


def _function_of(handler: Any) -> Any:
    """The function inside of what Chalice made of it."""
    return getattr(handler, "func", handler)
