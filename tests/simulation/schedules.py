"""Tries a pair of operations in an order of calls, and says what is wrong with what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pynamodb.connection import Connection

from tests.simulation.pairs import differences
from tests.simulation.turnstile import Order, Turnstile, all_orders, described, serial

LOSSES = (None, 0, 1)
"""Whose reply is lost: nobody's, the first one's, the second one's."""


class Pair(Protocol):
    """Two operations to be tried: what they begin with, and what is to be seen of it afterwards.

    chosen_calls: of how many calls every order is tried. free: calls that are not counted among
    them, because what they read never changes.
    """

    @property
    def first(self) -> str: ...

    @property
    def second(self) -> str: ...

    @property
    def chosen_calls(self) -> int: ...

    @property
    def free(self) -> frozenset[str]: ...

    def set_scene(self) -> Any:
        """A new scene, which shares nothing with any other."""
        ...

    def acts(self, scene: Any) -> Sequence[Callable[[], object]]:
        """The two, ready to run."""
        ...

    def seen(self, scene: Any, results: list[object], *, replays: bool) -> str:
        """The same text for the same world. replays: whether it counts which answer was a
        repetition."""
        ...


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
        """Every order of the chosen calls, with every loss: how many, and the complaints."""
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
        got = self._pair.seen(scene, results, replays=lost is None)
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
                frozenset(
                    self._pair.seen(scene, results, replays=replays) for scene, results, _ in runs
                )
                for replays in (True, False)
            )
            self._allowed = Allowed(exactly, loosely)
        return self._allowed

    def _run(
        self, order: Order, lost: int | None
    ) -> tuple[Any, list[object], list[tuple[int, tuple[int, ...]]]]:
        pair, scene = self._pair, self._pair.set_scene()
        turnstile = Turnstile(self._connection, lost, pair.chosen_calls, pair.free)
        results, trace = turnstile.run(pair.acts(scene), order)
        return scene, results, trace
