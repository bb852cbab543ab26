"""What the service says of itself: one line a request, with its metrics, and failures.

By allow-list: route, status, time, kind of caller, request id. No body, no token, no id of a
person. Metrics stand in the log's own lines (CloudWatch's embedded metric format), because a line
costs as much as a write to a table.
"""

import json
import sys
import traceback
from collections.abc import Iterator, Mapping

_NAMESPACE = "Stampbook"


def log_request(
    *,
    route: str,
    status: int,
    milliseconds: float,
    caller: str,
    code: str | None,
    request_id: str,
) -> None:
    """One line of JSON for one request: its latency by route, and by route and status."""
    _write(
        _measured(
            "latency", "Milliseconds", round(milliseconds, 1), {"route": route}, status=status
        )
        | {"event": "request", "caller": caller, "code": code, "request_id": request_id}
    )


def log_failure(error: BaseException, **context: str) -> None:
    """One line for what nobody foresaw, and for what an outage broke off: the kinds of the errors,
    AWS's codes and where, not their words, which may quote a caller."""
    chain = traceback.TracebackException.from_exception(error, capture_locals=False)
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in chain.stack]
    _write(
        {
            "event": "failure",
            "error": type(error).__name__,
            "causes": list(_causes(error)),
            "frames": frames[-12:],
            **context,
        }
    )


def _causes(error: BaseException) -> Iterator[str]:
    """The kinds of what led to an error, and AWS's own code where it was AWS."""
    cause = error.__cause__
    while cause is not None:
        answer = getattr(cause, "response", None)
        said = answer.get("Error", {}).get("Code", "") if isinstance(answer, dict) else ""
        yield f"{type(cause).__name__} {said}".strip()
        cause = cause.__cause__


def log_tampering(change: str, sequence_number: str) -> None:
    """One line, and a metric to raise an alarm on: something of the ledger was changed in place."""
    _write(
        _measured("ledger_tampered", "Count", 1, {})
        | {"event": "ledger_tampered", "change": change, "sequence_number": sequence_number}
    )


def log_breaches(times: Mapping[str, int], reconciliation: int) -> None:
    """One line, and a metric to raise an alarm on: the books are wrong. times: breaches by code."""
    _write(
        _measured("ledger_breaches", "Count", sum(times.values()), {})
        | {"event": "ledger_breaches", "times": dict(times), "reconciliation": reconciliation}
    )


def _measured(
    name: str, unit: str, value: float, dimensions: dict[str, str], **more: object
) -> dict[str, object]:
    """A line with one metric, by its dimensions and, with `more`, by all of them too."""
    # Loaded on the first line, and one for each line: a shared one would mix threads' metrics.
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
        AmazonCloudWatchEMFProvider,
    )

    metrics = AmazonCloudWatchEMFProvider(namespace=_NAMESPACE)
    metrics.add_metric(name, unit, value)
    for dimension, text in dimensions.items():
        metrics.add_dimension(dimension, text)
    if more:
        metrics.add_dimensions(**dimensions, **{key: str(text) for key, text in more.items()})
    line: dict[str, object] = {**metrics.serialize_metric_set()}
    return line


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
