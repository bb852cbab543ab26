"""Every hour: redemptions that expired unused and whose reward gives the points back, end.

The clock decides what is expired; this only writes it down. The index it goes by is a hint, and
running twice at once changes nothing. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import observability, wiring
from chalicelib.domain.refusals import TryAgain
from chalicelib.storage.ledger import due_days, due_redemptions
from chalicelib.usecases.end_redemption import expire_redemption

worker = Blueprint(__name__)

_DAYS_BACK = 3


@worker.schedule(Rate(1, unit=Rate.HOURS), name="expire_redemptions")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """End what is due of today and the three days before; what is left is for the next run."""
    services = wiring.services()
    now = services.clock()
    ended = left = 0
    for day in due_days(now, _DAYS_BACK):
        for redemption_id in due_redemptions(day, now):
            try:
                ended += expire_redemption(services.ports, redemption_id, now)
            except TryAgain as error:
                observability.log_failure(error, worker="expire_redemptions")
                left += 1
    return {"ended": ended, "left": left}
