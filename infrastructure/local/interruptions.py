"""How a program of ours ends when it is interrupted: at once, and once."""

import os
import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS = 1.0


def end_at_once() -> None:
    """From now on the first SIGINT, SIGTERM or SIGHUP raises KeyboardInterrupt; later ones do
    nothing, so that what is being stopped is stopped."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def wait_for_the_end() -> None:
    """Wait for a signal, or for the end of the `make` that started us (it cannot be told apart
    from a shell that went on without us, so only `make` is watched)."""
    parent = os.getppid()
    never = threading.Event()
    while "MAKELEVEL" not in os.environ or os.getppid() == parent:
        never.wait(_LOOK_SECONDS)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
