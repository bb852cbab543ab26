"""Every hour: points whose last day is over get the entry that says so.

Gone through once a day, some hours after midnight in the program's zone, in pages that the next run
goes on with. The index it goes by is a hint, and running twice at once changes nothing. Must never
read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.due_rounds import Run, side_by_side
from chalicelib.usecases.expire_points import expire_points
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 780.0
"""Of the 900 that Lambda gives: a page that was begun then is ended in the rest."""

LANES = 8


@worker.schedule(Rate(1, unit=Rate.HOURS), name="expire_points")
@told("expire_points")
def handle(_: CloudWatchEvent) -> dict[str, int | bool]:
    """Write down what has expired; the answer says for how many accounts and points, how many
    accounts are left for the next run, and whether all was gone through."""
    services = wiring.services()
    with side_by_side(LANES) as lanes:
        run = Run(for_seconds(services.ports.patience, WORK_SECONDS), _failed, lanes)
        walked = expire_points(services.ports, services.clock(), run)
    return {
        "done": walked.done,
        "accounts": walked.counts["accounts"],
        "points": walked.counts["points"],
        "left": walked.left,
    }


def _failed(error: Exception) -> None:
    observability.log_failure(error, worker="expire_points")
