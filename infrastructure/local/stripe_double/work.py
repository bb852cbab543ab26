"""One request on its way through an operation, and the reading of its parameters."""

from dataclasses import dataclass
from typing import Any

from infrastructure.local.stripe_double import refused
from infrastructure.local.stripe_double.forms import Params
from infrastructure.local.stripe_double.objects import Json, page
from infrastructure.local.stripe_double.state import State


@dataclass(frozen=True, slots=True)
class Work:
    """now: epoch seconds. request: what events name as their cause."""

    state: State
    now: int
    params: Params
    request: Json

    def tell(self, type_: str, about: Json, previous: Json | None = None) -> None:
        """Record an event that this request causes."""
        self.state.tell(self.now, type_, about, self.request, previous)

    def customer(self, customer_id: str, param: str, status: int = 400) -> Json:
        """A customer that is not deleted; `param` and `status` are what its absence answers."""
        held = self.state.customers.get(customer_id)
        if held is None or held.get("deleted"):
            raise refused.missing("customer", customer_id, param, status)
        return held

    def text(self, name: str) -> str | None:
        """A text parameter; an empty one counts as none, as with Stripe."""
        value = self.params.get(name)
        if value is not None and not isinstance(value, str):
            raise refused.invalid_parameter(name, f"Invalid string: {value}")
        return value or None

    def one_of(self, name: str, choices: tuple[str, ...]) -> str | None:
        """A text parameter that must be one of the choices."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise refused.invalid_parameter(
                name, f"Invalid {name}: must be one of {', '.join(choices)}"
            )
        return value

    def metadata(self) -> dict[str, str]:
        """The metadata hash: at most 50 keys of 40 characters, values of 500."""
        metadata = self.params.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise refused.invalid_parameter("metadata", "Invalid hash")
        for key, value in metadata.items():
            if len(metadata) > 50 or len(key) > 40 or len(value) > 500:
                raise refused.invalid_parameter("metadata", "Metadata is too large")
        return dict(metadata)

    def page_of(self, rows: list[Json], url: str) -> Json:
        """One page of rows (oldest first as given), newest first, after `starting_after`."""
        newest_first = rows[::-1]
        after = self.text("starting_after")
        ids = [row["id"] for row in newest_first]
        if after is not None and after not in ids:
            raise refused.missing("object", after, "starting_after", 400)
        start = ids.index(after) + 1 if after else 0
        limit = self._limit()
        chosen = newest_first[start : start + limit]
        return page(url, chosen, len(newest_first) > start + limit)

    def _limit(self) -> int:
        value: Any = self.params.get("limit", "10")
        if not isinstance(value, str) or not value.isdigit() or not 1 <= int(value) <= 100:
            raise refused.invalid_parameter("limit", "This value must be between 1 and 100")
        return int(value)
