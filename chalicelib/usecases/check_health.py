"""Whether everything that the service needs answers, asked all at once and each for itself.

Must not know what it asks: whoever composes the service hands it the questions.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

PATIENCE_SECONDS = 8.0
"""Whoever has not answered by then counts as failing: API Gateway gives up after 29."""

_LATE = TimeoutError()


@dataclass(frozen=True, slots=True)
class Vital:
    """One thing that the service cannot do without. ask: raises whatever it likes when that does
    not answer; what it gives is told beside the name, None where there is nothing to tell."""

    name: str
    ask: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """How it is. says: what it told. error: why it fails, None where it is well."""

    name: str
    milliseconds: float
    says: str | None
    error: Exception | None


def check_health(
    vitals: Sequence[Vital], monotonic: Callable[[], float], seconds: float = PATIENCE_SECONDS
) -> list[Checked]:
    """Ask all of them, and be done within so many seconds; in their order. Never raises."""
    pool = ThreadPoolExecutor(max_workers=max(1, len(vitals)))
    asked = [pool.submit(_asked, vital, monotonic) for vital in vitals]
    wait(asked, timeout=seconds)
    found = [
        future.result() if future.done() else Checked(vital.name, seconds * 1000, None, _LATE)
        for vital, future in zip(vitals, asked, strict=True)
    ]
    pool.shutdown(wait=False, cancel_futures=True)  # who is late may end for nobody
    return found


def _asked(vital: Vital, monotonic: Callable[[], float]) -> Checked:
    began = monotonic()
    says: str | None = None
    error: Exception | None = None
    try:
        says = vital.ask()
    except Exception as why:  # of any kind: it does not answer, and the others are to be asked
        error = why
    return Checked(vital.name, round((monotonic() - began) * 1000, 1), says, error)
