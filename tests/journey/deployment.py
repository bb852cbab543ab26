"""The packaged service, deployed onto MiniStack as CloudFormation would deploy it onto AWS.

Runs MiniStack from an environment of its own, so that a library which the package lacks shows, and
with every role enforced, so that a policy which is too narrow shows. Knows no route.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import time
from typing import Any

import boto3

from infrastructure.local import ministack, stripe_double
from infrastructure.local.issuer import Issuer
from tests.packaged import ROOT

PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
BUCKET = "code"
STACK = "stampbook"
SENDER = "hello@stampbook.example"
AUDIENCE = "stampbook-packaged"
TEST_KEY = "sk_test_packaged"
THE_ACCOUNT = ("test", "test")
"""Its own access key, which may do everything."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; `body` is parsed JSON, None when there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack. `resources`: logical id -> physical id. `cloud`: what it runs on. `stripe`:
    whom it takes for Stripe."""

    cloud: ministack.MiniStack
    resources: Mapping[str, str]
    issuer: Issuer
    stripe: stripe_double.Double

    @property
    def endpoint(self) -> str:
        """The address of all of AWS."""
        return self.cloud.endpoint

    def client(self, service: str, key: tuple[str, str] = THE_ACCOUNT) -> Any:
        """A client with the rights of whose access key it is."""
        return client(self.endpoint, service, key)

    def call(
        self, method: str, path: str, body: object = None, *, token: str = "", **headers: str
    ) -> Answer:
        """One request. token: a bearer's; headers: with underscores for dashes."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Host"] = f"{self.resources['RestAPI']}.execute-api.localhost"  # as AWS names it
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.endpoint}/api{path}", data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return _answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _answer(refusal.code, refusal.headers, refusal.read())


def _answer(status: int, headers: Any, content: bytes) -> Answer:
    lowered = {name.lower(): value for name, value in headers.items()}
    is_json = "json" in lowered.get("content-type", "")
    return Answer(status, lowered, json.loads(content) if is_json and content else content)


def client(endpoint: str, service: str, key: tuple[str, str] = THE_ACCOUNT) -> Any:
    return boto3.client(  # type: ignore[call-overload]  # overloads want literals
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
    )


@contextmanager
def deployed(package: Path) -> Iterator[Deployment]:
    """Deploy a package's folder; everything is gone at the end."""
    with (
        closing(stripe_double.start(TEST_KEY, time)) as stripe,
        issuing() as (issuer, address),
        # Ends first: its functions keep their connections to the others open.
        ministack.running(python=str(PYTHON), enforce_policies=True) as cloud,
    ):
        client(cloud.endpoint, "ses").verify_email_identity(EmailAddress=SENDER)
        _upload(cloud.endpoint, package, {"STRIPE_API_BASE": stripe.url})
        deployment = Deployment(cloud, _create(cloud.endpoint, address), issuer, stripe)
        _fill_in_the_secret(deployment)
        _shape_the_gateways_answers(deployment, package)
        yield deployment


@contextmanager
def issuing() -> Iterator[tuple[Issuer, str]]:
    """An issuer on loopback and its address; its keys are at `<address>/jwks.json`."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(issuer.jwks())

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    address = f"http://127.0.0.1:{server.server_port}"
    issuer = Issuer(address, AUDIENCE, lambda: datetime.now(UTC))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer, address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _upload(endpoint: str, package: Path, settings: Mapping[str, str]) -> None:
    """Put the package where CloudFormation reads it; settings: of every function, besides."""
    template = json.loads((package / "template.json").read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{BUCKET}/deployment.zip"
    given = template["Globals"]["Function"]["Environment"]["Variables"]
    given.update(settings)
    given["OUTGOING_LOOPBACK"] = "allowed"  # receivers of webhooks are on this machine, too
    for bucket in ("ImportBucket", "ExportBucket", "SnapshotBucket"):
        del template["Resources"][f"{bucket}Policy"]  # it lets nobody in without TLS; here is none
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            _widen_what_ministack_cannot_see(resource["Properties"]["Policies"])
    s3 = client(endpoint, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(package / "deployment.zip"), BUCKET, "deployment.zip")
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template))


def _widen_what_ministack_cannot_see(policies: list[dict[str, Any]]) -> None:
    """MiniStack sees neither which identity sends a mail nor whose workgroup a query is of, and
    asks for a right to send many messages that AWS does not have: there it is that to send one."""
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            if {"ses:SendEmail", "athena:GetQueryExecution"} & set(statement["Action"]):
                statement["Resource"] = "*"
            if "sqs:SendMessage" in statement["Action"]:
                statement["Action"].append("sqs:SendMessageBatch")


def _create(endpoint: str, issuer: str) -> dict[str, str]:
    """Create the stack and wait for it; logical id -> physical id."""
    parameters = {
        "Stage": "packaged",
        "MailFrom": SENDER,
        "MailIdentity": SENDER,
        "PublicUrl": "https://api.stampbook.example",
        "OidcIssuer": issuer,
        "OidcAudience": AUDIENCE,
        "OidcJwksUrl": f"{issuer}/jwks.json",
    }
    cloudformation = client(endpoint, "cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{endpoint}/{BUCKET}/template.json",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in resources}


def _fill_in_the_secret(deployment: Deployment) -> None:
    """Do what an operator does once: add the providers' keys to the generated secret."""
    secrets = deployment.client("secretsmanager")
    name = deployment.resources["Secret"]
    values = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    providers = ("stripe_api_key", "stripe_webhook_secret", "turnstile_secret")
    values |= dict.fromkeys(providers, TEST_KEY)
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(values))


def _shape_the_gateways_answers(deployment: Deployment, package: Path) -> None:
    """Do for MiniStack what AWS does itself: read the answers in the API's own document."""
    template = json.loads((package / "template.json").read_text())
    gateway = deployment.client("apigateway")
    api = deployment.resources["RestAPI"]
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    for kind, answer in answers.items():
        status = {"statusCode": str(answer["StatusCode"])} if "StatusCode" in answer else {}
        headers = answer["ResponseParameters"]["Headers"].items()
        gateway.put_gateway_response(
            restApiId=api,
            responseType=kind,
            responseParameters={f"gatewayresponse.header.{n}": value for n, value in headers},
            responseTemplates=answer["ResponseTemplates"],
            **status,
        )
    gateway.create_deployment(restApiId=api, stageName="api")
