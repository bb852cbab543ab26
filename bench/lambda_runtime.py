"""A function as Lambda runs it: a process of its own under AWS's runtime client (`awslambdaric`),
fed by a Runtime API on loopback. Sees the folder of its code, the runtime client and nothing else.

Times are those of the function's processor, so that what else the machine does hardly shows. Knows
nothing of what a function does.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

_CLIENT = ("awslambdaric", "runtime_client*.so", "simplejson", "snapshot_restore_py")
_INVOCATION = "/2018-06-01/runtime/invocation/"
_PATIENCE_SECONDS = 60.0
_HEADERS = {
    "Content-Type": "application/json",  # without it the client ends, and says nothing
    "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:bench",
}


class FunctionFailed(Exception):
    """A function did not start or answer; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a function answered, and the seconds that its processor took for it."""

    answer: Any
    processor_seconds: float


class Function:
    """A function that has started. init_seconds: of its processor, from nothing until it asked for
    its first event, as Lambda counts its INIT phase."""

    def __init__(self, process: "subprocess.Popen[str]", runtime: "_Runtime") -> None:
        self._process = process
        self._runtime = runtime
        self._asks_for_more()
        self.init_seconds = self._busy = self._processor_seconds()

    def invoke(self, event: Mapping[str, Any]) -> Answered:
        """Let it handle an event. FunctionFailed where it does not."""
        self._runtime.events.put(json.dumps(event).encode())
        answer = self._answer()
        self._asks_for_more()
        before, self._busy = self._busy, self._processor_seconds()
        return Answered(answer, self._busy - before)

    def peak_megabytes(self) -> float:
        """The most memory it has had at once."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def _asks_for_more(self) -> None:
        try:
            self._runtime.asked.get(timeout=_PATIENCE_SECONDS)
        except Empty:
            raise FunctionFailed("it never asked for an event") from None
        if self._runtime.failure is not None:
            raise FunctionFailed(self._runtime.failure)

    def _answer(self) -> Any:
        try:
            return json.loads(self._runtime.answers.get(timeout=_PATIENCE_SECONDS))
        except Empty:
            raise FunctionFailed(self._runtime.failure or "it did not answer") from None

    def _processor_seconds(self) -> float:
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


class _Runtime(ThreadingHTTPServer):
    """The Runtime API: hands out events, takes answers. For one function."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.events: Queue[bytes | None] = Queue()
        self.answers: Queue[bytes] = Queue()
        self.asked: Queue[None] = Queue()
        self.failure: str | None = None

    def fail(self, said: str) -> None:
        """Tell whoever waits for the function."""
        self.failure = said
        self.answers.put(b"null")
        self.asked.put(None)


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, they would wait for each other
    server: _Runtime

    def do_GET(self) -> None:
        self.server.asked.put(None)
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        self._send(200, event, _HEADERS)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith(_INVOCATION) and self.path.endswith("/response"):
            self.server.answers.put(body)
        else:
            self.server.fail(body.decode())
        self._send(202, b"{}", {})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, text in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a bench prints its tables alone."""


def copy_client(folder: Path) -> None:
    """Put the runtime client into a folder, compiled."""
    installed = Path(sysconfig.get_path("purelib"))
    folder.mkdir(parents=True)
    for pattern in _CLIENT:
        for found in installed.glob(pattern):
            if found.is_dir():
                shutil.copytree(found, folder / found.name)
            else:
                shutil.copy2(found, folder)
    compile_all(folder)


def compile_all(folder: Path) -> None:
    """Compile a folder as the package is compiled: never to be checked against its source."""
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, str(folder)], check=True)


@contextmanager
def started(
    code: Path, handler: str, client: Path, environment: Mapping[str, str]
) -> Iterator[Function]:
    """A function while it runs. handler: `module.function`. FunctionFailed where it does not
    start."""
    runtime = _Runtime()
    Thread(target=runtime.serve_forever, daemon=True).start()
    start = f"import sys; sys.dont_write_bytecode = True; sys.argv = ['', {handler!r}]\n"
    start += f"sys.path[:0] = [{str(code)!r}]; sys.path.append({str(client)!r})\n"
    start += "from awslambdaric.__main__ import main; main(sys.argv)"
    own = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "_HANDLER": handler,
        "PYTHONHASHSEED": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-E", "-s", "-S", "-P", "-c", start],
        env={**environment, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Function(process, runtime)
    finally:
        process.kill()
        process.wait()
        runtime.events.put(None)
        runtime.shutdown()
        runtime.server_close()
