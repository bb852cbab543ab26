"""Once a week: what is bought together is counted anew, for recommendations.

Counts sums alone, over those who let us look at what they buy. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.usecases.count_together import count_together
from chalicelib.workers.failures import told

worker = Blueprint(__name__)


@worker.schedule(Rate(7, unit=Rate.DAYS), name="together")
@told("together")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """Count; the answer says of how many products something is known."""
    services = wiring.services()
    return {"products": count_together(services.ports, services.clock())}
