"""What is deployed around the functions: environment, stream, answers, tables, alarms."""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from chalicelib import observability
from chalicelib.api import problems, refused
from chalicelib.api.shell import one_route
from chalicelib.domain import refusals, webhooks
from chalicelib.domain.exports import KEPT_FOR
from chalicelib.domain.imports import FILE_DAYS
from chalicelib.providers.snapshot_queue import MOST_BYTES
from chalicelib.settings import Settings
from chalicelib.workers import anchor, export, reconcile
from infrastructure import parameters
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]
GATEWAY_GIVES_UP_SECONDS = 29
GATEWAY_TAKES_BYTES = 10 * 1024 * 1024
LAMBDA_TAKES_BYTES = 6 * 1024 * 1024
MOST_RESOURCES = 300  # API Gateway's quota of a REST API; every part of a path is one
OUR_KEY = {"Fn::GetAtt": ["StorageKey", "Arn"]}
OPTIONAL = {  # deployed with their defaults
    "STRIPE_API_BASE",
    "TURNSTILE_URL",
    "ALLOWANCE_FACTOR",
    "OUTGOING_LOOPBACK",  # for a machine of one's own
    "SNAPSHOT_FOLDER",  # Athena is asked instead
}


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def test_the_functions_are_the_api_and_the_workers(template: Template) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    assert {name: properties["Handler"] for name, properties in functions.items()} == {
        "APIHandler": "app.app",
        "Relay": "chalicelib.workers.relay.handle",
        "Follow": "chalicelib.workers.follow.handle",
        "Snapshot": "chalicelib.workers.snapshot.handle",
        "SnapshotBase": "chalicelib.workers.snapshot_base.handle",
        "Together": "chalicelib.workers.together.handle",
        "ExpireRedemptions": "chalicelib.workers.expire_redemptions.handle",
        "ExpirePoints": "chalicelib.workers.expire_points.handle",
        "TellExpiring": "chalicelib.workers.tell_expiring.handle",
        "Remind": "chalicelib.workers.remind.handle",
        "KeepFresh": "chalicelib.workers.keep_fresh.handle",
        "Occasions": "chalicelib.workers.occasions.handle",
        "Letters": "chalicelib.workers.letters.handle",
        "Deliver": "chalicelib.workers.deliver.handle",
        "DeliverAgain": "chalicelib.workers.deliver_again.handle",
        "LettersAgain": "chalicelib.workers.letters_again.handle",
        "MailEvents": "chalicelib.workers.mail_events.handle",
        "Imports": "chalicelib.workers.imports.handle",
        "Post": "chalicelib.workers.post.handle",
        "Erase": "chalicelib.workers.erase.handle",
        "EraseDue": "chalicelib.workers.erase_due.handle",
        "Export": "chalicelib.workers.export.handle",
        "Anchor": "chalicelib.workers.anchor.handle",
        "Reconcile": "chalicelib.workers.reconcile.handle",
    }
    assert {properties["Runtime"] for properties in functions.values()} == {"python3.11"}


def test_the_api_answers_before_the_gateway_gives_up(template: Template) -> None:
    api = of_type(template, "AWS::Serverless::Function")["APIHandler"]
    assert api["Timeout"] < GATEWAY_GIVES_UP_SECONDS


def test_every_setting_is_given_to_every_function_and_nothing_else(template: Template) -> None:
    given = template["Globals"]["Function"]["Environment"]["Variables"]
    assert set(given) == {field.name.upper() for field in fields(Settings)} - OPTIONAL
    for properties in of_type(template, "AWS::Serverless::Function").values():
        assert "Environment" not in properties


def test_no_environment_variable_holds_a_secret(template: Template) -> None:
    given = template["Globals"]["Function"]["Environment"]["Variables"]
    assert all(isinstance(value, dict) for value in given.values())
    assert "SecretString" not in json.dumps(template).replace("GenerateSecretString", "").replace(
        "SecretStringTemplate", ""
    )


def test_the_stream_has_no_more_readers_than_dynamodb_serves_at_full_speed(
    template: Template,
) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    sources = {
        name: {source["Type"] for source in worker.get("Events", {}).values()}
        for name, worker in functions.items()
    }
    assert {name for name, types in sources.items() if "DynamoDB" in types} == {"Relay", "Follow"}


@pytest.mark.parametrize("name", ["Relay", "Follow"])
def test_what_reads_the_stream_reports_failures_one_by_one_and_sets_aside_what_fails(
    template: Template, name: str
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")[name]
    (source,) = worker["Events"].values()
    assert source["Type"] == "DynamoDB"
    wired = source["Properties"]
    assert wired["Stream"] == {"Fn::GetAtt": ["LedgerTable", "StreamArn"]}
    assert wired["StartingPosition"] == "TRIM_HORIZON"
    assert wired["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert wired["BisectBatchOnFunctionError"] is True
    assert 0 < wired["MaximumRetryAttempts"] < 20
    assert wired["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_what_ses_tells_of_our_mails_reaches_the_worker_by_a_queue_that_only_its_rule_fills(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["MailEvents"]
    (source,) = worker["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::GetAtt": ["MailEventQueue", "Arn"]}
    assert source["Properties"]["BatchSize"] == 1
    queue = of_type(template, "AWS::SQS::Queue")["MailEventQueue"]
    assert worker["Timeout"] < queue["VisibilityTimeout"] <= worker["Timeout"] + 30
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {
        "Fn::GetAtt": ["MailEventDeadLetters", "Arn"]
    }
    rule = of_type(template, "AWS::Events::Rule")["MailTroubleRule"]
    assert rule["EventPattern"]["detail"]["mail"]["tags"] == {
        "ses:configuration-set": [{"Ref": "MailConfiguration"}]
    }
    policy = of_type(template, "AWS::SQS::QueuePolicy")["MailEventQueuePolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["MailTroubleRule", "Arn"]}}
    }
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    assert shared["MAIL_CONFIGURATION"] == {"Ref": "MailConfiguration"}


@pytest.mark.parametrize(
    "name",
    [
        "ExpireRedemptions",
        "ExpirePoints",
        "TellExpiring",
        "EraseDue",
        "Remind",
        "KeepFresh",
        "Occasions",
        "LettersAgain",
    ],
)
def test_what_falls_due_is_looked_for_every_hour(template: Template, name: str) -> None:
    worker = of_type(template, "AWS::Serverless::Function")[name]
    (source,) = worker["Events"].values()
    assert (source["Type"], source["Properties"]["Schedule"]) == ("Schedule", "rate(1 hour)")


def test_the_root_of_the_day_is_worked_on_until_it_is_there(template: Template) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Anchor"]
    (source,) = worker["Events"].values()
    assert (source["Type"], source["Properties"]["Schedule"]) == ("Schedule", "rate(15 minutes)")
    assert worker["Timeout"] >= anchor.WORK_SECONDS + 300  # what was begun is ended


def test_the_books_are_gone_through_every_five_minutes_by_one_run_at_a_time(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Reconcile"]
    (source,) = worker["Events"].values()
    assert (source["Type"], source["Properties"]["Schedule"]) == ("Schedule", "rate(5 minutes)")
    assert reconcile.WORK_SECONDS + 60 < worker["Timeout"] <= 300  # what was begun is ended


def test_purchases_in_bulk_fail_one_by_one_and_what_is_refused_raises_an_alarm(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Post"]
    (source,) = worker["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::GetAtt": ["PurchaseQueue", "Arn"]}
    assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    queue = of_type(template, "AWS::SQS::Queue")["PurchaseQueue"]
    assert queue["VisibilityTimeout"] > worker["Timeout"]
    letters = queue["RedrivePolicy"]["deadLetterTargetArn"]
    assert letters == {"Fn::GetAtt": ["PurchaseDeadLetters", "Arn"]}
    for alarm, watched_queue in (
        ("PurchasesSetAside", "PurchaseDeadLetters"),
        ("PurchasesRefused", "RefusedQueue"),
    ):
        assert watched(alarms(template)[alarm])["Dimensions"] == {
            "QueueName": {"Fn::GetAtt": [watched_queue, "QueueName"]}
        }


def test_imports_are_fed_by_a_queue_that_sets_aside_what_fails(template: Template) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Imports"]
    (source,) = worker["Events"].values()
    wired = source["Properties"]
    assert source["Type"] == "SQS"
    assert wired["Queue"] == {"Fn::GetAtt": ["ImportQueue", "Arn"]}
    assert wired["BatchSize"] == 1
    queue = of_type(template, "AWS::SQS::Queue")["ImportQueue"]
    # Sooner, and a message would come again while the function is at it; much later, and what was
    # killed would wait.
    assert worker["Timeout"] < queue["VisibilityTimeout"] <= worker["Timeout"] + 30
    letters = queue["RedrivePolicy"]["deadLetterTargetArn"]
    assert letters == {"Fn::GetAtt": ["ImportDeadLetters", "Arn"]}
    assert watched(alarms(template)["ImportsSetAside"])["Dimensions"] == {
        "QueueName": {"Fn::GetAtt": ["ImportDeadLetters", "QueueName"]}
    }


def test_exports_are_fed_by_a_queue_that_gives_up_when_the_worker_says_so(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Export"]
    (source,) = worker["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::GetAtt": ["ExportQueue", "Arn"]}
    assert source["Properties"]["BatchSize"] == 1
    queue = of_type(template, "AWS::SQS::Queue")["ExportQueue"]
    assert worker["Timeout"] < queue["VisibilityTimeout"] <= worker["Timeout"] + 30
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["ExportDeadLetters", "Arn"]},
        "maxReceiveCount": export.MOST_TRIES,
    }
    assert watched(alarms(template)["ExportsSetAside"])["Dimensions"] == {
        "QueueName": {"Fn::GetAtt": ["ExportDeadLetters", "QueueName"]}
    }


def test_no_webhook_waits_for_another_and_an_outage_of_half_an_hour_leaves_no_hole(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Deliver"]
    (source,) = worker["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::GetAtt": ["WebhookQueue", "Arn"]}
    assert source["Properties"]["BatchSize"] == 1
    at_once = source["Properties"]["ScalingConfig"]["MaximumConcurrency"]
    assert at_once >= webhooks.MOST_WEBHOOKS * webhooks.SHARDS
    queue = of_type(template, "AWS::SQS::Queue")["WebhookQueue"]
    assert worker["Timeout"] < queue["VisibilityTimeout"] <= worker["Timeout"] + 30
    tries = queue["RedrivePolicy"]["maxReceiveCount"]
    assert tries * queue["VisibilityTimeout"] > 30 * 60


def test_letters_are_fed_by_a_queue_slowly_and_set_aside_when_they_fail(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Letters"]
    (source,) = worker["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::GetAtt": ["LetterQueue", "Arn"]}
    assert source["Properties"]["BatchSize"] == 1
    assert source["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 2}
    queue = of_type(template, "AWS::SQS::Queue")["LetterQueue"]
    assert worker["Timeout"] < queue["VisibilityTimeout"] <= worker["Timeout"] + 30
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {
        "Fn::GetAtt": ["LetterDeadLetters", "Arn"]
    }


def test_the_snapshot_is_fed_in_large_batches_by_a_queue_that_forgets_within_a_day(
    template: Template,
) -> None:
    worker = of_type(template, "AWS::Serverless::Function")["Snapshot"]
    (source,) = worker["Events"].values()
    wired = source["Properties"]
    assert wired["Queue"] == {"Fn::GetAtt": ["SnapshotQueue", "Arn"]}
    assert wired["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert wired["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert wired["MaximumBatchingWindowInSeconds"] == 60
    quoted = 2  # JSON in JSON: twice as long, were it all quotation marks
    assert wired["BatchSize"] * (MOST_BYTES * quoted + 1_000) < LAMBDA_TAKES_BYTES
    queue = of_type(template, "AWS::SQS::Queue")["SnapshotQueue"]
    at_work = worker["Timeout"] + wired["MaximumBatchingWindowInSeconds"]
    assert at_work < queue["VisibilityTimeout"] <= at_work + 30
    assert queue["MessageRetentionPeriod"] == 86_400
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {
        "Fn::GetAtt": ["SnapshotDeadLetters", "Arn"]
    }


def test_imports_erasures_letters_and_replays_may_send_themselves_on_for_as_long_as_it_takes(
    template: Template,
) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    loops = {name: worker.get("RecursiveLoop", "Terminate") for name, worker in functions.items()}
    assert {name for name, loop in loops.items() if loop == "Allow"} == {
        "Imports",
        "Erase",
        "Letters",
        "Deliver",
    }


@pytest.mark.parametrize(
    ("name", "days"), [("ImportBucket", FILE_DAYS), ("ExportBucket", KEPT_FOR.days)]
)
def test_files_are_encrypted_nobodys_and_forgotten(
    template: Template, name: str, days: int
) -> None:
    bucket = of_type(template, "AWS::S3::Bucket")[name]
    assert "VersioningConfiguration" not in bucket  # what is deleted is gone
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": OUR_KEY},
    }
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", days)
    assert "Prefix" not in rule
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    policy = of_type(template, "AWS::S3::BucketPolicy")[f"{name}Policy"]
    [denied] = policy["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_function_logs_into_a_group_that_forgets(template: Template) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup")
    for name, properties in of_type(template, "AWS::Serverless::Function").items():
        group = properties["LoggingConfig"]["LogGroup"]["Ref"]
        assert group == f"{name}Logs"
        assert groups[group]["RetentionInDays"] == 30


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("MISSING_AUTHENTICATION_TOKEN", refused.RouteNotFound()),
        ("REQUEST_TOO_LARGE", refused.BodyTooLarge(GATEWAY_TAKES_BYTES)),
        ("THROTTLED", refusals.TooManyRequests(1)),
        ("INTEGRATION_TIMEOUT", refusals.TryAgain(1)),
        ("INTEGRATION_FAILURE", refusals.TryAgain(1)),
        ("DEFAULT_5XX", refusals.TryAgain(1)),
    ],
)
def test_the_gateway_refuses_in_the_words_of_the_service(
    template: Template, kind: str, refusal: refusals.Refusal
) -> None:
    answer = gateway_answer(template, kind)
    problem = problems.problem_of(refusal)
    assert problem is not None
    said = json.loads(answer["ResponseTemplates"]["application/json"])
    assert said == problem.document("$context.requestId")
    assert answer["StatusCode"] == problem.status
    headers = answer["ResponseParameters"]["Headers"]
    assert headers.get("Retry-After", "").strip("'") == problem.headers.get("Retry-After", "")


def test_what_else_the_gateway_refuses_is_a_problem_document_too(template: Template) -> None:
    answer = gateway_answer(template, "DEFAULT_4XX")
    said = json.loads(answer["ResponseTemplates"]["application/json"])
    assert {"type", "title", "detail", "code", "request_id"} == set(said)
    assert "StatusCode" not in answer  # it stays what the gateway says


def test_whatever_the_gateway_refuses_a_browser_may_read(template: Template) -> None:
    for kind in template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]:
        headers = gateway_answer(template, kind)["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == f"'{problems.MEDIA_TYPE}'"
        assert headers["Access-Control-Allow-Origin"] == "'*'"
        assert "X-Request-Id" in headers["Access-Control-Expose-Headers"]
        assert headers["X-Request-Id"] == "context.requestId"


def gateway_answer(template: Template, kind: str) -> dict[str, Any]:
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    answer: dict[str, Any] = answers[kind]
    return answer


def test_the_gateway_answers_every_preflight_itself(template: Template) -> None:
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    for path, methods in paths.items():
        integration = methods["options"]["x-amazon-apigateway-integration"]
        given = integration["responses"]["default"]["responseParameters"]
        said = {name.rpartition(".")[2]: value.strip("'") for name, value in given.items()}
        assert integration["type"] == "mock"
        assert said["Access-Control-Allow-Origin"] == "*"
        allowed = set(said["Access-Control-Allow-Headers"].split(","))
        assert {"Authorization", "Content-Type", "Idempotency-Key", "If-Match"} <= allowed, path
        asked = set(said["Access-Control-Allow-Methods"].split(","))
        assert asked == {method.upper() for method in methods}, path
        exposed = {"ETag", "Idempotent-Replayed", "Retry-After", "X-Request-Id"}
        assert set(said["Access-Control-Expose-Headers"].split(",")) == exposed, path


def test_parameters_at_one_place_of_a_path_have_one_name(template: Template) -> None:
    """API Gateway refuses a second name beside the first, but only when it is deployed."""
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    named: dict[str, set[str]] = {}
    for path in paths:
        parts = path.split("/")
        for depth, part in enumerate(parts):
            if part.startswith("{"):
                named.setdefault("/".join(parts[:depth]), set()).add(part)
    assert {place: names for place, names in named.items() if len(names) > 1} == {}


def test_the_api_has_fewer_resources_than_a_gateway_takes(template: Template) -> None:
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    resources = {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, 9)}
    assert len(resources) < MOST_RESOURCES


def test_tables_are_on_demand_keyed_alike_and_outlive_their_stack(template: Template) -> None:
    tables = of_type(template, "AWS::DynamoDB::Table")
    names = ("Ledger", "People", "Keys", "Config", "Audit", "Anchors")
    assert set(tables) == {f"{name}Table" for name in names}
    for name, table in tables.items():
        assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProtected", True, False]}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"


def test_every_table_can_be_restored_but_the_data_keys(template: Template) -> None:
    restorable = {
        name: table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        for name, table in of_type(template, "AWS::DynamoDB::Table").items()
    }
    assert restorable.pop("KeysTable") is False
    assert set(restorable.values()) == {True}


def test_whatever_lies_in_tables_queues_buckets_and_the_secret_is_under_our_own_key(
    template: Template,
) -> None:
    for table in of_type(template, "AWS::DynamoDB::Table").values():
        assert table["SSESpecification"] == {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": OUR_KEY,
        }
    for queue in of_type(template, "AWS::SQS::Queue").values():
        assert queue["KmsMasterKeyId"] == OUR_KEY
    for bucket in of_type(template, "AWS::S3::Bucket").values():
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == OUR_KEY
    for secret in of_type(template, "AWS::SecretsManager::Secret").values():
        assert secret["KmsKeyId"] == OUR_KEY
    [workgroup] = of_type(template, "AWS::Athena::WorkGroup").values()
    answers = workgroup["WorkGroupConfiguration"]["ResultConfiguration"]
    assert answers["EncryptionConfiguration"] == {
        "EncryptionOption": "SSE_KMS",
        "KmsKey": OUR_KEY,
    }


def test_our_key_opens_nothing_but_through_the_services_that_keep_what_it_seals(
    template: Template,
) -> None:
    key = of_type(template, "AWS::KMS::Key")["StorageKey"]
    account, everybody, rules = key["KeyPolicy"]["Statement"]
    assert key["EnableKeyRotation"] is True
    assert account["Principal"]["AWS"]["Fn::Sub"].endswith(":root")
    assert everybody["Principal"] == {"AWS": "*"}
    only_where = everybody["Condition"]["StringEquals"]
    assert only_where["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    assert [row["Fn::Sub"].partition(".")[0] for row in only_where["kms:ViaService"]] == [
        "dynamodb",
        "s3",
        "secretsmanager",
        "sqs",
    ]
    assert not any("*" in action for action in everybody["Action"])
    assert "kms:CreateGrant" not in everybody["Action"]
    assert rules["Principal"] == {"Service": "events.amazonaws.com"}
    assert rules["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_other_kind_of_api_passes_everything_to_the_same_function_and_says_the_same_of_cors(
    template: Template,
) -> None:
    resources = template["Resources"]
    kinds = {name: row["Condition"] for name, row in resources.items() if "Condition" in row}
    ours = {name for name, condition in kinds.items() if condition == "IsHttpApi"}
    assert ours == {"HttpApi", "HttpIntegration", "HttpRoute", "HttpStage", "HttpInvokePermission"}
    assert kinds["RestAPI"] == kinds["APIHandlerInvokePermission"] == "IsRestApi"
    assert resources["HttpRoute"]["Properties"]["RouteKey"] == one_route.EVERYTHING
    integration = resources["HttpIntegration"]["Properties"]
    assert integration["PayloadFormatVersion"] == "1.0"
    api = of_type(template, "AWS::Serverless::Function")["APIHandler"]
    assert api["Timeout"] * 1000 < integration["TimeoutInMillis"] <= 30_000
    said = resources["HttpApi"]["Properties"]["CorsConfiguration"]
    assert set(said["ExposeHeaders"]) == {
        "ETag",
        "Idempotent-Replayed",
        "Retry-After",
        "X-Request-Id",
    }
    asked = {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Access-Reason"}
    assert asked <= set(said["AllowHeaders"])


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_every_stage_gives_what_the_template_asks_for_and_nothing_else(
    template: Template, stage: str
) -> None:
    path = ROOT / "infrastructure" / "stages" / f"{stage}.json"
    given: dict[str, str] = json.loads(path.read_text())["Parameters"]
    declared = template["Parameters"]
    assert set(given) <= set(declared)
    assert {name for name, row in declared.items() if "Default" not in row} <= set(given)
    for name, value in given.items():
        assert value in declared[name].get("AllowedValues", [value]), name
    kept = {"dev": ("off", "off")}.get(stage, ("on", "on"))
    assert (given["Firewall"], given["DeletionProtection"]) == kept


def test_the_firewall_stands_before_the_api_that_it_can_stand_before(template: Template) -> None:
    assert template["Conditions"]["HasFirewall"] == {
        "Fn::And": [{"Condition": "IsRestApi"}, {"Fn::Equals": [{"Ref": "Firewall"}, "on"]}]
    }
    rules = of_type(template, "AWS::WAFv2::WebACL")["WebFirewall"]["Rules"]
    assert [rule["Name"] for rule in rules] == ["floods", "known-attackers", "known-attacks"]
    floods = rules[0]["Action"]["Block"]["CustomResponse"]
    assert floods["ResponseCode"] == 429
    assert {"Name": "Retry-After", "Value": "60"} in floods["ResponseHeaders"]


def test_staff_has_its_groups_in_the_pool_that_is_made_where_no_issuer_is_named(
    template: Template,
) -> None:
    groups = of_type(template, "AWS::Cognito::UserPoolGroup").values()
    assert {group["GroupName"] for group in groups} == {"admin", "marketer", "privacy", "support"}
    assert template["Conditions"]["HasOwnUserPool"] == {"Fn::Equals": [{"Ref": "OidcIssuer"}, ""]}
    given = template["Globals"]["Function"]["Environment"]["Variables"]
    for name in ("OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_JWKS_URL"):
        assert given[name]["Fn::If"][0] == "HasOwnUserPool"


def test_the_ledger_streams_new_images_and_never_forgets(template: Template) -> None:
    ledger = of_type(template, "AWS::DynamoDB::Table")["LedgerTable"]
    assert ledger["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert "TimeToLiveSpecification" not in ledger


def test_the_naming_secret_is_made_of_hex_digits(template: Template) -> None:
    (secret,) = of_type(template, "AWS::SecretsManager::Secret").values()
    made = secret["GenerateSecretString"]
    printable = {chr(code) for code in range(33, 127)}
    assert sorted(printable - set(made["ExcludeCharacters"])) == sorted("0123456789abcdef")
    assert made["PasswordLength"] == 64
    assert made["GenerateStringKey"] == "naming_secret"


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("LedgerTampered", lambda: observability.log_tampering("MODIFY", "1")),
        ("BooksDoNotReconcile", lambda: observability.log_breaches({"hash_wrong": 1}, 1)),
    ],
)
def test_the_alarm_of_a_wrong_ledger_looks_at_the_metric_that_is_logged(
    template: Template, capsys: pytest.CaptureFixture[str], name: str, log: Callable[[], None]
) -> None:
    log()
    line = json.loads(capsys.readouterr().out)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    line["stage"] = {"Ref": "Stage"}  # which every function is given in STAGE
    written = [
        {
            "Namespace": directive["Namespace"],
            "MetricName": metric["Name"],
            "Dimensions": {name: line[name] for name in names},
        }
        for metric in directive["Metrics"]
        for names in directive["Dimensions"]
    ]
    alarm = alarms(template)[name]
    assert watched(alarm) in written
    assert (alarm["Statistic"], line[alarm["MetricName"]]) == ("Sum", 1)


def test_the_alarm_of_dead_letters_looks_at_the_queue_that_the_relay_fills(
    template: Template,
) -> None:
    relay = of_type(template, "AWS::Serverless::Function")["Relay"]
    [source] = relay["Events"].values()
    queue, _ = source["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"]
    assert watched(alarms(template)["EventsSetAside"]) == {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": {"QueueName": {"Fn::GetAtt": [queue, "QueueName"]}},
    }


def test_alarms_are_encrypted_with_a_key_that_cloudwatch_may_use_and_nothing_else_of_ours(
    template: Template,
) -> None:
    topic = of_type(template, "AWS::SNS::Topic")["Alarms"]
    keys = of_type(template, "AWS::KMS::Key")
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": ["AlarmsKey", "Arn"]}
    allowed = {
        name: [s["Action"] for s in key["KeyPolicy"]["Statement"] if "Service" in s["Principal"]]
        for name, key in keys.items()
    }
    needed = ["kms:Decrypt", "kms:GenerateDataKey*"]
    filling_queues = ["kms:Decrypt", "kms:GenerateDataKey"]
    assert allowed == {
        "AlarmsKey": [needed],
        "MasterKey": [],
        "RootKey": [],
        "StorageKey": [filling_queues],
    }


def test_alarms_are_mailed_where_an_address_is_given_and_none_is_needed(
    template: Template,
) -> None:
    assert template["Parameters"]["AlarmEmail"]["Default"] == ""
    given = {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}
    assert template["Conditions"]["AlarmsAreMailed"] == given
    assert template["Resources"]["AlarmMail"]["Condition"] == "AlarmsAreMailed"
    mailed = {"TopicArn": {"Ref": "Alarms"}, "Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}
    assert of_type(template, "AWS::SNS::Subscription") == {"AlarmMail": mailed}


def test_what_each_function_gets_is_what_the_page_gives_a_reason_for(template: Template) -> None:
    page = (ROOT / "docs" / "decisions" / "functions.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    said = {cells[0]: cells[1:3] for cells in rows[1:]}
    assert said == {
        name: [str(properties["MemorySize"]), str(properties["Timeout"])]
        for name, properties in of_type(template, "AWS::Serverless::Function").items()
    }
    at_once = {cells[0]: cells[3] for cells in rows[1:]}
    for name, properties in of_type(template, "AWS::Serverless::Function").items():
        for source in properties.get("Events", {}).values():
            most = source["Properties"].get("ScalingConfig", {}).get("MaximumConcurrency")
            assert most is None or at_once[name] == str(most)


def test_every_parameter_says_what_it_is_for_on_the_page_that_is_made_of_them() -> None:
    assert parameters.PATH.read_text() == parameters.page()


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def watched(alarm: dict[str, Any]) -> dict[str, Any]:
    """The metric that an alarm looks at; CloudWatch finds none whose dimensions differ."""
    dimensions = {row["Name"]: row["Value"] for row in alarm.get("Dimensions", [])}
    return {
        "Namespace": alarm["Namespace"],
        "MetricName": alarm["MetricName"],
        "Dimensions": dimensions,
    }
