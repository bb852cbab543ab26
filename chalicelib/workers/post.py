"""Posts purchases and returns that come in bulk. Fed by a queue that a shop's own systems fill.

A message may come twice, and in any order: each counts once by its ids, and a return waits for its
purchase. Reports the messages that it did not get done. Must never read `app.py`, nor log what a
message says.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import observability, wiring
from chalicelib.api.posted_messages import command_of
from chalicelib.usecases.post_in_bulk import BulkMessage, post_in_bulk
from chalicelib.wiring import Services
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:purchases"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=10, name="post")
@told("post")
def handle(event: SQSEvent) -> dict[str, list[dict[str, str]]]:
    """Post what the messages ask for; the answer names those that have to come again."""
    services = wiring.services()
    rows = event.to_dict()["Records"]
    failed = [row["messageId"] for row in rows if not _is_done(services, row)]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _is_done(services: Services, row: Mapping[str, Any]) -> bool:
    """Whether a message was taken, or refused for good and told of."""
    try:
        post_in_bulk(services.ports, _message(row), services.clock())
    except Exception as error:
        # An outage, or poison: it comes again, and after some times is set aside by the queue.
        observability.log_failure(error, worker="post", message_id=row["messageId"])
        return False
    return True


def _message(row: Mapping[str, Any]) -> BulkMessage:
    # A role's id is followed by the name of the session, which who takes the role can choose.
    sender, _, _session = row["attributes"]["SenderId"].partition(":")
    return BulkMessage(row["messageId"], sender, partial(command_of, row["body"]))
