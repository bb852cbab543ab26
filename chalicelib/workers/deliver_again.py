"""Every minute: what a webhook did not take is tried again, once its time has come. Must never read
`app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.usecases.wake_webhooks import wake_webhooks
from chalicelib.workers.failures import told

worker = Blueprint(__name__)


@worker.schedule(Rate(1, unit=Rate.MINUTES), name="deliver_again")
@told("deliver_again")
def handle(_: CloudWatchEvent) -> dict[str, int]:
    """Ask for what is due; the answer says of how many shards of webhooks."""
    delivering = wiring.delivering()
    return {"shards": wake_webhooks(delivering.ports, delivering.clock())}
