"""Every five minutes: the reconciliation of the day is begun, gone on with, or done already.

Running twice at once changes nothing. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.reconcile import reconcile_daily
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 200.0
"""Of the 300 that Lambda gives: what was begun then is ended in the rest."""


@worker.schedule(Rate(5, unit=Rate.MINUTES), name="reconcile")
@told("reconcile")
def handle(_: CloudWatchEvent) -> dict[str, int | bool | None]:
    """Go on with a reconciliation; the answer says which, whether it is done, and how many breaches
    it has found so far. They are told again with every run: an alarm must not hang on one line."""
    services = wiring.services()
    keep_going = for_seconds(services.ports.patience, WORK_SECONDS)
    state = reconcile_daily(services.ports, services.clock, keep_going)
    if state is None:
        return {"reconciliation": None, "done": True, "breaches": 0}
    number, report = state.reconciliation.number, state.report
    if not report.clean:
        observability.log_breaches(report.times, number)
    done = state.reconciliation.finished_at is not None
    return {"reconciliation": number, "done": done, "breaches": sum(report.times.values())}
