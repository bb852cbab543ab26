"""Reconciliations as they are kept: each begun once and finished once."""

from typing import Protocol

from chalicelib.domain.reconciliations import Reconciliation


class Reconciliations(Protocol):
    """Every method may raise StoreUnavailable; those that read, StoreNewer."""

    def newest(self, limit: int) -> list[Reconciliation]:
        """The last that were begun, newest first (consistent)."""
        ...

    def get(self, number: int) -> Reconciliation | None:
        """One of them (consistent)."""
        ...

    def begin(self, reconciliation: Reconciliation) -> bool:
        """Keep a new one. False when its number is taken."""
        ...

    def finish(self, reconciliation: Reconciliation) -> bool:
        """Keep what it found. False when somebody else has finished it."""
        ...
