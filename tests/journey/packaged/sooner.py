"""Lets what waits for a webhook of a deployment be due now, as hours would.

It is done by the service's own storage and use case, in a process of its own with the settings of
the deployed function that does it by schedule: the tables of the tests' process stay where they
are. Runs as `python -m tests.journey.packaged.sooner WEBHOOK MINUTES GROUP...`.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from chalicelib import wiring
from chalicelib.usecases.wake_webhooks import wake_webhooks
from tests.journey.deployment import Deployment
from tests.packaged import ROOT


def due_now(service: Deployment, hook_id: str, groups: Iterable[str], minutes: int = 0) -> int:
    """Let what waits of these groups be due now; how many do wait. minutes: from now on, when the
    schedule asks for it; 0, when it does not. It asks once a minute for one and the same."""
    name = service.resources["DeliverAgain"]
    deployed = service.client("lambda").get_function_configuration(FunctionName=name)
    done = subprocess.run(
        [sys.executable, "-m", __name__, hook_id, str(minutes), *groups],
        env=os.environ | deployed["Environment"]["Variables"] | service.cloud.environment(),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    return int(done.stdout)


def main(hook_id: str, minutes: int, groups: Iterable[str]) -> int:
    """How many groups wait."""
    delivering = wiring.delivering()
    ports, now, waiting = delivering.ports, delivering.clock(), 0
    for group in groups:
        head = ports.waiting.head(hook_id, group)
        if head is not None:
            ports.waiting.move(hook_id, group, head, replace(head, due_at=now))
            waiting += 1
    if minutes:
        wake_webhooks(ports, now + timedelta(minutes=minutes))
    return waiting


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
