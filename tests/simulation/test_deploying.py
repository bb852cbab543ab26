"""A stage's life on a local AWS: deployed, changed, broken, taken back, rolled back.

What this does not prove stands in docs/deploy.md: canary, alarms, and how long a real one takes.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.changes import CannotChange, Stack
from infrastructure.deploy import Target, deploy, smoke
from infrastructure.local import ministack
from infrastructure.local.issuer import Issuer
from infrastructure.releases import Releases
from infrastructure.rollback import roll_back
from tests.journey.deployment import (
    AUDIENCE,
    PYTHON,
    SENDER,
    TEST_KEY,
    Deployment,
    client,
    issuing,
)
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT, the_package

pytestmark = NEEDS_LAMBDAS_PYTHON

NAME = "stampbook-dev"  # as `make deploy STAGE=dev` calls it
PARAMETERS = {
    "Stage": "rehearsed",
    "MailFrom": SENDER,
    "MailIdentity": SENDER,
    "PublicUrl": "https://api.stampbook.example",
    "OidcAudience": AUDIENCE,
    "Unknown": "a parameter that only another release knows",
}
APP = ("app.py", "__pycache__/app.cpython-311.pyc")
BROKEN = "def app(event, context):\n    return {'statusCode': 500, 'body': 'half a release'}\n"


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

    def tables(self) -> dict[str, str]:
        return self.target.stack.resources("AWS::DynamoDB::Table")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with ministack.running(python=str(PYTHON)) as cloud, issuing() as (issuer, address):
        end = cloud.endpoint
        client(end, "ses").verify_email_identity(EmailAddress=SENDER)
        said: list[str] = []
        answers: list[bool] = []

        def tried(address: str) -> bool:
            answers.append(smoke(address))
            return answers[-1]

        pause = threading.Event().wait
        target = Target(
            stack=Stack(client(end, "cloudformation"), NAME, pause, said.append, 0.1),
            releases=Releases(client(end, "s3"), "releases", NAME),
            secrets=client(end, "secretsmanager"),
            parameters=PARAMETERS | {"OidcIssuer": address, "OidcJwksUrl": f"{address}/jwks.json"},
            say=said.append,
            agrees=lambda _: True,
            tried=tried,
            local=end,
        )
        yield Stage(target, cloud, issuer, said, answers)


def package_with(made: Path, folder: Path, app: str | None) -> Path:
    """A package with another app.py, or with a word more beside the one that it has."""
    folder.mkdir()
    shutil.copy(made / "template.json", folder)
    with (
        zipfile.ZipFile(made / "deployment.zip") as old,
        zipfile.ZipFile(folder / "deployment.zip", "w") as new,
    ):
        for entry in old.infolist():
            if app is None or entry.filename not in APP:
                new.writestr(entry, old.read(entry))
        new.writestr("app.py" if app is not None else "a-word-more.txt", app or "a word more")
    return folder


def test_a_broken_release_fails_its_smoke_test_and_the_former_one_serves(
    stage: Stage, tmp_path: Path
) -> None:
    target, said, made = stage.target, stage.said, the_package()
    assert deploy(target, made)
    assert "once its secret has the providers' keys" in said[-1]
    assert not target.releases.served()
    stage.fill_in_the_secret()
    assert deploy(target, made), said
    assert "nothing to change" in said
    good, tables = target.serving(), stage.tables()

    broken = package_with(made, tmp_path / "broken", BROKEN)
    assert not deploy(target, broken)
    assert stage.answers == [True, False, True], said
    assert (target.serving(), stage.tables()) == (good, tables)
    assert [served.release for served in target.releases.served()] == [good]

    assert deploy(target, package_with(made, tmp_path / "next", None)), said
    assert target.serving() != good
    roll_back(target)
    assert (target.serving(), said[-1]) == (good, f"{good} serves again")
    with pytest.raises(CannotChange, match="served nothing well before"):
        roll_back(target)

    without = package_with(made, tmp_path / "without", None)
    template = json.loads((without / "template.json").read_text())
    template["Resources"]["LedgerTable"]["Properties"]["TableName"] = "another"
    (without / "template.json").write_text(json.dumps(template))
    with pytest.raises(CannotChange, match="data would be left behind in LedgerTable"):
        deploy(target, without)
    assert (target.serving(), stage.tables()) == (good, tables)


def test_a_drill_restores_the_tables_reconciles_their_books_and_leaves_nothing_behind(
    stage: Stage,
) -> None:
    target, end = stage.target, stage.cloud.endpoint
    deploy(target, the_package())
    stage.fill_in_the_secret()
    service = Deployment(end, {"RestAPI": target.stack.outputs()["RestAPIId"]}, stage.issuer)
    marketer, admin = stage.issuer.token("mia", ["marketer"]), stage.issuer.token("ann", ["admin"])
    base = {"name": "Coffee", "zone": "Europe/Berlin", "currency": "EUR"}
    program = base | {"base": {"points": 1, "per_minor": 100}}
    service.call("PUT", "/v1/program", program, token=marketer, If_Match='"0"')
    till = service.call("POST", "/v1/keys", {"source": "till-1"}, token=admin).body["secret"]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    line = {"line_id": "1", "sku": "beans", "quantity": 1, "amount_minor": 2550}
    purchase = {"purchase_id": "p-1", "occurred_at": now, "currency": "EUR"}
    posted = service.call(
        "POST", "/v1/purchases", purchase | {"member": None, "lines": [line]}, token=till
    )
    assert posted.status == 201, posted.body
    dynamodb = client(end, "dynamodb")
    before = dynamodb.list_tables()["TableNames"]

    command = [sys.executable, "-m", "infrastructure.restore_drill", "--stage", "dev", "--yes"]
    environment = os.environ | stage.cloud.environment()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout[done.stdout.index("\n{") : done.stdout.rindex("\n}") + 2])
    assert (report["found"]["clean"], report["not_restored"]) == (True, ["KeysTable"])
    assert report["found"]["seen"]["purchases"] == 1
    assert "does not prove" in done.stdout
    assert dynamodb.list_tables()["TableNames"] == before
