"""What DynamoDB's errors mean, told apart in one place for every call."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib import observability
from chalicelib.usecases.ports import StoreNewer, StoreUnavailable

_TRANSIENT = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

_CONFLICTS = frozenset({"TransactionConflict", "TransactionConflictException"})
_THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingError",
        "ThrottlingException",
    }
)
"""Of a call, and, with the shorter names, of an item of a transaction."""


@contextmanager
def store_errors() -> Iterator[None]:
    """Tell what every call to DynamoDB may raise apart, in one place.

    Transient trouble becomes StoreUnavailable, an item of a newer release StoreNewer. A failed
    condition of a single write and an error of our own pass through as PynamoDB raised them.
    """
    try:
        yield
    except PynamoDBException as error:
        if _is_transient(error):
            _note(error)
            raise StoreUnavailable(str(error)) from error
        raise
    except ValueError as error:
        if "Unknown discriminator value" in str(error):
            raise StoreNewer(str(error)) from error
        raise


def _note(error: PynamoDBException) -> None:
    """What the log counts of it: that another one was first, or that it was too much at once."""
    reasons = getattr(error, "cancellation_reasons", None) or ()
    codes = {response_code(error), *(reason.code for reason in reasons if reason is not None)}
    if codes & _CONFLICTS:
        observability.note("conflicts")
    if codes & _THROTTLES:
        observability.note("throttled")


def _is_transient(error: PynamoDBException) -> bool:
    if isinstance(error.cause, ClientError):
        code = response_code(error)
        # A cancelled transaction without a failed condition: conflict, throttle, in progress.
        return code in _TRANSIENT or code == "TransactionCanceledException"
    return isinstance(error.cause, BotoCoreError)


def failed_condition(error: PynamoDBException) -> bool:
    """Whether a single put, update or delete was refused by its own condition."""
    return response_code(error) == "ConditionalCheckFailedException"


def response_code(error: PynamoDBException) -> str | None:
    """DynamoDB's own code of an error; None where there was no answer at all.

    PynamoDB's property of that name fails on a broken connection, whose answer is None.
    """
    return error.cause_response_code if isinstance(error.cause, ClientError) else None
