"""A second opinion on DynamoDB: where `DYNAMODB_ENDPOINT` is set, the tables of the tests are on
that engine, or in that account of AWS, whose usual variables say who asks. The rest of AWS stays
local.

The tables have names of their own and are deleted afterwards. Knows nothing of what is tried there.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

import boto3
import pytest

from infrastructure.local import resources

VARIABLE = "DYNAMODB_ENDPOINT"
OF_DYNAMODB = "AWS_ENDPOINT_URL_DYNAMODB"
"""What botocore itself reads, before it asks `AWS_ENDPOINT_URL`."""
_WHO = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def credentials() -> dict[str, str]:
    """The variables that say who asks, and in which region; none where the local AWS is asked."""
    if not os.environ.get(VARIABLE):
        return {}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    both = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region} if region else {}
    return {name: os.environ[name] for name in _WHO if name in os.environ} | both


@contextmanager
def created(stage: str, secret: Mapping[str, str]) -> Iterator[resources.Stack]:
    """The resources of the template while they last, with the tables where they were asked for.

    Raises botocore's errors of who may not make tables there.
    """
    endpoint = os.environ.get(VARIABLE)
    if not endpoint:
        yield resources.create(stage, secret, purged=False)
        return
    stage = f"{stage}-{uuid4().hex[:12]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OF_DYNAMODB, endpoint)
        try:
            yield resources.create(stage, secret, dynamodb=endpoint, purged=False)
        finally:
            _delete_tables(f"stampbook-{stage}-")


def dynamodb_endpoint() -> str:
    """Where DynamoDB is by now."""
    return os.environ.get(OF_DYNAMODB) or os.environ["AWS_ENDPOINT_URL"]


def _delete_tables(prefix: str) -> None:
    client = boto3.client("dynamodb")
    for page in client.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.startswith(prefix):
                client.delete_table(TableName=name)
