"""Which workers the app declares, what starts each of them, and their functions.

Read from the very declarations that `chalice package` makes Lambdas of. Knows no events.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalice.app import (
    Chalice,
    DynamoDBEventConfig,
    Rate,
    ScheduledEventConfig,
    SQSEventConfig,
)

_UNITS = {"MINUTE": "minutes", "HOUR": "hours", "DAY": "days"}

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class StreamWorker:
    """Fed from the ledger's stream, at most `batch_size` records at a time."""

    name: str
    handler: Handler
    batch_size: int


@dataclass(frozen=True, slots=True)
class QueueWorker:
    """Fed from a queue of its own, at most `batch_size` messages at a time."""

    name: str
    handler: Handler
    batch_size: int = 1


@dataclass(frozen=True, slots=True)
class ScheduledWorker:
    """Started again and again."""

    name: str
    handler: Handler
    every: timedelta


Worker = StreamWorker | QueueWorker | ScheduledWorker


def declared_workers(app: Chalice) -> list[Worker]:
    """Every worker of the app. NotImplementedError for one that nothing here could start."""
    return [_worker(source) for source in app.event_sources]


def _worker(source: object) -> Worker:
    match source:
        case DynamoDBEventConfig():
            return StreamWorker(source.name, _found(source.handler_string), source.batch_size)
        case SQSEventConfig():
            return QueueWorker(source.name, _found(source.handler_string), source.batch_size)
        case ScheduledEventConfig():
            every = _period(source.schedule_expression)
            return ScheduledWorker(source.name, _found(source.handler_string), every)
    raise NotImplementedError(f"no local way to start {source!r}")


def _found(handler: str) -> Handler:
    """A function by its dotted name, the way Lambda finds it."""
    module, _, name = handler.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def _period(expression: object) -> timedelta:
    """`Rate(1, unit=Rate.HOURS)` or `rate(1 hour)` as a duration; ValueError for others."""
    text = expression.to_string() if isinstance(expression, Rate) else str(expression)
    number, _, unit = text.removeprefix("rate(").rstrip(")").partition(" ")
    name = unit.upper().rstrip("S")
    if name not in _UNITS:
        raise ValueError(f"no local way to keep the schedule {text!r}")
    return timedelta(**{_UNITS[name]: int(number)})
