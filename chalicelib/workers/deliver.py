"""Delivers events to webhooks. Fed by a FIFO queue, a message at a time, so that a receiver that is
slow holds up nobody's message but its own.

Expects duplicates. What a receiver does not take waits in the store, and is no failure here. Must
never read `app.py`.
"""

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.domain.webhooks import Parcel
from chalicelib.providers.webhook_queue import read_message
from chalicelib.usecases.deliver_parcel import deliver_parcel, deliver_waiting
from chalicelib.usecases.ports.webhooks import Replay
from chalicelib.usecases.replay_events import go_on_replaying
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:webhooks.fifo"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=1, name="deliver")
@told("deliver")
def handle(event: SQSEvent) -> None:
    """Deliver an event, try what is due of a shard, or go on with a replay. What fails comes
    again, and holds those of its webhook and shard."""
    delivering = wiring.delivering()
    for record in event:
        match read_message(record.body):
            case Parcel() as parcel:
                deliver_parcel(delivering.ports, parcel, delivering.clock)
            case (hook_id, Replay() as replay):
                go_on_replaying(delivering.ports, hook_id, replay)
            case (hook_id, int(shard)):
                deliver_waiting(delivering.ports, hook_id, shard, delivering.clock)
