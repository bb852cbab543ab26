"""Every hour: the snapshot of the day is made, or goes on being made.

The other runs of a day find it made. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.due_rounds import Run, side_by_side
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.make_snapshot import make_snapshot
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 600.0
"""Of the 900 that Lambda gives: the base is made in the rest, or by the next run."""

LANES = 8


@worker.schedule(Rate(1, unit=Rate.HOURS), name="snapshot_base")
@told("snapshot_base")
def handle(_: CloudWatchEvent) -> dict[str, int | bool]:
    """Do what is due; the answer says what was done for the day so far, by number of members."""
    services = wiring.services()
    with side_by_side(LANES) as lanes:
        run = Run(for_seconds(services.ports.patience, WORK_SECONDS), _failed, lanes)
        done = make_snapshot(services.ports, services.clock, run)
    if done is None:
        return {"complete": True}
    return {"members": done.members, "unread": done.unread, "complete": done.complete}


def _failed(error: Exception) -> None:
    observability.log_failure(error, worker="snapshot_base")
