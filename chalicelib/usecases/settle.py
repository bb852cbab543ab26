"""Read, decide, one write; again until it is settled. Every operation on points goes through here.

An operation is settled when its write landed, when an earlier try of it is found to have landed
(a replay), or when the program refuses. What stays unknown too long is TryAgain: nothing is lost,
the same request again tells.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from chalicelib.domain.refusals import Refusal, TryAgain
from chalicelib.usecases.current import AlreadyWritten
from chalicelib.usecases.ports import Outcome, Patience, Ports, StoreUnavailable, Verdict, Write

Answer = TypeVar("Answer")

RETRY_AFTER_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Plan(Generic[Answer]):
    """What an operation would write, and what it answers when that has landed."""

    write: Write
    answer: Answer


@dataclass(slots=True)
class Attempts:
    """What earlier attempts of an operation have learnt. empty_shards: of the reward's stock.
    budget_asked: a budget was found too small, so that what is left of it is asked since.
    nothing_is_written: no write will find out what is left, so deciding has to ask."""

    empty_shards: set[int] = field(default_factory=set)
    budget_asked: bool = False
    nothing_is_written: bool = False


Decide = Callable[[Attempts], Plan[Answer] | Outcome[Answer]]
"""Read and decide anew; an Outcome when reading alone has settled it. Raises a Refusal."""

Replay = Callable[[], Answer | None]
"""The answer of an earlier try, read from its record; None when none has landed. Raises
ConflictingReplay when the record is of other content."""


Commit = Callable[[Plan[Answer]], Verdict]
"""Writes a plan as `Ledger.commit` does, with what another store writes in the same breath."""


def settle(
    ports: Ports,
    decide: Decide[Answer],
    replay: Replay[Answer],
    commit: Commit[Answer] | None = None,
) -> Outcome[Answer]:
    """Run an operation until it is settled. Raises its refusals, or TryAgain after 3 seconds."""
    waiting = Waiting(ports.patience)
    attempts = Attempts()
    while True:
        try:
            plan = _decide(decide, attempts, replay)
            if isinstance(plan, Outcome):
                return plan
            verdict = commit(plan) if commit is not None else ports.ledger.commit(plan.write)
            if verdict is Verdict.COMMITTED:
                return Outcome(plan.answer)
            if verdict is Verdict.CAUSE_TAKEN:
                earlier = replay()
                if earlier is not None:
                    return Outcome(earlier, replayed=True)
                # The key is a number or shared, and another's item has it: read again.
            stock = plan.write.stock
            if verdict is Verdict.STOCK_EMPTY and stock is not None and stock.units < 0:
                attempts.empty_shards.add(stock.shard)
                continue
            if verdict is Verdict.BUDGET_EMPTY:
                ports.offers.note_scarce(_withdrawn_from(plan.write))
                if not attempts.budget_asked:
                    attempts.budget_asked = True
                    continue
            waiting.once_more()
        except StoreUnavailable:
            # Whether it landed is unknown: the next attempt meets the cause if it did.
            waiting.once_more()


def _withdrawn_from(write: Write) -> set[str]:
    return {change.offer_id for change in write.budgets if change.amount < 0}


def preview(ports: Ports, decide: Decide[Answer], replay: Replay[Answer]) -> Outcome[Answer]:
    """Decide without writing: the same checks, the same answer. Raises what `settle` raises."""
    waiting = Waiting(ports.patience)
    while True:
        try:
            earlier = replay()
            if earlier is not None:
                return Outcome(earlier, replayed=True)
            plan = decide(Attempts(nothing_is_written=True))
            return plan if isinstance(plan, Outcome) else Outcome(plan.answer)
        except (StoreUnavailable, AlreadyWritten):
            waiting.once_more()


def _decide(
    decide: Decide[Answer], attempts: Attempts, replay: Replay[Answer]
) -> Plan[Answer] | Outcome[Answer]:
    try:
        return decide(attempts)
    except AlreadyWritten as written:
        earlier = replay()
        if earlier is not None:
            return Outcome(earlier, replayed=True)
        raise StoreUnavailable("its record is a moment behind its entry") from written
    except Refusal:
        # The first try may have landed and lost its reply: then this is no refusal but a replay.
        earlier = replay()
        if earlier is not None:
            return Outcome(earlier, replayed=True)
        raise


class Waiting:
    """Full jitter, doubling, bounded by time rather than by tries."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._ceiling_ms = patience.first_ms
        self._until = patience.monotonic() + patience.limit_ms / 1000

    def once_more(self) -> None:
        """Wait before the next attempt. Raises TryAgain when there is no time for one."""
        patience = self._patience
        seconds = patience.jitter() * self._ceiling_ms / 1000
        if patience.monotonic() + seconds >= self._until:
            raise TryAgain(retry_after_seconds=RETRY_AFTER_SECONDS)
        patience.repeated()
        patience.pause(seconds)
        self._ceiling_ms = min(self._ceiling_ms * 2, patience.most_ms)
