"""Every hour: redemptions that expired unused and whose reward gives the points back, end.

The index it goes by is a hint, and running twice at once changes nothing. Must never read `app.py`.
"""

from dataclasses import asdict

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.usecases.expire_redemptions import expire_redemptions
from chalicelib.workers.failures import told

worker = Blueprint(__name__)


@worker.schedule(Rate(1, unit=Rate.HOURS), name="expire_redemptions")
@told("expire_redemptions")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """End what is due; the answer says how many ended and how many are left for the next run."""
    services = wiring.services()
    return asdict(expire_redemptions(services.ports, services.clock()))
