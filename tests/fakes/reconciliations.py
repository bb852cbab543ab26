"""Reconciliations in memory."""

from chalicelib.domain.reconciliations import Reconciliation


class FakeReconciliations:
    """The `Reconciliations` port without a store."""

    def __init__(self) -> None:
        self._kept: dict[int, Reconciliation] = {}

    def newest(self, limit: int) -> list[Reconciliation]:
        return [self._kept[number] for number in sorted(self._kept, reverse=True)][:limit]

    def get(self, number: int) -> Reconciliation | None:
        return self._kept.get(number)

    def begin(self, reconciliation: Reconciliation) -> bool:
        if reconciliation.number in self._kept:
            return False
        self._kept[reconciliation.number] = reconciliation
        return True

    def finish(self, reconciliation: Reconciliation) -> bool:
        if self._kept[reconciliation.number].finished_at is not None:
            return False
        self._kept[reconciliation.number] = reconciliation
        return True
