"""Every hour: announcements go on where somebody could not be written to before.

Quiet hours end, and weeks in which a member has had enough letters; a page that was lost is asked
for again. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.usecases.list_announced import go_on
from chalicelib.workers.failures import told

worker = Blueprint(__name__)


@worker.schedule(Rate(1, unit=Rate.HOURS), name="letters_again")
@told("letters_again")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """Begin what is due; the answer says how many announcements go on."""
    services = wiring.services()
    return {"announcements": go_on(services.ports, services.clock())}
