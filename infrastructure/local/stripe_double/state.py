"""What the double knows, in memory and (when given a file) on disk, so that a restart keeps the
cards. Knows no HTTP and no rule of Stripe's.
"""

import copy
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infrastructure.local.stripe_double.objects import Json, event


@dataclass(slots=True)
class State:
    """Objects by id, in the order of their making; answers by Idempotency-Key.

    tokens: the test card behind each payment method. spent: payment methods that were detached
    and can never be used again.
    """

    customers: dict[str, Json] = field(default_factory=dict)
    setup_intents: dict[str, Json] = field(default_factory=dict)
    payment_methods: dict[str, Json] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    answers: dict[str, Json] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    spent: dict[str, bool] = field(default_factory=dict)
    webhooks: int = 0

    def tell(
        self, now: int, type_: str, about: Json, request: Json, previous: Json | None = None
    ) -> None:
        """Record an event with a copy of the object as it is now."""
        told = event(now, type_, copy.deepcopy(about), previous, dict(request))
        told["pending_webhooks"] = self.webhooks
        self.events[told["id"]] = told


def load(path: Path | None) -> State:
    """The state that was saved, or an empty one. ValueError when the file is none of ours."""
    if path is None or not path.exists():
        return State()
    try:
        return State(**json.loads(path.read_text()))
    except TypeError as error:
        raise ValueError(f"{path} was not written by this double") from error


def save(state: State, path: Path | None) -> None:
    """Write the state whole, or not at all."""
    if path is None:
        return
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(state)))
    fresh.replace(path)
