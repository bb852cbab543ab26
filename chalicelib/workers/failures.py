"""What a worker says when it fails: one line by the log's allow-list, and no word of the error,
which Lambda would print with whatever a caller wrote in it. Knows no worker.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from chalicelib import observability, tracing

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class WorkerFailed(Exception):
    """A run failed and is to be repeated. Says what kind of error it was, no more."""


def told(worker: str) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Around a worker's function, under the decorator that declares it: whatever it raises is
    logged by kind and place, and raised again as WorkerFailed without its words."""

    def around(run: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(run)
        def handle(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
            with observability.noting() as noted:
                try:
                    with tracing.span(worker):
                        return run(*arguments, **named)
                except Exception as error:
                    observability.log_failure(error, worker=worker)
                    failed = WorkerFailed(type(error).__name__)
                finally:
                    observability.log_work(worker, noted)
            raise failed  # outside of the handler: nothing of the first error hangs on it

        return handle

    return around
