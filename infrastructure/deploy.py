"""Deploys what `make package` made: kept, shown as a change set, executed, tried, or taken back.

One command for every stage. What fails its smoke test is taken back at once: the release that the
stack served well before is put there again. Must not know what the service does: tests/smoke does.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from infrastructure.changes import CannotChange, ChangeSet, Stack
from infrastructure.releases import Parameters, Releases, release_in

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ROOT = Path(__file__).parents[1]
STAGES = Path(__file__).with_name("stages")
_PROVIDERS = {
    "stripe_api_key": "cards on file",
    "stripe_webhook_secret": "what Stripe tells of them",
    "turnstile_secret": "sign-up without a till",
}
"""Keys that somebody puts into the secret, and what is not set up without them."""
UNPROVED = """\
This is a local AWS. It does not prove: the canary and its alarms, quotas, WAF and throttling, the
bill, TLS, IAM beyond what it enforces, encryption at rest, and how long a real deployment takes."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a stage is deployed, and whom to ask. agrees: a person's yes or no to a question.
    tried: the smoke test of an API's address, whether it passed. local: an AWS on this machine."""

    stack: Stack
    releases: Releases
    secrets: "SecretsManagerClient"
    parameters: Parameters
    say: Callable[[str], None]
    agrees: Callable[[str], bool]
    tried: Callable[[str], bool]
    local: str = ""

    def serving(self) -> str | None:
        """The release that the stack serves now; None where it serves none of ours."""
        return release_in(self.stack.template())

    def address(self) -> str:
        """Of the API, without a slash at its end."""
        outputs = self.stack.outputs()
        if not self.local:
            return outputs["ApiUrl"]
        if rest := outputs.get("RestAPIId"):
            return f"{self.local}/_aws/execute-api/{rest}/api"
        (http,) = self.stack.resources("AWS::ApiGatewayV2::Api").values()
        return f"{self.local}/_aws/execute-api/{http}/$default"


def deploy(target: Target, package: Path) -> bool:
    """Deploy a package's folder; whether it serves. Raises CannotChange, with what was there
    before still serving."""
    release = target.releases.keep(package)
    known = target.releases.template(release).get("Parameters", {})
    parameters = {name: text for name, text in target.parameters.items() if name in known}
    target.say(f"release {release} for {target.stack.name}")
    before = target.serving()
    if not changed(target, release, parameters):
        return False
    if target.tried(target.address()):
        target.releases.record(release, parameters, datetime.now(UTC))
        target.say(f"{release} serves at {target.address()}")
        _tell_what_is_not_set_up(target)
        return True
    target.say(f"{release} failed its smoke test")
    return _taken_back(target, release, before)


def changed(target: Target, release: str, parameters: Parameters) -> bool:
    """Bring the stack to a release, after showing what changes; False where that was not wanted.
    Raises CannotChange."""
    url = target.releases.template_url(release)
    label = f"release-{release}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
    proposed = target.stack.propose(label, url, parameters)
    if proposed is None:
        target.say("nothing to change")
        return True
    _show(target, proposed)
    if not target.agrees("Execute this change set?"):
        target.stack.withdraw(proposed)
        target.say("left as it was")
        return False
    target.stack.execute(proposed)
    return True


def _show(target: Target, proposed: ChangeSet) -> None:
    target.say(f"{len(proposed.changes)} changes:")
    for change in sorted(proposed.changes, key=lambda one: (one.action, one.logical_id)):
        target.say(change.line())


def _taken_back(target: Target, release: str, before: str | None) -> bool:
    """Put what served before in place again; False, for the release does not serve."""
    former = target.releases.former(release)
    if former is None:
        target.say("nothing served well before it: it is left in place to be looked at")
        return False
    if former.release != before:
        target.say(f"{before} was there before and never passed a smoke test: further back")
    back_to(target, former.release, former.parameters)
    return False


def back_to(target: Target, release: str, parameters: Parameters) -> None:
    """Serve a release that served well before. Raises CannotChange, also where it now does not."""
    target.say(f"back to {release}")
    url = target.releases.template_url(release)
    label = f"back-to-{release}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
    proposed = target.stack.propose(label, url, parameters)
    if proposed is not None:
        _show(target, proposed)
        target.stack.execute(proposed)
    if not target.tried(target.address()):
        raise CannotChange(f"{release} is back in place, and fails its smoke test, too")
    target.say(f"{release} serves again")


def _tell_what_is_not_set_up(target: Target) -> None:
    arn = target.stack.resources("AWS::SecretsManager::Secret")["Secret"]
    values = json.loads(target.secrets.get_secret_value(SecretId=arn)["SecretString"])
    lacking = [name for name in _PROVIDERS if not values.get(name)]
    for name in lacking:
        target.say(f"not set up: {_PROVIDERS[name]}, for want of {name}")
    if lacking:
        target.say(f"put it into the secret {arn} where you want it (docs/secrets.md)")


# --- from a shell ---------------------------------------------------------------------------------


def smoke(address: str) -> bool:
    """Whether tests/smoke passes against an API's address; prints what does not."""
    command = [sys.executable, "-m", "pytest", "tests/smoke", "-q"]
    command += ["--noconftest"]  # what the other tests share starts a local AWS
    for unused in ("anyio", "hypothesispytest", "xdist"):  # three quarters of its start
        command += ["-p", f"no:{unused}"]
    environment = os.environ | {"API_URL": address}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def target_of(stage: str, *, yes: bool, say: Callable[[str], None]) -> Target:
    """The target of a stage, in the account and Region of this shell's credentials.

    yes: ask nobody. Raises CannotChange where the stage has no parameters.
    """
    local = os.environ.get("AWS_ENDPOINT_URL", "")
    name = f"stampbook-{stage}"
    account: str = boto3.client("sts").get_caller_identity()["Account"]
    s3 = boto3.client("s3")
    bucket = f"stampbook-releases-{account}-{s3.meta.region_name}"
    pause_seconds = 0.2 if local else 3.0
    return Target(
        stack=Stack(boto3.client("cloudformation"), name, time.sleep, say, pause_seconds),
        releases=Releases(s3, bucket, name),
        secrets=boto3.client("secretsmanager"),
        parameters=stage_parameters(stage),
        say=say,
        agrees=(lambda _: True) if yes else _asked,
        tried=smoke,
        local=local,
    )


def stage_parameters(stage: str) -> Parameters:
    """The parameters of a stage, by infrastructure/stages/<stage>.json. Raises CannotChange."""
    path = STAGES / f"{stage}.json"
    if not path.is_file():
        known = sorted(found.stem for found in STAGES.glob("*.json"))
        raise CannotChange(f"there is no stage {stage!r}; there are {', '.join(known) or 'none'}")
    document: dict[str, Any] = json.loads(path.read_text())
    return {name: str(value) for name, value in document["Parameters"].items()}


def _asked(question: str) -> bool:
    return input(f"{question} (yes/no) ").strip().lower() == "yes"


def arguments(program: str, given: Sequence[str] | None) -> argparse.Namespace:
    """What every command that changes a stage takes."""
    parser = argparse.ArgumentParser(prog=f"python -m infrastructure.{program}")
    parser.add_argument("--stage", required=True, help="of infrastructure/stages/")
    parser.add_argument("--yes", action="store_true", help="ask nobody")
    parser.add_argument("--package", type=Path, default=ROOT / "out", help="what make package made")
    return parser.parse_args(given)


def say(line: str) -> None:
    """To the terminal, at once."""
    print(line, flush=True)


def main(given: Sequence[str] | None = None) -> int:
    """Deploy a stage; 0 when the release serves."""
    asked = arguments("deploy", given)
    try:
        target = target_of(asked.stage, yes=asked.yes, say=say)
        served = deploy(target, asked.package)
    except CannotChange as why:
        say(str(why))
        return 1
    if target.local:
        say(UNPROVED)
    return 0 if served else 1


if __name__ == "__main__":
    sys.exit(main())
