"""The events that Lambda makes of stream records, messages and schedules. Shapes alone."""

import base64
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def of_stream_record(record: Mapping[str, Any], stream_arn: str) -> dict[str, Any]:
    """A record as the stream's API gives it, in the shape of Lambda's event."""
    change = dict(record["dynamodb"])
    change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    for image in ("Keys", "NewImage", "OldImage"):
        if image in change:
            change[image] = {name: _in_json(value) for name, value in change[image].items()}
    return {**record, "dynamodb": change, "eventSourceARN": stream_arn}


def of_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as the queue's API gives it, in the shape of Lambda's event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "awsRegion": "us-east-1",
    }


def _in_json(value: Any) -> Any:
    """An attribute value with its bytes in base 64."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {key: _in_json(item) for key, item in value.items()}
        case list():
            return [_in_json(item) for item in value]
    return value


def of_schedule(now: datetime) -> dict[str, Any]:
    """The event of a rule that is due."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": "us-east-1",
        "resources": [],
        "detail": {},
    }
