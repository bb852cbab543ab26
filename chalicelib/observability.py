"""What the service says of itself: one line a request, with its metrics, what the books tell, and
failures.

By allow-list: route, status, time, kind of caller, request id, sums. No body, no token, no id of a
person. Metrics stand in the log's own lines (CloudWatch's embedded metric format), because a line
costs as much as a write to a table. It reads its stage from the environment itself: a failure must
be told where the settings are what failed.
"""

import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

NAMESPACE = "Stampbook"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as CloudWatch keeps it. by: what it is kept by, beside the stage, which is always
    one; each is a series of its own for every value, and is paid for."""

    says: str
    unit: str = "Count"
    by: tuple[str, ...] = ()

    @property
    def dimensions(self) -> list[list[str]]:
        """Its series, as the embedded format names them."""
        return [["stage"], *(["stage", name] for name in self.by)]


METRICS: Mapping[str, Metric] = {
    "latency": Metric("A request, from its first line to its answer", "Milliseconds", ("route",)),
    "failed": Metric("Requests answered 500 or 503", by=("code",)),
    "refused": Metric("Requests answered 4xx, and why", by=("code",)),
    "replayed": Metric("Requests that an earlier one had done already"),
    "retries": Metric("Times that a write was tried again"),
    "conflicts": Metric("Writes that another one of the same account, reward or offer had beaten"),
    "throttled": Metric("Calls that DynamoDB turned away as too many"),
    "ledger_tampered": Metric("Items of the ledger that were changed or removed in place"),
    "ledger_breaches": Metric("Breaches that the reconciler has found"),
    "webhooks_resting": Metric("Failures after which a webhook was left alone for a while"),
    "webhooks_disabled": Metric("Webhooks that were gone, or took nothing for days"),
    "webhook_events_given_up": Metric("Events that a webhook did not take for three days"),
    "members_joined": Metric("Accounts opened"),
    "purchases": Metric("Purchases posted, of members and of nobody"),
    "purchases_minor": Metric("What they came to, in the currency's smallest unit"),
    "returns": Metric("Returns of purchases"),
    "redemptions": Metric("Rewards redeemed"),
    "points_earned": Metric("Points that purchases gave"),
    "points_given": Metric("Points that bonuses gave"),
    "points_redeemed": Metric("Points spent on rewards"),
    "points_given_back": Metric("Points of redemptions that were cancelled or expired"),
    "points_taken_back": Metric("Points that returns took"),
    "points_expired": Metric("Points that expired"),
    "points_adjusted": Metric("Points that staff gave or took: the sum, however signed"),
    "points_erased": Metric("Points that went with erased members"),
}
"""Every metric of ours. The dashboard, the alarms and docs/observability.md name no other one."""


def log_request(
    *,
    route: str,
    status: int,
    milliseconds: float,
    caller: str,
    code: str | None,
    request_id: str,
    replayed: bool = False,
    noted: Mapping[str, int] | None = None,
) -> None:
    """One line of JSON for one request, with what is measured of it. noted: as `noting` counted."""
    measured: dict[str, float] = {"latency": round(milliseconds, 1), **(noted or {})}
    if status >= 400 and code is not None:
        measured["failed" if status >= 500 else "refused"] = 1
    if replayed:
        measured["replayed"] = 1
    said = {"route": route, "status": status, "caller": caller, "code": code}
    _write(_line(measured, event="request", **said, request_id=request_id))


def log_work(worker: str, noted: Mapping[str, int]) -> None:
    """One line of a worker's run in which something was to be noted; none where nothing was."""
    if noted:
        _write(_line(noted, event="work", worker=worker))


def log_business(figures: Mapping[str, int]) -> None:
    """One line of what was written to the ledger, as sums of many operations; none of nothing."""
    if figures:
        _write(_line(figures, event="business"))


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
    said = {"change": change, "sequence_number": sequence_number}
    _write(_line({"ledger_tampered": 1}, event="ledger_tampered", **said))


def log_breaches(times: Mapping[str, int], reconciliation: int) -> None:
    """One line, and a metric to raise an alarm on: the books are wrong. times: breaches by code."""
    said = {"times": dict(times), "reconciliation": reconciliation}
    _write(_line({"ledger_breaches": sum(times.values())}, event="ledger_breaches", **said))


# --- what happens on the way, and is told in the line at its end ---------------------------------

_noted: ContextVar[Counter[str] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[Counter[str]]:
    """Count what is noted in this thread while the block runs."""
    counter: Counter[str] = Counter()
    reset = _noted.set(counter)
    try:
        yield counter
    finally:
        _noted.reset(reset)


def note(metric: str) -> None:
    """Count one of METRICS for whoever is `noting`; nothing happens where nobody is."""
    counter = _noted.get()
    if counter is not None:
        counter[metric] += 1


# --- the embedded metric format: written here, as a library for it costs 60 ms of a cold start ----


def _line(measured: Mapping[str, float], **said: object) -> dict[str, object]:
    """A line with these metrics. KeyError for one that is not in METRICS."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in measured:
        alike.setdefault(METRICS[name].by, []).append(name)
    directives = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": METRICS[names[0]].dimensions,
            "Metrics": [{"Name": name, "Unit": METRICS[name].unit} for name in names],
        }
        for names in alike.values()
    ]
    told = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}
    return {"_aws": told, "stage": os.environ.get("STAGE", "unknown"), **measured, **said}


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
