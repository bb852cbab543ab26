"""No role has a right that nothing in its function's code could use: read from the code itself.

That rights suffice is shown by the journey of the packaged service, which runs with them enforced;
that nobody widens them unseen, by the list in test_roles.py.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infrastructure.test_roles import resource_of, statements
from tests.packaged import NEEDS_LAMBDAS_PYTHON
from tests.rights.needed import Right, logical_id, needed

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]

_WITHOUT_A_NAME = {":ses:": "ses", ":athena:": "athena", ":glue:": "catalog", ":sns:": "sns"}
_READING_A_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
_READING_A_QUEUE = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """Every function's properties, by the name of its role."""
    return {
        resource["Properties"]["Role"]["Fn::GetAtt"][0]: resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def granted(template: Template) -> dict[str, set[Right]]:
    """The rights of every role, on what the template calls it."""
    rights: dict[str, set[Right]] = {}
    for role, statement in statements(template):
        place = place_of(resource_of(statement))
        rights.setdefault(role, set()).update((action, place) for action in statement["Action"])
    return rights


def place_of(resource: str) -> str:
    """The logical id of a statement's resource, with the index or the folder, if it is one; a
    service's name where the resource stands outside of the template."""
    named = re.match(r"\$\{(\w+)\.Arn\}((?:/[\w.]+)*)", resource)
    if named:
        return named[1] + named[2]
    outside = [name for part, name in _WITHOUT_A_NAME.items() if part in resource]
    return outside[0] if outside else resource.split(".")[0]


def given_by_lambda(function: dict[str, Any]) -> Iterator[Right]:
    """What Lambda itself does in a function's name: write its log, read what feeds it."""
    log = logical_id(function["LoggingConfig"]["LogGroup"])
    yield from ((f"logs:{action}", log) for action in ("CreateLogStream", "PutLogEvents"))
    for source in function.get("Events", {}).values():
        wired = source["Properties"]
        if source["Type"] == "DynamoDB":
            stream = logical_id(wired["Stream"])
            yield from ((f"dynamodb:{action}", stream) for action in _READING_A_STREAM)
            aside = wired["DestinationConfig"]["OnFailure"]["Destination"]
            yield "sqs:SendMessage", logical_id(aside)
        if source["Type"] == "SQS":
            queue = logical_id(wired["Queue"])
            yield from ((f"sqs:{action}", queue) for action in _READING_A_QUEUE)


@pytest.fixture(scope="module")
def useful(template: Template) -> dict[str, set[Right]]:
    """What each role's function could use."""
    return {
        role: needed(function["Handler"], template) | set(given_by_lambda(function))
        for role, function in functions(template).items()
    }


def useless(rights: dict[str, set[Right]], useful: dict[str, set[Right]]) -> list[str]:
    """The rights that no code needs, readable."""
    return [
        f"{role}: {action} on {place}"
        for role in sorted(rights)
        for action, place in sorted(rights[role] - useful[role])
        # Of a bucket, the code may not tell which of its folders.
        if not (action.startswith("s3:") and (action, place.split("/")[0]) in useful[role])
    ]


def test_no_role_has_a_right_that_its_code_does_not_need(
    template: Template, useful: dict[str, set[Right]]
) -> None:
    assert useless(granted(template), useful) == []


@pytest.mark.parametrize(
    ("role", "action", "place"),
    [
        ("ApiHandlerRole", "dynamodb:UpdateItem", "LedgerTable"),
        ("ApiHandlerRole", "dynamodb:DeleteItem", "LedgerTable"),
        ("ApiHandlerRole", "dynamodb:DeleteItem", "KeysTable"),
        ("ApiHandlerRole", "dynamodb:DeleteItem", "AuditTable"),
        ("ApiHandlerRole", "dynamodb:Scan", "ConfigTable"),
        ("ApiHandlerRole", "s3:DeleteObject", "ImportBucket"),
        ("ApiHandlerRole", "events:PutEvents", "EventBus"),
        ("ImportsRole", "s3:PutObject", "ImportBucket/file"),
        ("ImportsRole", "s3:GetObject", "ImportBucket/report"),
        ("RemindRole", "dynamodb:Query", "LedgerTable/index/due"),
        ("ExportRole", "dynamodb:Scan", "AuditTable/index/by_member"),
        ("RelayRole", "dynamodb:Query", "LedgerTable"),
        ("RelayRole", "kms:GenerateDataKey", "MasterKey"),
        ("EraseRole", "dynamodb:DeleteItem", "LedgerTable"),
        ("ExpirePointsRole", "dynamodb:Scan", "LedgerTable"),
        ("ExpirePointsRole", "dynamodb:DeleteItem", "KeysTable"),
        ("LettersAgainRole", "sqs:SendMessage", "EraseQueue"),
        ("LettersAgainRole", "kms:Decrypt", "MasterKey"),
        ("RemindRole", "s3:GetObject", "ExportBucket"),
        ("OccasionsRole", "ses:SendEmail", "ses"),
        ("AnchorRole", "secretsmanager:GetSecretValue", "Secret"),
        ("ReconcileRole", "dynamodb:PutItem", "LedgerTable"),
        ("SnapshotRole", "s3:DeleteObject", "SnapshotBucket"),
        ("MailEventsRole", "sqs:ReceiveMessage", "EraseQueue"),
    ],
)
def test_a_right_too_much_is_noticed(
    template: Template, useful: dict[str, set[Right]], role: str, action: str, place: str
) -> None:
    rights = granted(template)
    rights[role].add((action, place))
    assert f"{role}: {action} on {place}" in useless(rights, useful)
