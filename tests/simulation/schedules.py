"""Tries a pair of operations in an order of calls, and says what is wrong with what came of it."""

from dataclasses import dataclass

from pynamodb.connection import Connection

from tests.simulation.pairs import Pair, Scene, differences, seen, set_scene
from tests.simulation.turnstile import Order, Turnstile, all_orders, described, serial

LOSSES = (None, 0, 1)
"""Whose reply is lost: nobody's, the first one's, the second one's."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the two orders of a pair give, with and without regard to which was a repetition."""

    exactly: frozenset[str]
    loosely: frozenset[str]


class Trial:
    """One pair on one connection."""

    def __init__(self, connection: Connection, pair: Pair) -> None:
        self._connection = connection
        self._pair = pair
        self._allowed: Allowed | None = None

    def everything(self) -> tuple[int, list[str]]:
        """Every order of the first six calls, with every loss: how many, and the complaints."""
        complaints: list[str] = []
        count = 0
        for lost in LOSSES:

            def attempt(order: Order, lost: int | None = lost) -> list[tuple[int, tuple[int, ...]]]:
                trace, complaint = self.attempt(order, lost)
                complaints.extend([complaint] if complaint else [])
                return trace

            count += sum(1 for _ in all_orders(attempt))
        return count, complaints

    def attempt(
        self, order: Order, lost: int | None
    ) -> tuple[list[tuple[int, tuple[int, ...]]], str | None]:
        """One order: who made each call, and what is wrong (None when nothing is)."""
        scene, results, trace = self._run(order, lost)
        allowed = self.allowed()
        got = seen(scene, results, replays=lost is None)
        if got in (allowed.exactly if lost is None else allowed.loosely):
            return trace, None
        names = (self._pair.first, self._pair.second)
        made = described(tuple(who for who, _ in trace), names)
        loss = "" if lost is None else f", the reply to {names[lost]} lost"
        return trace, f"{self._pair}: {made}{loss}\n{differences(got, sorted(allowed.loosely))}"

    def allowed(self) -> Allowed:
        """What the pair gives one after the other, tried once."""
        if self._allowed is None:
            runs = [self._run(serial(first), None) for first in (0, 1)]
            exactly, loosely = (
                frozenset(seen(scene, results, replays=replays) for scene, results, _ in runs)
                for replays in (True, False)
            )
            self._allowed = Allowed(exactly, loosely)
        return self._allowed

    def _run(
        self, order: Order, lost: int | None
    ) -> tuple[Scene, list[object], list[tuple[int, tuple[int, ...]]]]:
        scene = set_scene(self._pair)
        results, trace = Turnstile(self._connection, lost).run(self._pair.acts(scene), order)
        return scene, results, trace
