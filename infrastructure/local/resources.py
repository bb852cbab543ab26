"""Creates on the local AWS what `infrastructure/resources.yaml` says, from that very file.

Tables with their indexes, streams and TTL, queues, the bucket, the bus, the keys, the secret, the
sender. What only matters in the cloud (functions, alarms, policies, backups) is passed over.
Whatever is there already is kept. Knows nothing of the service but its environment's names.
"""

import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml

TEMPLATE = Path(__file__).parents[1] / "resources.yaml"
MAIL_FROM = "Stampbook <hello@stampbook.example>"
_ACCOUNT = "000000000000"
_REGION = "us-east-1"
_TABLES = ("Ledger", "People", "Keys", "Config", "Audit", "Anchors")


@dataclass(frozen=True, slots=True)
class Stack:
    """What was created. `names`: logical id -> what `Ref` gives (a table's name, a queue's URL)."""

    stage: str
    names: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """The variables of `chalicelib.settings` that name resources."""
        tables = {f"{table.upper()}_TABLE": self.names[f"{table}Table"] for table in _TABLES}
        return tables | {
            "STAGE": self.stage,
            "EVENT_BUS": self.names["EventBus"],
            "IMPORT_BUCKET": self.names["ImportBucket"],
            "IMPORT_QUEUE": self.names["ImportQueue"],
            "EXPORT_BUCKET": self.names["ExportBucket"],
            "EXPORT_QUEUE": self.names["ExportQueue"],
            "ERASE_QUEUE": self.names["EraseQueue"],
            "LETTER_QUEUE": self.names["LetterQueue"],
            "REFUSED_QUEUE": self.names["RefusedQueue"],
            "SNAPSHOT_BUCKET": self.names["SnapshotBucket"],
            "SNAPSHOT_QUEUE": self.names["SnapshotQueue"],
            "WEBHOOK_QUEUE": self.names["WebhookQueue"],
            "SECRET_ID": self.names["Secret"],
            "KMS_KEY_ID": self.names["MasterKey"],
            "ROOT_KEY_ID": self.names["RootKey"],
            "MAIL_FROM": MAIL_FROM,
        }


def create(
    stage: str, secret: Mapping[str, str], *, dynamodb: str | None = None, purged: bool = True
) -> Stack:
    """Create what the template says for one `Stage`; another stage is another set beside it.

    secret: the values of the secret, as `Settings.secret_id` describes it; an older one is kept.
    dynamodb: where to make the tables, if not with all the rest. That is where `AWS_ENDPOINT_URL`
    of the process says; KeyError without it, so that nothing is ever created in somebody's real
    account unasked. purged: whether items that are over are removed, by this machine's time: not
    for tests, which live at times of their own.
    """
    described = template()
    parameters = _parameters(described, stage)
    clients = _clients(os.environ["AWS_ENDPOINT_URL"], dynamodb)
    orders = {
        logical_id: _Order(
            clients=clients,
            name=f"stampbook-{stage}-{logical_id}",
            properties=_resolved(resource.get("Properties", {}), parameters),
            secret=secret,
            purged=purged,
        )
        for logical_id, resource in described["Resources"].items()
        if resource.get("Type") in _MAKERS
    }
    with ThreadPoolExecutor(max_workers=4) as pool:
        types = [_MAKERS[described["Resources"][logical_id]["Type"]] for logical_id in orders]
        made = pool.map(lambda make, order: make(order), types, orders.values())
        names = dict(zip(orders, made, strict=True))
    _set_dead_letters_aside(clients["sqs"], orders)
    clients["ses"].verify_email_identity(EmailAddress=MAIL_FROM.rpartition("<")[2].rstrip(">"))
    return Stack(stage, names)


def stream_arn(table: str) -> str:
    """The ARN of a table's stream. KeyError when it has none."""
    described = boto3.client("dynamodb").describe_table(TableName=table)
    return str(described["Table"]["LatestStreamArn"])


# --- one maker a resource type; each gives what `Ref` gives --------------------------------------


@dataclass(frozen=True, slots=True)
class _Order:
    """What to create. name: for a resource that its properties do not name."""

    clients: Mapping[str, Any]
    name: str
    properties: Mapping[str, Any]
    secret: Mapping[str, str]
    purged: bool


@cache
def _clients(endpoint: str, dynamodb: str | None) -> dict[str, Any]:
    session = boto3.session.Session()
    services = ("sqs", "events", "kms", "s3", "secretsmanager", "ses")
    where = dict.fromkeys(services, endpoint) | {"dynamodb": dynamodb or endpoint}
    return {service: session.client(service, endpoint_url=url) for service, url in where.items()}  # type: ignore[call-overload]  # overloads want literals


def _table(order: _Order) -> str:
    dynamodb = order.clients["dynamodb"]
    name = str(order.properties.get("TableName", order.name))
    copied = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
    request = {key: order.properties[key] for key in copied if key in order.properties}
    if stream := order.properties.get("StreamSpecification"):
        request["StreamSpecification"] = {"StreamEnabled": True, **stream}
    try:
        dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **request)
    except dynamodb.exceptions.ResourceInUseException:
        return name
    dynamodb.get_waiter("table_exists").wait(TableName=name)  # the cloud takes seconds
    if (ttl := order.properties.get("TimeToLiveSpecification")) and order.purged:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    return name


def _queue(order: _Order) -> str:
    attributes = {"FifoQueue": "true"} if order.properties.get("FifoQueue") else {}
    if "VisibilityTimeout" in order.properties:
        attributes["VisibilityTimeout"] = str(order.properties["VisibilityTimeout"])
    made = order.clients["sqs"].create_queue(QueueName=_queue_name(order), Attributes=attributes)
    return str(made["QueueUrl"])


def _queue_name(order: _Order) -> str:
    """As CloudFormation would end it."""
    return f"{order.name}.fifo" if order.properties.get("FifoQueue") else order.name


def _set_dead_letters_aside(sqs: Any, orders: Mapping[str, _Order]) -> None:
    """Once every queue is there: what its reader gives up goes to another."""
    for order in orders.values():
        if redrive := order.properties.get("RedrivePolicy"):
            letters = orders[redrive["deadLetterTargetArn"]["Fn::GetAtt"].removesuffix(".Arn")]
            arn = f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:{_queue_name(letters)}"
            url = sqs.get_queue_url(QueueName=_queue_name(order))["QueueUrl"]
            policy = json.dumps({**redrive, "deadLetterTargetArn": arn})
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})


def _bucket(order: _Order) -> str:
    name = str(order.properties.get("BucketName", order.name)).lower()
    order.clients["s3"].create_bucket(Bucket=name)  # one that is ours already is kept
    return name


def _bus(order: _Order) -> str:
    events = order.clients["events"]
    name = str(order.properties.get("Name", order.name))
    with suppress(events.exceptions.ResourceAlreadyExistsException):
        events.create_event_bus(Name=name)
    return name


def _key(order: _Order) -> str:
    kms = order.clients["kms"]
    alias = f"alias/{order.name}"
    known = {row["AliasName"]: row["TargetKeyId"] for row in kms.list_aliases()["Aliases"]}
    if alias in known:
        return str(known[alias])
    kind = {
        key: order.properties[key] for key in ("KeySpec", "KeyUsage") if key in order.properties
    }
    key_id = str(kms.create_key(Description=order.name, **kind)["KeyMetadata"]["KeyId"])
    kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    return key_id


def _secret(order: _Order) -> str:
    manager = order.clients["secretsmanager"]
    name = order.properties.get("Name", order.name)
    try:
        text = json.dumps(dict(order.secret))
        return str(manager.create_secret(Name=name, SecretString=text)["ARN"])
    except manager.exceptions.ResourceExistsException:
        return str(manager.describe_secret(SecretId=name)["ARN"])


_MAKERS = {
    "AWS::DynamoDB::Table": _table,
    "AWS::SQS::Queue": _queue,
    "AWS::S3::Bucket": _bucket,
    "AWS::Events::EventBus": _bus,
    "AWS::KMS::Key": _key,
    "AWS::SecretsManager::Secret": _secret,
}


# --- reading the template -----------------------------------------------------------------------


def template() -> dict[str, Any]:
    """What `infrastructure/resources.yaml` says, its short tags written out."""
    read: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader=_Loader)  # noqa: S506  # a SafeLoader
    return read


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags: `!Ref x` becomes {"Ref": "x"}, and so on."""


def _short_tag(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            return {name: loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
    raise ValueError(f"unknown YAML node {node!r}")


_Loader.add_multi_constructor("!", _short_tag)


def _parameters(template: Mapping[str, Any], stage: str) -> dict[str, str]:
    declared: Mapping[str, Any] = template.get("Parameters", {})
    defaults = {name: str(row["Default"]) for name, row in declared.items() if "Default" in row}
    return defaults | {
        "Stage": stage,
        "AWS::StackName": f"stampbook-{stage}",
        "AWS::Region": _REGION,
        "AWS::AccountId": _ACCOUNT,
        "AWS::Partition": "aws",
    }


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    """`Ref` and `Fn::Sub` of parameters replaced; what names a resource stays as it is written."""
    match value:
        case {"Ref": str(name)} if name in names:
            return names[name]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda m: names.get(m[1], m[0]), text)
        case dict():
            return {key: _resolved(item, names) for key, item in value.items()}
        case list():
            return [_resolved(item, names) for item in value]
    return value
