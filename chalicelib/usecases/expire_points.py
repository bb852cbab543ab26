"""Points that have expired get the entry that says so, however long nobody has looked.

The calendar decides what has expired, at every read and decision; this only writes it down for
accounts with which nothing else happens.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from chalicelib.domain.instants import local_date
from chalicelib.usecases.current import as_of_now
from chalicelib.usecases.due_rounds import Round, Rounds, Run, Visited, Walked, walk
from chalicelib.usecases.ports import Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

NAME = "expiry"
"""Of the checkpoints that say through which last day a shard is."""

SETTLED_AFTER = timedelta(hours=3)
"""So long after its end a day is gone for, once: the index lags a moment, and a clock that steps
back two hours still writes hints at the day before."""


def expire_points(ports: Ports, now: datetime, run: Run) -> Walked:
    """Write down what has expired since the last day that every shard is through with.

    Safe to stop at any point and to run twice at once. Counts `accounts` that got their entry by
    this run, and their `points`. Raises StoreUnavailable.
    """
    if ports.programs.active_number() is None:
        return Walked(done=True, counts=Counter(), left=0)

    def next_round(through: date | None) -> Round | None:
        zone = ports.programs.active().zone
        last = local_date(now - SETTLED_AFTER, zone) - timedelta(days=1)
        if through is not None and through >= last:
            return None
        return Round(last, through + timedelta(days=1) if through is not None else None, last)

    def visit(account_id: str) -> Visited:
        points = expire_account(ports, account_id, now)
        return Visited({"accounts": 1, "points": points} if points else {})

    return walk(ports, Rounds(NAME, next_round, visit), run)


def expire_account(ports: Ports, account_id: str, now: datetime) -> int:
    """Write the entry of an account that tells what has expired, if anything has.

    Returns the points in it, 0 where nothing had to be written. Raises TryAgain, StoreNewer.
    """

    def decide(_: Attempts) -> Plan[int] | Outcome[int]:
        head = ports.ledger.head(account_id)
        entries = as_of_now(ports, head, now).expiry() if head is not None else ()
        if not entries:
            return Outcome(0)
        return Plan(Write((), entries), -sum(entry.points for entry in entries))

    # There is nothing to replay: an entry that has landed leaves nothing expired.
    return settle(ports, decide, lambda: None).answer
