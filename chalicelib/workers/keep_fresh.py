"""Every hour: the pass over all members goes on that asks, warns and removes.

Each is looked at about once a day; the other runs go on where one was stopped. Must never read
`app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.due_rounds import Run, side_by_side
from chalicelib.usecases.keep_fresh import keep_fresh
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 780.0
"""Of the 900 that Lambda gives: a page that was begun then is ended in the rest."""

LANES = 8


@worker.schedule(Rate(1, unit=Rate.HOURS), name="keep_fresh")
@told("keep_fresh")
def handle(_: CloudWatchEvent) -> dict[str, int | bool]:
    """Do what is due; the answer says what the pass has done so far, by number of members."""
    services, bus = wiring.services(), wiring.events_out()
    with side_by_side(LANES) as lanes:
        run = Run(for_seconds(services.ports.patience, WORK_SECONDS), _failed, lanes)
        done = keep_fresh(services.ports, bus, services.clock(), run)
    if done is None:
        return {"complete": True}
    counts = {"looked_at": done.looked_at, "failed": done.failed, **done.done}
    return {"complete": done.complete, **counts}


def _failed(error: Exception) -> None:
    observability.log_failure(error, worker="keep_fresh")
