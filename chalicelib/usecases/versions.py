"""Rewards, offers, segments and surveys have versions. One is created once for each key; a change
writes the version after the one that it was drawn up from. Knows none of the four.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from chalicelib.domain.refusals import ConflictingReplay, VersionStale
from chalicelib.usecases.ports import Outcome, Patience, StoreUnavailable, Written
from chalicelib.usecases.settle import Waiting

Made = TypeVar("Made")


def differing(first: Any, second: Any, *, given: str = "") -> list[str]:
    """The fields in which two dataclasses of a kind differ. given: one that no request names."""
    names = (field.name for field in fields(first) if field.name != given)
    return sorted(name for name in names if getattr(first, name) != getattr(second, name))


def create_once(
    asked: Made,
    as_created: Callable[[], Made | None],
    save: Callable[[], Made],
    differs: Callable[[Made, Made], list[str]] = differing,
) -> Outcome[Made]:
    """Create what is asked for, whose id comes from its key. One that is there already is answered
    as it was created, whatever became of it.

    as_created: its version 1, None without one. save: checks it, writes it and gives it back.
    Raises ConflictingReplay, and what `save` raises.
    """
    first = as_created()
    if first is None:
        try:
            return Outcome(save())
        except VersionStale:
            # The same key at the same moment, or changed since: as created it is.
            first = as_created()
            if first is None:
                raise
    if names := differs(first, asked):
        raise ConflictingReplay(differing=names)
    return Outcome(first, replayed=True)


def step_on(
    patience: Patience,
    known: Callable[[], Made],
    step: Callable[[Made], Made],
    save: Callable[[Made], None],
) -> Made:
    """Take what is known one step on, whatever its version; one that the step leaves as it is, is
    answered as it stands. Raises what the three raise, TryAgain."""
    waiting = Waiting(patience)
    while True:
        before = known()
        after = step(before)
        if after is before:
            return before
        try:
            save(after)
        except VersionStale:  # somebody changed it meanwhile: go on from what it is now
            waiting.once_more()
            continue
        return after


def write_version(
    patience: Patience, put: Callable[[], Written], landed: Callable[[], bool]
) -> Written:
    """Put a version, again until it is known what became of it.

    landed: whether what is stored is this very version, asked when the reply of a put was lost.
    Raises VersionStale when somebody was faster, TryAgain when the store does not answer.
    """
    waiting = Waiting(patience)
    may_have_landed = False
    while True:
        try:
            written = put()
            if written == "stale" and not (may_have_landed and landed()):
                raise VersionStale
            return "written" if written == "stale" else written
        except StoreUnavailable:
            may_have_landed = True
            waiting.once_more()
