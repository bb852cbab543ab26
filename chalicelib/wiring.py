"""The composition root: which store and provider a use case gets. Knows every implementation and
decides nothing else. Imports stand in functions, so that each Lambda loads what it uses.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from chalicelib.settings import Settings
from chalicelib.usecases.ports import Patience, Ports, TokenVerifier


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a request or a worker needs. clock: the instant now, aware."""

    ports: Ports
    clock: Callable[[], datetime]
    tokens: TokenVerifier
    settings: Settings


_building = Lock()
_installed: Services | None = None


def services() -> Services:
    """The services of this process, built from the environment when first asked for.

    ValueError when the environment is incomplete, StoreUnavailable when a secret cannot be read.
    """
    global _installed  # noqa: PLW0603  # one composition a process is what this module is for
    if _installed is None:
        with _building:
            if _installed is None:
                _installed = build(Settings.read(os.environ))
    return _installed


def install(replacement: Services | None) -> None:
    """Put other services in place (a moved clock, doubles); None builds anew when next asked."""
    global _installed  # noqa: PLW0603  # as above
    _installed = replacement


def system_clock() -> datetime:
    """The instant now."""
    return datetime.now(UTC)


def patience() -> Patience:
    """Waiting by this machine's clock."""
    return Patience(monotonic=time.monotonic, pause=time.sleep, jitter=random.random)


def build(settings: Settings) -> Services:
    """The real services for these settings."""
    raise NotImplementedError  # filled as the stores and providers land
