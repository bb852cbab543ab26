"""Every hour: the day's pass over all members goes on that makes gifts of offers for birthdays,
anniversaries, joining and the moments that offers wait for.

The other runs go on where one was stopped, and do nothing once all were looked at or while no such
offer is live. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.due_rounds import Run, side_by_side
from chalicelib.usecases.give_gifts import give_gifts
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 780.0
"""Of the 900 that Lambda gives: a page that was begun then is ended in the rest."""

LANES = 8


@worker.schedule(Rate(1, unit=Rate.HOURS), name="occasions")
@told("occasions")
def handle(_: CloudWatchEvent) -> dict[str, int | bool]:
    """Do what is due; the answer says what the day's pass has done so far."""
    services = wiring.services()
    with side_by_side(LANES) as lanes:
        run = Run(for_seconds(services.ports.patience, WORK_SECONDS), _failed, lanes)
        done = give_gifts(services.ports, services.clock(), run)
    if done is None:
        return {"complete": True}
    return {
        "complete": done.complete,
        "looked_at": done.looked_at,
        "failed": done.failed,
        "given": done.given,
    }


def _failed(error: Exception) -> None:
    observability.log_failure(error, worker="occasions")
