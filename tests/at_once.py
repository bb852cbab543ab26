"""Lets many do something at the same moment, and sorts what came of it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.refusals import Refusal
from chalicelib.usecases.ports import Outcome

Act = Callable[[], Outcome[Any]]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What was answered the first time, what was answered again, what was refused."""

    first: list[Outcome[Any]]
    replays: list[Outcome[Any]]
    refusals: list[Refusal]

    @property
    def answers(self) -> list[Any]:
        """Every answer, first or again."""
        return [outcome.answer for outcome in (*self.first, *self.replays)]


def at_once(acts: Sequence[Act]) -> Outcomes:
    """Run all acts in threads that start together. What is no refusal is raised."""
    start = threading.Barrier(len(acts))

    def attempt(act: Act) -> Outcome[Any] | Refusal:
        start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        results = list(pool.map(attempt, acts))
    outcomes = [result for result in results if isinstance(result, Outcome)]
    return Outcomes(
        first=[outcome for outcome in outcomes if not outcome.replayed],
        replays=[outcome for outcome in outcomes if outcome.replayed],
        refusals=[result for result in results if isinstance(result, Refusal)],
    )
