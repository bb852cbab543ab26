"""Which accounts are under review, as a list. The accounts themselves say whether they are."""

from typing import Protocol


class Reviews(Protocol):
    """Every method may raise StoreUnavailable."""

    def note(self, account_id: str) -> None:
        """Put an account on the list, where it may be. MemberErased where the member is going."""
        ...

    def drop(self, account_id: str) -> None:
        """Take an account off the list, where it may not be."""
        ...

    def listed(self, after: str | None, limit: int) -> list[str]:
        """Accounts in the order of their ids, those behind `after` (consistent)."""
        ...
