"""What each function may do: read from the packaged template, approved line by line here.

A change of a policy has to be made twice, on purpose. That the policies suffice is shown by the
journey of the packaged service, which runs with them enforced.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]

LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]
MAIL_CONFIGURATION = (
    "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
    "configuration-set/${MailConfiguration}"
)
"""Who sends mail says so to SES with it, and needs the right to both."""

_GLUE = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
_OF_ATHENA = "arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}:"
_OF_GLUE = "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:"

ASKING_THE_SNAPSHOT = {
    _OF_ATHENA + "workgroup/${SnapshotWorkgroup}": [
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
    ],
    _OF_GLUE + "catalog": _GLUE,
    _OF_GLUE + "database/${SnapshotDatabase}": _GLUE,
    _OF_GLUE + "table/${SnapshotDatabase}/*": _GLUE,
    "SnapshotBucket.Arn": [
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
    ],
    "${SnapshotBucket.Arn}/results/*": [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
    ],
}
"""Athena reads and writes as whoever asks it."""

APPROVED = {
    "ApiHandlerRole": {
        "APIHandlerLogs.Arn": LOG,
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that an account still stands in for another one
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",  # what a version of the program would change; the books, on demand
        ],
        "${LedgerTable.Arn}/index/due": ["dynamodb:Query"],  # what would expire
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        "KeysTable.Arn": ["dynamodb:GetItem", "dynamodb:PutItem"],
        "ConfigTable.Arn": [
            "dynamodb:BatchGetItem",
            "dynamodb:DeleteItem",  # a revoked API key's hash
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        "AuditTable.Arn": ["dynamodb:PutItem", "dynamodb:Query"],
        "${AuditTable.Arn}/index/by_member": ["dynamodb:Query"],  # who looked at a member
        "AnchorsTable.Arn": ["dynamodb:GetItem", "dynamodb:Query"],
        "MasterKey.Arn": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}": [
            "ses:SendEmail",
            "ses:SendRawEmail",
        ],
        MAIL_CONFIGURATION: ["ses:SendEmail", "ses:SendRawEmail"],
        # What an address that it signs allows, it must be allowed itself.
        "${ImportBucket.Arn}/file/*": ["s3:GetObject", "s3:PutObject"],
        "${ImportBucket.Arn}/report/*": ["s3:GetObject"],
        "ImportBucket.Arn": ["s3:ListBucket"],  # else a missing file looks like a forbidden one
        "ImportQueue.Arn": ["sqs:GetQueueAttributes", "sqs:SendMessage"],
        "${ExportBucket.Arn}/export/*": ["s3:GetObject"],
        "ExportQueue.Arn": ["sqs:GetQueueAttributes", "sqs:SendMessage"],
        "LetterQueue.Arn": ["sqs:GetQueueAttributes", "sqs:SendMessage"],
        "RefusedQueue.Arn": ["sqs:GetQueueAttributes", "sqs:SendMessage"],
        "WebhookQueue.Arn": ["sqs:GetQueueAttributes", "sqs:SendMessage"],
        # How many messages wait, for who asks how the service is.
        "EraseQueue.Arn": ["sqs:GetQueueAttributes"],
        "SnapshotQueue.Arn": ["sqs:GetQueueAttributes"],
        **ASKING_THE_SNAPSHOT,
        "${SnapshotBucket.Arn}/base/*": ["s3:GetObject"],
        "${SnapshotBucket.Arn}/changes/*": ["s3:GetObject"],
        "${SnapshotBucket.Arn}/changes/audiences/*": ["s3:PutObject"],  # as they were launched
        "${SnapshotBucket.Arn}/current.json": ["s3:GetObject"],
        # A phone number has no ARN. Everything but topics is the narrowest that AWS allows.
        "not arn:${AWS::Partition}:sns:*:*:*": ["sns:Publish"],
    },
    "RelayRole": {
        "RelayLogs.Arn": LOG,
        "LedgerTable.StreamArn": [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
        "EventBus.Arn": ["events:PutEvents"],
        "RelayDeadLetters.Arn": ["sqs:SendMessage"],
        "ConfigTable.Arn": [
            "dynamodb:BatchWriteItem",  # events, for webhooks
            "dynamodb:Query",  # who has one
        ],
        "WebhookQueue.Arn": ["sqs:SendMessage"],
    },
    "DeliverRole": {
        "DeliverLogs.Arn": LOG,
        "WebhookQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",  # the next part of a replay
        ],
        "ConfigTable.Arn": [
            "dynamodb:DeleteItem",  # what waited
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # what waits, what was tried, that a webhook is gone
            "dynamodb:Query",
        ],
        "MasterKey.Arn": ["kms:Decrypt"],
    },
    "DeliverAgainRole": {
        "DeliverAgainLogs.Arn": LOG,
        "WebhookQueue.Arn": ["sqs:SendMessage"],
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:Query"],
    },
    "FollowRole": {
        "FollowLogs.Arn": LOG,
        "LedgerTable.StreamArn": [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        ],
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that an account still stands in for another one
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # reviews, bonuses of newcomers and who brought them, digests
            "dynamodb:Query",
        ],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:DeleteItem",  # from the list of accounts under review
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "ConfigTable.Arn": [
            "dynamodb:BatchGetItem",  # what is left of budgets
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # what gifts take from budgets
        ],
        "MasterKey.Arn": ["kms:Decrypt"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
        "SnapshotQueue.Arn": ["sqs:SendMessage"],
        "FollowDeadLetters.Arn": ["sqs:SendMessage"],
    },
    "SnapshotRole": {
        "SnapshotLogs.Arn": LOG,
        "SnapshotQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        "LedgerTable.Arn": ["dynamodb:Query"],
        "PeopleTable.Arn": ["dynamodb:GetItem"],  # who may be written to; nothing is opened
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:Query"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
        "${SnapshotBucket.Arn}/changes/*": ["s3:PutObject"],
    },
    "SnapshotBaseRole": {
        "SnapshotBaseLogs.Arn": LOG,
        "LedgerTable.Arn": [
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",  # once, what was bought before
        ],
        "PeopleTable.Arn": [
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",  # all members, one after the other
        ],
        "ConfigTable.Arn": [
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # how far it came
            "dynamodb:Query",
        ],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
        **ASKING_THE_SNAPSHOT,
        "${SnapshotBucket.Arn}/base/*": [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",  # of what nobody reads any more, as below
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
        "${SnapshotBucket.Arn}/all/*": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
        "${SnapshotBucket.Arn}/changes/*": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
        "${SnapshotBucket.Arn}/current.json": ["s3:GetObject", "s3:PutObject"],
    },
    "TogetherRole": {
        "TogetherLogs.Arn": LOG,
        "ConfigTable.Arn": [
            "dynamodb:BatchWriteItem",  # what is bought together, and what no longer is
            "dynamodb:GetItem",
            "dynamodb:Query",
        ],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
        **ASKING_THE_SNAPSHOT,
        "${SnapshotBucket.Arn}/base/*": ["s3:GetObject"],
        "${SnapshotBucket.Arn}/changes/*": ["s3:GetObject"],
        "${SnapshotBucket.Arn}/current.json": ["s3:GetObject"],
    },
    "PostRole": {
        "PostLogs.Arn": LOG,
        "PurchaseQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        "RefusedQueue.Arn": ["sqs:SendMessage"],
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that an account still stands in for another one
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "PeopleTable.Arn": ["dynamodb:GetItem", "dynamodb:Query"],
        "ConfigTable.Arn": [
            "dynamodb:BatchGetItem",  # what is left of budgets
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # what purchases take from budgets
        ],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "ImportsRole": {
        "ImportsLogs.Arn": LOG,
        "ImportQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",  # it sends itself on
        ],
        "${ImportBucket.Arn}/file/*": ["s3:GetObject"],
        "${ImportBucket.Arn}/report/*": ["s3:PutObject"],
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "PeopleTable.Arn": ["dynamodb:Query"],  # whom an identifier leads to; nothing is opened
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "ExportRole": {
        "ExportLogs.Arn": LOG,
        "ExportQueue.Arn": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        "${ExportBucket.Arn}/export/*": ["s3:DeleteObject", "s3:PutObject"],
        "ExportBucket.Arn": ["s3:ListBucket"],  # the files of somebody who was erased meanwhile
        "LedgerTable.Arn": ["dynamodb:GetItem", "dynamodb:Query"],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",  # that it is open, from the officers' list
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # that an export is ready
            "dynamodb:Query",
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "MasterKey.Arn": ["kms:Decrypt"],
        "ConfigTable.Arn": ["dynamodb:GetItem"],
        "${AuditTable.Arn}/index/by_member": ["dynamodb:Query"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "ExpireRedemptionsRole": {
        "ExpireRedemptionsLogs.Arn": LOG,
        "${LedgerTable.Arn}/index/due": ["dynamodb:Query"],
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:UpdateItem"],  # stock, put back
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "ExpirePointsRole": {
        "ExpirePointsLogs.Arn": LOG,
        "${LedgerTable.Arn}/index/due": ["dynamodb:Query"],
        "LedgerTable.Arn": ["dynamodb:PutItem", "dynamodb:Query"],
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:PutItem"],  # how far it came
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "TellExpiringRole": {
        "TellExpiringLogs.Arn": LOG,
        "${LedgerTable.Arn}/index/due": ["dynamodb:Query"],
        "LedgerTable.Arn": ["dynamodb:Query"],
        "ConfigTable.Arn": [
            "dynamodb:BatchWriteItem",  # events, for webhooks
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # how far it came
            "dynamodb:Query",  # who has a webhook
        ],
        "WebhookQueue.Arn": ["sqs:SendMessage"],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # what members were told
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # messages of the week, counted
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "MasterKey.Arn": ["kms:Decrypt"],
        "EventBus.Arn": ["events:PutEvents"],
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}": [
            "ses:SendEmail",
            "ses:SendRawEmail",
        ],
        MAIL_CONFIGURATION: ["ses:SendEmail", "ses:SendRawEmail"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "RemindRole": {
        "RemindLogs.Arn": LOG,
        "LedgerTable.Arn": ["dynamodb:Query"],  # whether an account may be written to
        "ConfigTable.Arn": ["dynamodb:GetItem"],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:DeleteItem",  # of what was due; nothing of a member's own
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # that a member was reminded
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # messages of the week, counted
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "MasterKey.Arn": ["kms:Decrypt"],
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}": [
            "ses:SendEmail",
            "ses:SendRawEmail",
        ],
        MAIL_CONFIGURATION: ["ses:SendEmail", "ses:SendRawEmail"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "KeepFreshRole": {
        "KeepFreshLogs.Arn": LOG,
        "LedgerTable.Arn": ["dynamodb:Query"],  # when an account was used last
        "ConfigTable.Arn": [
            "dynamodb:BatchWriteItem",  # events, for webhooks
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # how far it came
            "dynamodb:Query",  # who has a webhook
        ],
        "WebhookQueue.Arn": ["sqs:SendMessage"],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # that an erasure was asked for
            "dynamodb:Query",
            "dynamodb:Scan",  # all members, one after the other
            "dynamodb:UpdateItem",  # what a member was told; messages of the week, counted
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "AuditTable.Arn": ["dynamodb:PutItem"],
        "EraseQueue.Arn": ["sqs:SendMessage"],
        "MasterKey.Arn": ["kms:Decrypt"],
        "EventBus.Arn": ["events:PutEvents"],
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}": [
            "ses:SendEmail",
            "ses:SendRawEmail",
        ],
        MAIL_CONFIGURATION: ["ses:SendEmail", "ses:SendRawEmail"],
        "not arn:${AWS::Partition}:sns:*:*:*": ["sns:Publish"],  # as the API's
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "LettersRole": {
        "LettersLogs.Arn": LOG,
        "LetterQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",  # it asks itself for the next page
        ],
        "LedgerTable.Arn": ["dynamodb:Query"],  # what offers may know of a member
        "PeopleTable.Arn": [
            "dynamodb:BatchGetItem",  # who was written to
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # what became of a letter
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # messages of the week, counted
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "MasterKey.Arn": ["kms:Decrypt"],
        "ConfigTable.Arn": [
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # how far an announcement is
            "dynamodb:UpdateItem",  # how many letters were sent
        ],
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}": [
            "ses:SendEmail",
            "ses:SendRawEmail",
        ],
        MAIL_CONFIGURATION: ["ses:SendEmail", "ses:SendRawEmail"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
        **ASKING_THE_SNAPSHOT,
        "${SnapshotBucket.Arn}/base/*": ["s3:GetObject"],
        "${SnapshotBucket.Arn}/changes/*": ["s3:GetObject"],
        "${SnapshotBucket.Arn}/current.json": ["s3:GetObject"],
    },
    "LettersAgainRole": {
        "LettersAgainLogs.Arn": LOG,
        "LetterQueue.Arn": ["sqs:SendMessage"],
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "OccasionsRole": {
        "OccasionsLogs.Arn": LOG,
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "ConfigTable.Arn": [
            "dynamodb:BatchGetItem",  # what is left of budgets
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # how far it came
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # what gifts take from budgets
        ],
        "PeopleTable.Arn": ["dynamodb:Query", "dynamodb:Scan"],  # all members; nothing is opened
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "MailEventsRole": {
        "MailEventsLogs.Arn": LOG,
        "MailEventQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        "LedgerTable.Arn": [
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # traits, which name the purposes in force
            "dynamodb:Query",
        ],
        "ConfigTable.Arn": ["dynamodb:GetItem"],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that a member is not being erased
            "dynamodb:DeleteItem",  # of audiences that it leaves
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        "KeysTable.Arn": ["dynamodb:GetItem"],
        "MasterKey.Arn": ["kms:Decrypt"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "EraseRole": {
        "EraseLogs.Arn": LOG,
        "EraseQueue.Arn": [
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",  # it sends itself on
        ],
        "LedgerTable.Arn": [
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",  # redaction
        ],
        "PeopleTable.Arn": [
            "dynamodb:ConditionCheckItem",  # that nobody is held
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
        ],
        "KeysTable.Arn": ["dynamodb:DeleteItem", "dynamodb:GetItem"],
        "MasterKey.Arn": ["kms:Decrypt"],  # what leads to a member is made of its profile
        "ConfigTable.Arn": ["dynamodb:GetItem"],
        "AuditTable.Arn": ["dynamodb:PutItem"],
        "ExportBucket.Arn": ["s3:ListBucket"],
        "${ExportBucket.Arn}/export/*": ["s3:DeleteObject"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "EraseDueRole": {
        "EraseDueLogs.Arn": LOG,
        "PeopleTable.Arn": ["dynamodb:Query"],
        "EraseQueue.Arn": ["sqs:SendMessage"],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "ReconcileRole": {
        "ReconcileLogs.Arn": LOG,
        "LedgerTable.Arn": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
        "ConfigTable.Arn": [
            "dynamodb:BatchGetItem",  # stock
            "dynamodb:GetItem",
            "dynamodb:PutItem",  # how far it came, and what it found
            "dynamodb:Query",
        ],
        "Secret.Id": ["secretsmanager:GetSecretValue"],
    },
    "AnchorRole": {  # and to sign, which RootKey's own policy says
        "AnchorLogs.Arn": LOG,
        "LedgerTable.Arn": ["dynamodb:Query", "dynamodb:Scan"],
        "ConfigTable.Arn": ["dynamodb:GetItem", "dynamodb:PutItem"],  # how far a pass came
        "AnchorsTable.Arn": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    },
}


def statements(template: Template) -> list[tuple[str, dict[str, Any]]]:
    """Role's name and statement, of every role."""
    return [
        (name, statement)
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
        for policy in resource["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def resource_of(statement: dict[str, Any]) -> str:
    """The one resource of a statement, readable; `not ` stands before all but it."""
    negated = "NotResource" in statement
    match statement["NotResource" if negated else "Resource"]:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            text = f"{name}.{attribute}"
        case {"Fn::Sub": str(text)} | {"Ref": str(text)} | str(text):
            pass
        case other:
            raise AssertionError(f"one resource a statement, not {other!r}")
    return f"not {text}" if negated else text


def test_every_role_may_do_exactly_what_is_approved(template: Template) -> None:
    granted: dict[str, dict[str, list[str]]] = {}
    for role, statement in statements(template):
        assert statement["Effect"] == "Allow"
        rights = granted.setdefault(role, {})
        rights[resource_of(statement)] = sorted(
            [*rights.get(resource_of(statement), []), *statement["Action"]]
        )
    assert granted == APPROVED


def test_no_action_and_no_resource_is_a_wildcard(template: Template) -> None:
    for role, statement in statements(template):
        assert "*" not in "".join(statement["Action"]), role
        if resource_of(statement) != "not arn:${AWS::Partition}:sns:*:*:*":
            # A file has no ARN before it is there: those below one word of one bucket, or two.
            resource = re.sub(r"^\$\{\w+\.Arn\}(/[a-z]+){1,2}/\*$", "", resource_of(statement))
            resource = re.sub(r":table/\$\{\w+\}/\*$", "", resource)  # all of one database
            assert "*" not in resource, role


def test_nobody_may_change_the_ledger_but_who_erases_and_nobody_may_delete_of_it(
    template: Template,
) -> None:
    allowed = {"GetItem", "PutItem", "Query", "Scan", "ConditionCheckItem"}
    streaming = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
    for role, statement in statements(template):
        if "LedgerTable" in resource_of(statement):
            actions = {action.removeprefix("dynamodb:") for action in statement["Action"]}
            redacting = {"UpdateItem"} if role == "EraseRole" else set()
            assert actions <= allowed | streaming | redacting, role


def test_nobody_may_delete_a_data_key_but_who_erases_and_nobody_change_an_audit_record(
    template: Template,
) -> None:
    destroying = set()
    for role, statement in statements(template):
        if "AuditTable" in resource_of(statement):
            assert set(statement["Action"]) <= {"dynamodb:PutItem", "dynamodb:Query"}, role
        if "KeysTable" in resource_of(statement):
            actions = {action.removeprefix("dynamodb:") for action in statement["Action"]}
            assert actions <= {"GetItem", "PutItem", "DeleteItem"}, role
            destroying |= {role} if "DeleteItem" in actions else set()
    assert destroying == {"EraseRole"}


def test_only_who_makes_roots_may_put_one_and_nobody_may_change_one(template: Template) -> None:
    putting = set()
    for role, statement in statements(template):
        if "AnchorsTable" in resource_of(statement):
            actions = {action.removeprefix("dynamodb:") for action in statement["Action"]}
            assert actions <= {"GetItem", "PutItem", "Query"}, role
            putting |= {role} if "PutItem" in actions else set()
    assert putting == {"AnchorRole"}


def test_only_who_makes_roots_may_sign_whatever_other_policies_say(template: Template) -> None:
    policy = template["Resources"]["RootKey"]["Properties"]["KeyPolicy"]["Statement"]
    using = {"kms:Sign", "kms:CreateGrant"}  # a grant would let others sign
    signing = [s for s in policy if using & set(s["Action"])]
    assert [s["Principal"] for s in signing] == [{"AWS": {"Fn::GetAtt": ["AnchorRole", "Arn"]}}]
    assert [s["Action"] for s in signing] == [["kms:GetPublicKey", "kms:Sign"]]
    assert not any("*" in action for s in policy for action in s["Action"])


def test_every_function_has_a_role_of_its_own_without_managed_policies(template: Template) -> None:
    functions = {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    roles = [properties["Role"]["Fn::GetAtt"][0] for properties in functions.values()]
    assert sorted(roles) == sorted(APPROVED)
    assert all("Policies" not in properties for properties in functions.values())
    assert not re.search("ManagedPolicyArns", json.dumps(template))


def test_only_lambda_may_take_a_role(template: Template) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            trust = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert [s["Principal"] for s in trust] == [{"Service": "lambda.amazonaws.com"}]


def allowed(part: Any) -> Iterator[dict[str, Any]]:
    """Every statement in a part of the template that allows something."""
    match part:
        case {"Effect": "Allow"}:
            yield part
        case dict():
            for inner in part.values():
                yield from allowed(inner)
        case list():
            for inner in part:
                yield from allowed(inner)


def test_nothing_but_roles_gives_rights_beside_what_is_approved_here(template: Template) -> None:
    account = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
    rules = {"Service": "events.amazonaws.com"}
    given = {
        name: [statement.get("Principal") for statement in allowed(resource)]
        for name, resource in template["Resources"].items()
        if resource["Type"] != "AWS::IAM::Role"
    }
    assert {name: whom for name, whom in given.items() if whom} == {
        "MasterKey": [account],
        # Everybody of the account, through the services that keep what it seals.
        "StorageKey": [account, {"AWS": "*"}, rules],
        "RootKey": [account, {"AWS": {"Fn::GetAtt": ["AnchorRole", "Arn"]}}],
        "AlarmsKey": [account, {"Service": "cloudwatch.amazonaws.com"}],
        "MailEventQueuePolicy": [rules],
        "TracePolicy": [None],  # of roles; tests/infrastructure/test_dashboard.py has it
    }
    callers = {
        name: (resource["Properties"]["Principal"], resource["Properties"]["SourceArn"]["Fn::Sub"])
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Permission"
    }
    assert set(callers) == {"APIHandlerInvokePermission", "HttpInvokePermission"}
    for name, (principal, source) in callers.items():
        assert principal == "apigateway.amazonaws.com", name
        assert re.search(r":\$\{(RestAPI|HttpApi|RestAPIId)\}/\*", str(source)), source
