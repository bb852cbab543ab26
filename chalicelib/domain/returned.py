"""What comes back of a purchase, and returns that wait because their purchase has not come yet.

Must not know what a return takes: `returns.py` decides it when the purchase is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.refusals import FieldError

MOST_WAITING = 10
"""Returns that can wait for one purchase: they are all applied in its one transaction."""


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """What comes back of a line. quantity may be 0 for money alone, never both 0."""

    line_id: str
    quantity: int
    amount_minor: int


Returned = tuple[ReturnedLine, ...] | int
"""Lines, or an amount in minor units that is spread over what remains."""


@dataclass(frozen=True, slots=True)
class WaitingReturn:
    """A return that came before its purchase, numbered where the purchase will be."""

    name: str
    number: int
    return_id: str
    at: datetime
    returned: Returned
    fingerprint: dict[str, str]


@dataclass(frozen=True, slots=True)
class RefusedReturn:
    """A return that had waited and did not fit its purchase, numbered among the events of it.

    code: why, as the return would have been answered: `return_exceeds_purchase`, `unknown_line`.
    is_redacted: whether its purchase's member was erased; then another id stands for the return's.
    """

    name: str
    number: int
    return_id: str
    at: datetime
    code: str
    is_redacted: bool = False


@dataclass(frozen=True, slots=True)
class AwaitedPurchase:
    """A purchase that has not come yet: the returns that wait for it, in order."""

    name: str
    returns: tuple[WaitingReturn, ...]

    @property
    def next_number(self) -> int:
        """The number that comes next, be it another return's or the purchase's own."""
        return len(self.returns)


def repeated_lines(returned: tuple[ReturnedLine, ...]) -> Iterator[FieldError]:
    """What is wrong with lines by themselves, whatever the purchase was."""
    seen: set[str] = set()
    for place, line in enumerate(returned):
        if line.line_id in seen:
            pointer = f"/lines/{place}/line_id"
            yield FieldError(pointer, "duplicate", "Each line can stand here once.")
        seen.add(line.line_id)
