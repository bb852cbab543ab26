"""What `make run` says: one line a request and an event, in columns a person can follow.

The service's own log lines (JSON, for CloudWatch) go to a file; its failures are shown, too.
"""

import io
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TextIO

from infrastructure.local.server import Request, Response

Show = Callable[[str], None]
Answer = Callable[[Request], Response]


class Terminal:
    """Whole lines on one stream, whoever writes them."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """A text as it is."""
        with self._lock, suppressed_hang_up():
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def progress(self, what: str) -> Callable[[int, int], None]:
        """Shows how far something is: on a terminal in one line, else at its end."""

        def show(done: int, of: int) -> None:
            if self._stream.isatty():
                with self._lock:
                    self._stream.write(f"\r{what}: {done} of {of}" + "\n" * (done == of))
                    self._stream.flush()
            elif done == of:
                self.say(f"{what}: {of}")

        return show

    def note(self, text: str) -> None:
        """A line about something that happened, with the wall's time before it."""
        self.say(f"{time.strftime('%H:%M:%S')}  {text}")


@contextmanager
def suppressed_hang_up() -> Iterator[None]:
    """A terminal that went away must not end the service."""
    try:
        yield
    except (BrokenPipeError, OSError, ValueError):
        return


def shown(answer: Answer, show: Show) -> Answer:
    """The same answers, each with its line: method, path, status, milliseconds, code."""

    def answer_and_show(request: Request) -> Response:
        began = time.perf_counter()
        response = answer(request)
        took = (time.perf_counter() - began) * 1000
        path = f"{request.path}?{request.query}" if request.query else request.path
        line = f"{request.method:<6} {path:<48} {response.status} {took:6.1f} ms"
        show(f"{line}  {_remark(response)}".rstrip())
        return response

    return answer_and_show


def _remark(response: Response) -> str:
    """What is worth knowing beside the status: a problem's code, or that it was a replay."""
    if response.status >= 400:
        try:
            return str(json.loads(response.body).get("code", ""))
        except ValueError:
            return ""
    return "replayed" if ("Idempotent-Replayed", "true") in response.headers else ""


@contextmanager
def log_kept_in(file: Path, show: Show) -> Iterator[None]:
    """While the block runs, what the service prints goes to a file; failures are shown."""
    with file.open("w", buffering=1) as out, redirect_stdout(_Log(out, show)):
        yield


class _Log(io.TextIOBase):
    def __init__(self, out: TextIO, show: Show) -> None:
        self._out = out
        self._show = show

    def write(self, text: str) -> int:
        if '"event":"failure"' in text:
            self._show(f"FAILED  {text.strip()}")
        return self._out.write(text)
