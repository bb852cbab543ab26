"""Goes through imports, batch by batch. Fed by a queue of their names; sends itself on.

A message may come twice, or while another is at the same import: nothing counts twice by it. Must
never read `app.py`.
"""

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.usecases.run_import import run_import
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

SPARE_MILLISECONDS = 25_000
"""Of the function's time, kept free for the batch that was begun last, and for the report."""

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:imports"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=1, name="imports")
@told("imports")
def handle(event: SQSEvent) -> None:
    """Go on with an import until the function's time is nearly over."""
    services = wiring.services()
    for record in event:
        run_import(services.ports, record.body, services.clock, _while_there_is_time(event.context))


def _while_there_is_time(context: Any) -> Callable[[], bool]:
    return lambda: context.get_remaining_time_in_millis() > SPARE_MILLISECONDS
