"""What is known of products from what members buy."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from chalicelib.domain.together import Together


class Products(Protocol):
    """What is bought together, by product. Every method may raise StoreUnavailable."""

    def together(self, skus: Iterable[str]) -> Mapping[str, Together]:
        """What is known of some products, at most 100, by their skus; a moment late."""
        ...

    def keep(self, counted: Iterable[Together]) -> None:
        """Keep what was counted, over what was kept of the same products."""
        ...

    def forget_before(self, day: date) -> int:
        """Delete what was counted before a day. How many products that were."""
        ...
