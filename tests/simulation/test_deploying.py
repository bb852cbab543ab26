"""A stage's life on a local AWS: deployed, changed, broken, taken back, rolled back.

What this does not prove stands in docs/deploy.md: canary, alarms, and how long a real one takes.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infrastructure.changes import CannotChange
from infrastructure.deploy import deploy
from infrastructure.rollback import roll_back
from tests.journey.deployment import client
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT, the_package
from tests.simulation.staged import Stage, staged

pytestmark = [NEEDS_LAMBDAS_PYTHON, pytest.mark.timeout(300)]  # one deployment after another

APP = ("app.py", "__pycache__/app.cpython-311.pyc")
BROKEN = "def app(event, context):\n    return {'statusCode': 500, 'body': 'half a release'}\n"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as one:
        yield one


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


@pytest.mark.timeout(400)  # five deployments, on a machine that others may use as well
def test_a_broken_release_fails_its_smoke_test_and_the_former_one_serves(
    stage: Stage, tmp_path: Path
) -> None:
    target, said, made = stage.target, stage.said, the_package()
    assert deploy(target, made), said
    assert "not set up: cards on file, for want of stripe_api_key" in said
    stage.fill_in_the_secret()
    assert deploy(target, made), said
    assert "nothing to change" in said
    assert said[-1].startswith(f"{target.serving()} serves at ")
    good, tables = target.serving(), stage.tables()

    broken = package_with(made, tmp_path / "broken", BROKEN)
    assert not deploy(target, broken)
    assert stage.answers == [True, True, False, True], said
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


def told(stage: Stage, program: str, *given: str) -> subprocess.CompletedProcess[str]:
    """One of our programs, as from a shell that talks to the stage's cloud."""
    command = [sys.executable, "-m", f"infrastructure.{program}", *given]
    environment = os.environ | stage.cloud.environment()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_drill_restores_the_tables_reconciles_their_books_and_leaves_nothing_behind(
    stage: Stage,
) -> None:
    target, end = stage.target, stage.cloud.endpoint
    deploy(target, the_package())
    marketer, admin = stage.issuer.token("mia", ["marketer"]), stage.issuer.token("ann", ["admin"])
    base = {"name": "Coffee", "zone": "Europe/Berlin", "currency": "EUR"}
    program = base | {"base": {"points": 1, "per_minor": 100}}
    stage.told("PUT", "/v1/program", program, marketer)
    till = stage.told("POST", "/v1/keys", {"source": "till-1"}, admin)["secret"]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    line = {"line_id": "1", "sku": "beans", "quantity": 1, "amount_minor": 2550}
    purchase = {"purchase_id": "p-1", "occurred_at": now, "currency": "EUR"}
    stage.told("POST", "/v1/purchases", purchase | {"member": None, "lines": [line]}, till)
    dynamodb = client(end, "dynamodb")
    before = dynamodb.list_tables()["TableNames"]

    done = told(stage, "restore_drill", "--stage", "dev", "--yes")

    report = json.loads(done.stdout[done.stdout.index("\n{") : done.stdout.rindex("\n}") + 2])
    assert (report["found"]["clean"], report["not_restored"]) == (True, ["KeysTable"])
    assert report["found"]["seen"]["purchases"] == 1
    assert "does not prove" in done.stdout
    assert dynamodb.list_tables()["TableNames"] == before

    times = ("--since", now, "--until", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    again = told(stage, "again", "--stack", target.stack.name, "Relay", *times)
    assert again.stdout.startswith("1 taken, 0 left in the ledger from ")
