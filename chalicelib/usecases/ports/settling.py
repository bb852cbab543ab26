"""What an answer is, how long to wait for one, and how a store says that it has none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Answer]):
    """What a use case that writes answers; `replayed` when an earlier try had done the work."""

    answer: Answer
    replayed: bool = False


Entropy = Callable[[int], bytes]
"""n -> n random bytes, unguessable in production, seeded in tests."""


def _nobody_counts() -> None:
    """What is told of each repetition where nobody counts them."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a write that met a conflict waits. `monotonic` in seconds; `pause(seconds)` waits;
    `jitter()` is in [0, 1). Full jitter from `first_ms` doubling to `most_ms`, until `limit_ms`.
    `repeated()` hears of each further attempt.
    """

    monotonic: Callable[[], float]
    pause: Callable[[float], None]
    jitter: Callable[[], float]
    first_ms: int = 25
    most_ms: int = 200
    limit_ms: int = 3_000
    repeated: Callable[[], None] = _nobody_counts


class StoreUnavailable(Exception):
    """A store could not answer (throttle, conflict, 5xx, time-out, lost reply); it is unknown
    whether a write landed. Raised by every store; the API answers it 503 `try_again`."""


class StoreNewer(Exception):
    """A store holds a schema that this release does not know; answered 503, nothing is written."""
