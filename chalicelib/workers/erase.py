"""Erases members. Fed by a queue of erasures' ids, which it sends itself on when its time is over.

A message may come twice, or while another is at the same erasure: doing it twice is doing it once.
Its role is the only one that may change the ledger and delete data keys. Must never read `app.py`.
"""

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.usecases.erase_member import erase_member
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

SPARE_MILLISECONDS = 60_000
"""Of the function's time, kept free for the page that was begun last, and for what comes after."""

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:erasures"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=1, name="erase")
@told("erase")
def handle(event: SQSEvent) -> None:
    """Begin an erasure or go on with it until the function's time is nearly over."""
    services = wiring.services()
    keep_going = _while_there_is_time(event.context)
    for record in event:
        if not erase_member(services.ports, record.body, services.clock, keep_going):
            services.ports.erase_queue.erase(record.body)


def _while_there_is_time(context: Any) -> Callable[[], bool]:
    return lambda: context.get_remaining_time_in_millis() > SPARE_MILLISECONDS
