"""A network between us and DynamoDB that fails in every way it can, while it is told to."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.local.ministack import free_port

_CHILD = Path(__file__).with_name("bad_network_child.py")
_READY_SECONDS = 30.0
_POLL_SECONDS = 0.05

_CONFLICT = {
    "code": "TransactionCanceledException",
    "fields": {"CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}]},
}

FAULTS: dict[str, dict[str, Any]] = {
    "lost reply of a repetition": {
        "headers": {"amz-sdk-request": "attempt=2"},
        "operation": "TransactWriteItems",
        "probability": 0.6,
        "response": {"abort_bytes": 0},
    },
    "lost reply": {
        "operation": "TransactWriteItems",
        "probability": 0.06,
        "response": {"abort_bytes": 0},
    },
    "conflict": {"operation": "TransactWriteItems", "probability": 0.06, "error": _CONFLICT},
    "throttle": {
        "probability": 0.02,
        "error": {"code": "ProvisionedThroughputExceededException"},
    },
    "internal error": {
        "probability": 0.02,
        "error": {"code": "InternalServerError", "status": 500},
    },
    "reset": {"probability": 0.02, "reset": True},
}
"""What happens, and how often. A lost reply has landed; botocore's own repetition meets the next
fault more often than not, so that our loop is asked as well."""


@dataclass(frozen=True, slots=True)
class BadNetwork:
    """A running proxy. endpoint: where DynamoDB seems to be."""

    endpoint: str

    def fail(self) -> None:
        """Fail from now on."""
        rules = [{"service": "dynamodb", **fault} for fault in FAULTS.values()]
        self._call("POST", "rules", rules)

    def recover(self) -> None:
        """Fail no more."""
        self._call("POST", "rules", [])

    def failures(self) -> dict[str, int]:
        """How often each fault happened since it was told to fail."""
        rules = self._call("GET", "rules")
        return {name: rule["fired_count"] for name, rule in zip(FAULTS, rules, strict=True)}

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.endpoint}/_microburst/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)


@contextmanager
def bad_network(upstream: str, seed: int) -> Iterator[BadNetwork]:
    """A proxy before `upstream` that lets everything through until it is told to fail."""
    port = free_port()
    arguments = [str(seed), "--upstream", upstream, "--port", str(port)]
    child = subprocess.Popen(
        [sys.executable, str(_CHILD), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        network = BadNetwork(f"http://127.0.0.1:{port}")
        _wait_until_ready(child, network)
        _warm_up(network)
        yield network
    finally:
        child.kill()
        child.wait()


def _wait_until_ready(child: subprocess.Popen[bytes], network: BadNetwork) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            child.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if _answers(network):
                return
            continue
        raise AssertionError("the bad network did not even start")
    raise AssertionError("the bad network does not answer")


def _warm_up(network: BadNetwork) -> None:
    """One request of DynamoDB's, whatever the answer: the first one takes the proxy's process a
    second of its processor, which on a busy machine is longer than ours waits for an answer."""
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0",
    }
    request = urllib.request.Request(network.endpoint, b"{}", headers)
    with suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=_READY_SECONDS):
        pass


def _answers(network: BadNetwork) -> bool:
    try:
        return bool(network._call("GET", "health"))
    except (urllib.error.URLError, OSError):
        return False
