"""Posts purchases and returns that come in bulk. Fed by a queue that a shop's own systems fill.

A message may come twice, and in any order: each counts once by its ids, and a return waits for its
purchase. Reports the messages that it did not get done. Must never read `app.py`, nor log what a
message says.
"""

from functools import partial

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    ExceptionInfo,
    FailureResponse,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice.app import Blueprint, SQSEvent

from chalicelib import observability, wiring
from chalicelib.api.posted_messages import command_of
from chalicelib.usecases.post_in_bulk import BulkMessage, post_in_bulk
from chalicelib.workers.failures import told

worker = Blueprint(__name__)

_SET_BY_THE_TEMPLATE = "arn:aws:sqs:eu-central-1:000000000000:purchases"


@worker.on_sqs_message(queue_arn=_SET_BY_THE_TEMPLATE, batch_size=10, name="post")
@told("post")
def handle(event: SQSEvent) -> PartialItemFailureResponse:
    """Post what the messages ask for; the answer names those that have to come again."""
    # Where all of them failed, it names all: one error instead would keep none of them apart.
    batch = _Batch(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event.to_dict(), _post, batch)


class _Batch(BatchProcessor):
    """A batch whose failures are told by the log's allow-list: the library's own handler writes
    what the errors say, which may quote a caller."""

    def failure_handler(self, record: SQSRecord, exception: ExceptionInfo) -> FailureResponse:
        """An outage, or poison: it comes again, and after some times is set aside by the queue."""
        kind, error, _traceback = exception
        if error is not None:
            observability.log_failure(error, worker="post", message_id=record.message_id)
        self.exceptions.append(exception)
        self.fail_messages.append(record)
        return ("fail", getattr(kind, "__name__", ""), record)


def _post(record: SQSRecord) -> None:
    """Take a message, or refuse it for good and tell of that."""
    services = wiring.services()
    post_in_bulk(services.ports, _message(record), services.clock())


def _message(record: SQSRecord) -> BulkMessage:
    # A role's id is followed by the name of the session, which who takes the role can choose.
    sender, _, _session = record.attributes.sender_id.partition(":")
    return BulkMessage(record.message_id, sender, partial(command_of, record.body))
