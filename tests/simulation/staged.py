"""A stage on a local AWS, deployed to as `make deploy` does it. Knows no route."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infrastructure.changes import Stack
from infrastructure.deploy import Target, smoke
from infrastructure.local import ministack
from infrastructure.local.issuer import Issuer
from infrastructure.releases import Releases
from tests.journey.deployment import AUDIENCE, PYTHON, SENDER, TEST_KEY, client, issuing

NAME = "stampbook-dev"  # as `make deploy STAGE=dev` calls it
PARAMETERS = {
    "Stage": "rehearsed",
    "MailFrom": SENDER,
    "MailIdentity": SENDER,
    "PublicUrl": "https://api.stampbook.example",
    "OidcAudience": AUDIENCE,
    "Unknown": "a parameter that only another release knows",
}


@dataclass
class Stage:
    """A stage on a local AWS. answers: what each smoke test said, in order."""

    target: Target
    cloud: ministack.MiniStack
    issuer: Issuer
    said: list[str] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)

    def fill_in_the_secret(self) -> None:
        (arn,) = self.target.stack.resources("AWS::SecretsManager::Secret").values()
        secrets = self.target.secrets
        values = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
        keys = ("stripe_api_key", "stripe_webhook_secret", "turnstile_secret")
        values |= dict.fromkeys(keys, TEST_KEY)
        secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(values))

    def told(self, method: str, path: str, body: object, token: str) -> Any:
        """What the API answers a request, parsed; raises HTTPError where it refuses."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        sent |= {"If-Match": '"0"'} if method == "PUT" else {}  # what is not there yet
        address = self.target.address() + path
        asked = urllib.request.Request(address, json.dumps(body).encode(), sent, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)

    def tables(self) -> dict[str, str]:
        return self.target.stack.resources("AWS::DynamoDB::Table")


@contextmanager
def staged(**chosen: str) -> Iterator[Stage]:
    """A stage where nothing is deployed yet. chosen: parameters beside those that it needs."""
    with ministack.running(python=str(PYTHON)) as cloud, issuing() as (issuer, address):
        end = cloud.endpoint
        client(end, "ses").verify_email_identity(EmailAddress=SENDER)
        said: list[str] = []
        answers: list[bool] = []

        def tried(address: str) -> bool:
            answers.append(smoke(address))
            return answers[-1]

        believed = {"OidcIssuer": address, "OidcJwksUrl": f"{address}/jwks.json"}
        pause = threading.Event().wait
        target = Target(
            stack=Stack(client(end, "cloudformation"), NAME, pause, said.append, 0.1),
            releases=Releases(client(end, "s3"), "releases", NAME),
            secrets=client(end, "secretsmanager"),
            parameters=PARAMETERS | believed | chosen,
            say=said.append,
            agrees=lambda _: True,
            tried=tried,
            local=end,
        )
        yield Stage(target, cloud, issuer, said, answers)
