"""Clients of AWS's own services but DynamoDB, each made once a process, on first use.

Knows nothing of what they are used for. Region, credentials and AWS_ENDPOINT_URL come from the
environment, which botocore reads by itself. Botocore instead of boto3: importing boto3 as well
costs 15 ms of every cold start, and the clients are the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from chalicelib import tracing
from chalicelib.usecases.ports import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

_made: dict[str, Any] = {}
_making = Lock()


def kms() -> "KMSClient":
    """The key service."""
    return cast("KMSClient", _client("kms"))


def ses() -> "SESClient":
    """The mail service."""
    return cast("SESClient", _client("ses"))


def sns() -> "SNSClient":
    """The text message service."""
    return cast("SNSClient", _client("sns"))


def secretsmanager() -> "SecretsManagerClient":
    """The secret store."""
    return cast("SecretsManagerClient", _client("secretsmanager"))


def events() -> "EventBridgeClient":
    """The event bus service."""
    return cast("EventBridgeClient", _client("events"))


def sqs() -> "SQSClient":
    """The queue service."""
    return cast("SQSClient", _client("sqs"))


def s3() -> "S3Client":
    """The file store."""
    return cast("S3Client", _client("s3", **_FILES))


def athena() -> "AthenaClient":
    """The query service over files."""
    return cast("AthenaClient", _client("athena"))


@contextmanager
def outages(service: str) -> Iterator[None]:
    """Turn everything that a call to a service may raise into StoreUnavailable.

    A ClientError that means something else to the caller must be caught inside.
    """
    try:
        yield
    except ClientError as error:
        raise StoreUnavailable(f"{service}: {code_of(error)}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"{service}: {type(error).__name__}") from error


def code_of(error: ClientError) -> str:
    """The service's own code of an error, such as `ThrottlingException`."""
    return error.response.get("Error", {}).get("Code", "")


def _client(service: str, **more: Any) -> Any:
    client = _made.get(service)
    if client is None:
        with _making:  # botocore does not make clients thread safely, though they are
            client = _made.get(service)
            if client is None:
                client = get_session().create_client(service, config=Config(**_PATIENCE | more))
                tracing.watch(client)
                _made[service] = client
    return client


_PATIENCE: dict[str, Any] = {
    "connect_timeout": 1,  # seconds; API Gateway gives up after 29 in all
    "read_timeout": 2,
    "retries": {"total_max_attempts": 2, "mode": "standard"},
}

_FILES: dict[str, Any] = {
    "read_timeout": 10,  # a part of a report is some MB
    "signature_version": "s3v4",  # the only one that every region takes in an address
    # An address that asks for a checksum could not be used with curl alone.
    "request_checksum_calculation": "when_required",
}
