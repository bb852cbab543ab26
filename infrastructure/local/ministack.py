"""MiniStack, the local AWS, as a child process: start it, wait until it answers, stop it.

The child never outlives us: it holds the other end of a pipe, and runs in a group of its own.
Knows nothing of the service that runs on it.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_CHILD = Path(__file__).with_name("ministack_child.py")
_REGION = "us-east-1"
_READY_SECONDS = 30.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.02
_INHERITED = ("HOME", "LANG", "PATH")  # no more: its Lambdas would see our AWS_ENDPOINT_URL
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_ATTEMPTS = 3  # a free port can be taken by somebody else between finding and binding it


class StartFailed(Exception):
    """MiniStack did not come up; the message says why and where its log is."""


@dataclass(frozen=True, slots=True)
class MiniStack:
    """A running MiniStack. `endpoint` is its address, such as `http://127.0.0.1:41234`."""

    endpoint: str
    process: subprocess.Popen[bytes]

    def environment(self) -> dict[str, str]:
        """The variables that make every AWS client talk to it, and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",  # it believes no other where an address is signed
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_REGION": _REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def stop(self) -> None:
        """Ask it to stop (it writes its state then), wait, and kill its group as a last resort."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_SECONDS)
        finally:
            _kill_group(self.process)


def start(
    folder: Path,
    *,
    persist: bool,
    port: int | None = None,
    python: str = sys.executable,
    enforce_policies: bool = False,
) -> MiniStack:
    """Start MiniStack with its log, temporary files and, with `persist`, its state in `folder`.

    port: None for a free one. python: what runs it; its Lambdas see that one's libraries.
    enforce_policies: whether a Lambda may only do what its role says. Raises StartFailed, with
    nothing left running.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        settings = _settings(folder, persist, port or free_port(), enforce_policies)
        try:
            return _start_once(folder, python, settings)
        except StartFailed:
            if port is not None or attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


@contextmanager
def running(*, python: str = sys.executable, enforce_policies: bool = False) -> Iterator[MiniStack]:
    """A MiniStack without a past, in a temporary folder, for tests; arguments as for `start`."""
    with tempfile.TemporaryDirectory(prefix="stampbook-ministack-") as folder:
        stack = start(Path(folder), persist=False, python=python, enforce_policies=enforce_policies)
        try:
            yield stack
        finally:
            stack.stop()


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_once(folder: Path, python: str, settings: dict[str, str]) -> MiniStack:
    temporary = Path(settings["TMPDIR"])
    temporary.mkdir(parents=True, exist_ok=True)
    log_path = folder / "ministack.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [python, "-P", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=temporary,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ} | settings,
            start_new_session=True,
        )
    stack = MiniStack(f"http://127.0.0.1:{settings['GATEWAY_PORT']}", process)
    try:
        _wait_until_ready(stack, settings["MINISTACK_EDITION"], log_path)
    except BaseException:
        _kill_group(process)
        raise
    return stack


def _settings(folder: Path, persist: bool, port: int, enforce_policies: bool) -> dict[str, str]:
    temporary = folder / "tmp"
    return {
        "AUTH": "true" if enforce_policies else "false",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",  # it would listen on every interface
        "MINISTACK_HOST": "localhost",
        "MINISTACK_EDITION": secrets.token_hex(8),  # how we know it again
        "MINISTACK_REGION": _REGION,
        "PERSIST_STATE": "1" if persist else "0",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1" if persist else "0",
        "S3_DATA_DIR": str(folder / "s3"),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "USE_SSL": "0",
        "SERVICES": "",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(temporary),  # it leaves folders behind
        "DOCKER_HOST": f"unix://{temporary}/no-docker",  # it would remove containers of others
        "PYTHONPATH": "",
    }


def _wait_until_ready(stack: MiniStack, edition: str, log_path: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            stack.process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if _answers(stack.endpoint, edition):
                return
            continue
        raise StartFailed(f"MiniStack ended at its start; its log is {log_path}")
    raise StartFailed(f"MiniStack did not answer within {_READY_SECONDS:.0f} s; see {log_path}")


def _answers(endpoint: str, edition: str) -> bool:
    """Whether it is ready; and it, not another one that took the port before it."""
    try:
        with _DIRECT.open(f"{endpoint}/_ministack/health", timeout=1) as answer:
            health = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False
    return bool(health["edition"] == edition and health["ready_scripts"]["status"] == "completed")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child's process group, and let go of the child."""
    with suppress(ProcessLookupError):  # nothing is left of it
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
