"""Every quarter of an hour: the root of the day is made, gone on with, or there already.

Running twice at once changes nothing. Must never read `app.py`.
"""

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib import wiring
from chalicelib.usecases.anchor_heads import anchor_heads
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

WORK_SECONDS = 600.0
"""Of the 900 that Lambda gives: what was begun then is ended in the rest."""


@worker.schedule(Rate(15, unit=Rate.MINUTES), name="anchor")
@told("anchor")
def handle(_: CloudWatchEvent) -> dict[str, str | bool | None]:
    """Work on the root of a day; the answer says which, and whether it has its root now."""
    anchoring = wiring.anchoring()
    keep_going = for_seconds(anchoring.ports.patience, WORK_SECONDS)
    anchored = anchor_heads(anchoring.ports, anchoring.clock, keep_going)
    day = anchored.day.isoformat() if anchored.day is not None else None
    return {"day": day, "done": anchored.done}
