"""How many messages wait in a queue. How long they have waited, only CloudWatch knows: its alarms
watch that. Must not know what the queues are for.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chalicelib.providers.aws import outages

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_WAITING: Final = "ApproximateNumberOfMessages"
_AT_WORK: Final = "ApproximateNumberOfMessagesNotVisible"


def queue_depth(queue_url: str, sqs: Callable[[], "SQSClient"]) -> str:
    """Both figures in words, such as `3 waiting, 1 at work`. StoreUnavailable without an answer."""
    with outages("sqs"):
        told = sqs().get_queue_attributes(QueueUrl=queue_url, AttributeNames=[_WAITING, _AT_WORK])
    found = told["Attributes"]
    return f"{found[_WAITING]} waiting, {found[_AT_WORK]} at work"
