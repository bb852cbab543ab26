"""Which version of the program was in force when. Knows no storage and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Activation:
    """A version came into force at an instant.

    replaced: the version in force before it, None for the very first.
    """

    version: int
    since: datetime
    replaced: int | None


def version_at(history: Sequence[Activation], instant: datetime) -> int:
    """The version in force at an instant; before all of them, the one that was there first.

    history: every activation in the order in which they came, at least one.
    """
    for activation in reversed(history):
        if activation.since <= instant:
            return activation.version
    first = history[0]
    return first.version if first.replaced is None else first.replaced
