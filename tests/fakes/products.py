"""What is bought together, in memory: what `DynamoProducts` promises."""

from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.domain.together import Together


class FakeProducts:
    """The `Products` port without a store."""

    def __init__(self) -> None:
        self._kept: dict[str, Together] = {}

    def together(self, skus: Iterable[str]) -> Mapping[str, Together]:
        return {sku: self._kept[sku] for sku in skus if sku in self._kept}

    def keep(self, counted: Iterable[Together]) -> None:
        self._kept |= {one.sku: one for one in counted}

    def forget_before(self, day: date) -> int:
        old = [sku for sku, one in self._kept.items() if one.counted_on < day]
        for sku in old:
            del self._kept[sku]
        return len(old)
