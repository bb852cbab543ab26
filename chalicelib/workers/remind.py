"""Every hour: members are reminded of the service of what they registered under warranty.

Who could not be written to now (quiet hours, enough letters this week) is tried again by the next
run. Must never read `app.py`.
"""

from dataclasses import asdict

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.remind import Reminding
from chalicelib.usecases.remind import remind as remind_members
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 780.0
"""Of the 900 that Lambda gives: a letter that was begun then is ended in the rest."""


@worker.schedule(Rate(1, unit=Rate.HOURS), name="remind")
@told("remind")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """Tell what is due; the answer says how many letters went out, and how many have to wait."""
    services = wiring.services()
    run = Reminding(for_seconds(services.ports.patience, WORK_SECONDS), _failed)
    return asdict(remind_members(services.ports, services.clock(), run))


def _failed(error: Exception) -> None:
    observability.log_failure(error, worker="remind")
