"""Services in ruins: whatever is asked of a port fails, with a caller's words in what it raises."""

from dataclasses import fields, replace
from typing import Any

from chalicelib.wiring import Services

KEPT = ("namer", "entropy", "patience")
"""No ports to anything outside."""


class Ruin:
    """A port of which every method fails."""

    def __init__(self, error: Exception, words: str) -> None:
        self._error, self._words = error, words

    def __getattr__(self, method: str) -> Any:
        def fail(*_: object, **__: object) -> Any:
            raise self._error from KeyError(self._words)

        return fail


def in_ruins(services: Services, error: Exception, words: str, *kept: str) -> Services:
    """The same services with every port but the kept ones in ruins; nobody waits for them."""
    ruins: dict[str, Any] = {
        field.name: Ruin(error, words)
        for field in fields(services.ports)
        if field.name not in (*KEPT, *kept)
    }
    patience = replace(services.ports.patience, limit_ms=1)
    return replace(services, ports=replace(services.ports, **ruins, patience=patience))
