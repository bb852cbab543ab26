"""Makes the exports of members. Fed by a queue of their ids, one at a time.

A message may come twice: an export is made once, and whoever comes second finds it made. Must never
read `app.py`.
"""

from chalice.app import Blueprint, SQSEvent, SQSRecord

from chalicelib import wiring
from chalicelib.usecases.run_export import run_export
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

MOST_TRIES = 5
"""How often a message is sent, as the queue's own rule says too."""

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:exports"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=1, name="export")
@told("export")
def handle(event: SQSEvent) -> None:
    """Make an export. What fails is sent again; after the last time its status says so."""
    services = wiring.services()
    for record in event:
        member_id, _, export_id = record.body.partition("/")
        run_export(
            services.ports,
            member_id,
            export_id,
            services.clock,
            last_try=_tries(record) >= MOST_TRIES,
        )


def _tries(record: SQSRecord) -> int:
    """How often this message was sent, with this time."""
    attributes = record.to_dict().get("attributes", {})
    return int(attributes.get("ApproximateReceiveCount", 1))
