"""What the service says of itself: one line a request, with its metrics, and failures.

By allow-list: route, status, time, kind of caller, request id. No body, no token, no id of a
person.
"""

import json
import sys
import time
import traceback

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
    """One line of JSON for one request, which CloudWatch reads as log and as metrics (EMF)."""
    _write(
        {
            "_aws": {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": _NAMESPACE,
                        "Dimensions": [["route"], ["route", "status"]],
                        "Metrics": [{"Name": "latency", "Unit": "Milliseconds"}],
                    }
                ],
            },
            "event": "request",
            "route": route,
            "status": str(status),
            "latency": round(milliseconds, 1),
            "caller": caller,
            "code": code,
            "request_id": request_id,
        }
    )


def log_failure(error: BaseException, **context: str) -> None:
    """One line for what nobody foresaw: the kinds of the errors and where, not their words, which
    may quote a caller."""
    chain = traceback.TracebackException.from_exception(error, capture_locals=False)
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in chain.stack]
    _write(
        {
            "event": "failure",
            "error": type(error).__name__,
            "cause": type(error.__cause__).__name__ if error.__cause__ else None,
            "frames": frames[-12:],
            **context,
        }
    )


def log_tampering(change: str, sequence_number: str) -> None:
    """One line, and a metric to raise an alarm on: something of the ledger was changed in place."""
    _write(
        {
            "_aws": {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": _NAMESPACE,
                        "Dimensions": [[]],
                        "Metrics": [{"Name": "ledger_tampered", "Unit": "Count"}],
                    }
                ],
            },
            "event": "ledger_tampered",
            "ledger_tampered": 1,
            "change": change,
            "sequence_number": sequence_number,
        }
    )


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
