"""The list of accounts under review, in memory."""


class FakeReviews:
    """The `Reviews` port without a store."""

    def __init__(self) -> None:
        self._listed: set[str] = set()

    def note(self, account_id: str) -> None:
        self._listed.add(account_id)

    def drop(self, account_id: str) -> None:
        self._listed.discard(account_id)

    def listed(self, after: str | None, limit: int) -> list[str]:
        return sorted(one for one in self._listed if after is None or one > after)[:limit]
