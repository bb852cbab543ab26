"""What can be made to go wrong with the next request, so that a caller's caution can be tested."""

import threading
from dataclasses import dataclass, field

from infrastructure.local.stripe_double.refused import Refused


@dataclass(frozen=True, slots=True)
class Fails:
    """The request is answered with an error before it does anything: 402, 429 or 5xx."""

    status: int

    def refusal(self) -> Refused:
        """The error in Stripe's shape."""
        if self.status == 402:
            return Refused(
                402, "Your card was declined.", "card_error", kept=False, code="card_declined"
            )
        if self.status == 429:
            return Refused(
                429, "Too many requests hit the API too quickly.", kept=False, code="rate_limit"
            )
        return Refused(
            self.status, "Something went wrong on Stripe's end.", "api_error", kept=False
        )


@dataclass(frozen=True, slots=True)
class LosesReply:
    """The request does its work and is remembered; the connection closes without an answer."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The request stops after its Idempotency-Key is claimed, until `go` is set."""

    arrived: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


Obstacle = Fails | LosesReply | Waits
