"""Every hour: members are told of points that expire within 30 days, and again within 7.

Everybody concerned is looked at once a day; the other runs go on where one was stopped and write to
those whose quiet hours are over. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.due_rounds import Run, side_by_side
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.tell_expiring import tell_expiring
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 780.0
"""Of the 900 that Lambda gives: a page that was begun then is ended in the rest."""

LANES = 8


@worker.schedule(Rate(1, unit=Rate.HOURS), name="tell_expiring")
@told("tell_expiring")
def handle(_: CloudWatchEvent) -> dict[str, int | bool]:
    """Tell what is due; the answer says how many events and letters went out, how many members are
    left for the next run, and whether all were gone through."""
    services, bus = wiring.services(), wiring.events_out()
    with side_by_side(LANES) as lanes:
        run = Run(for_seconds(services.ports.patience, WORK_SECONDS), _failed, lanes)
        walked = tell_expiring(services.ports, bus, services.clock(), run)
    return {
        "done": walked.done,
        "events": walked.counts["events"],
        "letters": walked.counts["letters"],
        "left": walked.left,
    }


def _failed(error: Exception) -> None:
    observability.log_failure(error, worker="tell_expiring")
