"""Lets operations reach DynamoDB one call at a time, in an order that somebody chooses.

Knows nothing of what the operations do.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.connection import Connection

from tests.interposed import LostReply, interposed, sent

CHOSEN_CALLS = 6
_STUCK_SECONDS = 60.0

Order = tuple[int, ...]
"""Which operation makes the next call: 0 or 1, call by call."""


class Turnstile:
    """Runs operations in threads of their own and lets them through call by call.

    lost: the operation whose first write to land loses its reply, None for nobody's. chosen_calls:
    for how many somebody chooses. free: calls that nobody waits for, because what they read is
    written once and never changed.
    """

    def __init__(
        self,
        connection: Connection,
        lost: int | None = None,
        chosen_calls: int = CHOSEN_CALLS,
        free: frozenset[str] = frozenset(),
    ) -> None:
        self._connection = connection
        self._lost = lost
        self._chosen_calls = chosen_calls
        self._free = free
        self._moved = threading.Condition()
        self._who = threading.local()
        self._at_gate: set[int] = set()
        self._done: set[int] = set()
        self._turn: int | None = None

    def run(
        self, acts: Sequence[Callable[[], object]], order: Order
    ) -> tuple[list[object], list[tuple[int, tuple[int, ...]]]]:
        """What each act gave (or raised), and for each of the calls that are chosen who made it and
        who could have. After the chosen order the first one that waits goes on."""
        results: list[object] = [None] * len(acts)
        threads = [
            threading.Thread(target=self._act, args=(who, act, results), daemon=True)
            for who, act in enumerate(acts)
        ]
        trace: list[tuple[int, tuple[int, ...]]] = []
        with interposed(self._connection, self._pass):
            for thread in threads:
                thread.start()
            while waiting := self._all_at_gate(len(acts)):
                step = len(trace)
                chosen = order[step] if step < len(order) else waiting[0]
                chosen = chosen if chosen in waiting else waiting[0]
                trace.append((chosen, waiting))
                self._let_through(chosen)
            for thread in threads:
                thread.join(_STUCK_SECONDS)
        return results, trace[: self._chosen_calls]

    def _act(self, who: int, act: Callable[[], object], results: list[object]) -> None:
        self._who.number = who
        try:
            results[who] = act()
        except Exception as error:
            results[who] = error
        with self._moved:
            self._done.add(who)
            self._moved.notify_all()

    def _all_at_gate(self, count: int) -> tuple[int, ...]:
        with self._moved:
            if not self._moved.wait_for(
                lambda: self._turn is None and len(self._at_gate | self._done) == count,
                _STUCK_SECONDS,
            ):
                raise TimeoutError("an operation neither calls nor ends")
            return tuple(sorted(self._at_gate))

    def _let_through(self, who: int) -> None:
        with self._moved:
            self._turn = who
            self._moved.notify_all()

    def _pass(self, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        who: int | None = getattr(self._who, "number", None)
        if who is None or operation in self._free:
            return None
        with self._moved:
            self._at_gate.add(who)
            self._moved.notify_all()
            if not self._moved.wait_for(lambda: self._turn == who, _STUCK_SECONDS):
                raise TimeoutError("nobody lets this operation through")
            self._at_gate.discard(who)
            self._turn = None
        if who != self._lost or operation != "TransactWriteItems":
            return None
        answer = sent(self._connection, request)
        if answer.status_code == 200:
            self._lost = None
            raise LostReply
        return answer


def all_orders(run: Callable[[Order], list[tuple[int, tuple[int, ...]]]]) -> Iterator[Order]:
    """Every order of the chosen calls that differs from all others: `run` is asked to try one,
    and tells who made each call and who could have."""
    waiting: list[Order] = [()]
    while waiting:
        order = waiting.pop()
        trace = run(order)
        made = tuple(who for who, _ in trace)
        yield made
        for step in range(len(order), len(trace)):
            waiting += [(*made[:step], other) for other in trace[step][1] if other != made[step]]


def serial(first: int) -> Order:
    """One operation before the other."""
    return (first,) * 100


def described(order: Order, names: Sequence[Any]) -> str:
    """An order as a person reads it."""
    return " > ".join(str(names[who]) for who in order)
