"""Announces offers. Fed by a queue, a page of an audience or a few letters at a time.

A message may come twice: each member is written to once all the same. Must never read `app.py`.
"""

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.usecases.list_announced import list_page
from chalicelib.usecases.write_announced import write_announced
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:letters"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=1, name="letters")
@told("letters")
def handle(event: SQSEvent) -> None:
    """Ask for the letters of a page, or write some. What fails is sent again."""
    services = wiring.services()
    for record in event:
        announcement_id, _, members = record.body.partition("/")
        if members:
            write_announced(services.ports, announcement_id, members.split(","), services.clock())
        else:
            list_page(services.ports, announcement_id, services.clock())
