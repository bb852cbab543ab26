"""Every hour: erasures whose days to think it over are past, or that were broken off, go on.

Asks the worker that erases; may erase nothing itself. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.workers.failures import told

worker = Blueprint(__name__)


@worker.schedule(Rate(1, unit=Rate.HOURS), name="erase_due")
@told("erase_due")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """Ask for each that is due; the answer says how many those are."""
    services = wiring.services()
    asked = 0
    for erasure_id in services.ports.erasures.due(services.clock()):
        services.ports.erase_queue.erase(erasure_id)
        asked += 1
    return {"asked": asked}
