"""Keeps what SES tells of mails that came back or were complained of. Fed by a queue.

A message may come twice, and in any order. Must never read `app.py`, nor log an address.
"""

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.domain.refusals import MemberErased
from chalicelib.providers.mail_events import mail_events
from chalicelib.usecases.note_mail_event import note_mail_event
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:mail-events"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=1, name="mail_events")
@told("mail_events")
def handle(event: SQSEvent) -> None:
    """Close channels that bounce, and withdraw consents that were complained of."""
    services = wiring.services()
    for record in event:
        for told_of in mail_events(record.body):
            try:
                note_mail_event(services.ports, told_of, services.clock())
            except MemberErased:
                continue  # nothing is kept of who is gone
