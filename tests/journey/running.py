"""`make run` as people start it: a process, a port, a state folder, and what it prints."""

import http.client
import json
import os
import queue
import re
import select
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from chalicelib.domain.instants import parsed, printed
from infrastructure.local.ministack import free_port

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C stops it."
MATURE = 15
"""Days after which a purchase's points can be spent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body`: parsed JSON, None without one."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Service:
    """A running `make run`. `printed`: its lines as far as they were read; `lines`: those that were
    not, None at their end."""

    make: subprocess.Popen[str]
    port: int
    state: Path
    lines: "queue.SimpleQueue[str | None]"
    printed: list[str] = field(default_factory=list)
    handles: dict[int, int] = field(default_factory=dict)  # pid -> handle, of the whole family

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def local_json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.state / "local.json").read_text())
        return found

    def ask(
        self, line: str, body: object = None, *, token: str = "", at: str = "", **headers: str
    ) -> Answer:
        """`GET /v1/program`, answered. at: another server than the service. headers: with
        underscores for dashes."""
        method, path = line.split(" ", 1)
        connection = http.client.HTTPConnection(at or f"127.0.0.1:{self.port}", timeout=120)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if isinstance(body, dict):
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        elif isinstance(body, str):
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, sent)  # type: ignore[arg-type]  # a str by now
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return Answer(answer.status, dict(answer.headers), json.loads(text) if text else None)

    def till(self, line: str, body: object = None, **headers: str) -> Answer:
        """The same, as the demo's till."""
        return self.ask(line, body, token=self.local_json["checkout_key"], **headers)

    def token(self, sub: str, *groups: str) -> str:
        wish = {"sub": sub, "groups": list(groups)}
        return str(self.ask("POST /_dev/tokens", wish).body["token"])

    def now(self) -> str:
        return str(self.ask("GET /_dev/clock").body["now"])

    def read_until(self, text: str) -> str:
        """The next line printed that holds this text."""
        while (line := self.lines.get()) is not None:
            self.printed.append(line.rstrip("\n"))
            if text in line:
                return line
        raise AssertionError("it ended:\n" + "\n".join(self.printed[-30:]))

    def interrupt(self) -> str:
        """Ctrl-C, as a terminal sends it; what was printed until the end."""
        os.killpg(self.make.pid, signal.SIGINT)
        self.make.wait(timeout=60)
        return "".join(iter(self.lines.get, None))

    def ended_processes(self, seconds: float = 20) -> set[int]:
        """Which of the family have ended, waiting for all of them."""
        ended = set()
        for pid, handle in self.handles.items():
            ready, _, _ = select.select([handle], [], [], seconds)
            if ready:
                ended.add(pid)
        return ended


@contextmanager
def started(state: Path) -> Iterator[Service]:
    """`make run` on a state folder, from when it says that it answers; killed if still there."""
    service = _start(state, free_port())
    try:
        yield service
    finally:
        with suppress(ProcessLookupError):
            os.killpg(service.make.pid, signal.SIGKILL)
        service.make.wait()
        for handle in service.handles.values():
            os.close(handle)


def _start(state: Path, port: int) -> Service:
    make = subprocess.Popen(
        ["make", "--no-print-directory", "run", f"PORT={port}", f"STATE={state}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    service = Service(make, port, state, _listening(make))
    try:
        service.read_until(READY)
        service.handles = {pid: os.pidfd_open(pid) for pid in family(make.pid)}
    except BaseException:
        os.killpg(make.pid, signal.SIGKILL)
        raise
    return service


def _listening(make: subprocess.Popen[str]) -> "queue.SimpleQueue[str | None]":
    """What a process prints, taken off its pipe as it comes: a full one would stop the service."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def listen() -> None:
        assert make.stdout is not None
        with make.stdout:
            for line in make.stdout:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    return lines


def family(pid: int) -> list[int]:
    """A process and all that descends from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except FileNotFoundError:
            continue  # it ended just now
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What a first run on an empty folder did, before Ctrl-C stopped it."""

    state: Path
    local_json: dict[str, Any]
    printed: list[str]
    goodbye: str
    purchase: Answer
    family: set[int]
    ended: set[int]


@dataclass(frozen=True, slots=True)
class Person:
    """A member of its own, for one test."""

    member_id: str
    card_number: str
    token: str


def new_member(service: Service) -> Person:
    """A new member with a verified address and a token."""
    answer = service.till(
        "POST /v1/members",
        {
            "email": f"journey-{uuid4()}@example.com",
            "consents": [
                {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
            ],
        },
    )
    member_id, card_number = answer.body["member_id"], answer.body["card_number"]
    token = service.token(member_id)
    proof = {"member_id": member_id, "channel": "email", "code": latest_code(service)}
    assert service.ask("POST /v1/members/verify", proof).body["status"] == "active"
    return Person(member_id, card_number, token)


def latest_code(service: Service) -> str:
    """The six digits in the newest mail that has any: members hear of other things, too."""
    mails = service.ask("GET /_dev/mail").body["items"]
    return next(str(code[0]) for mail in mails if (code := re.search(r"\b\d{6}\b", mail["text"])))


def purchase_of(
    service: Service, member_id: str, *, coffees: int = 10, days_ago: int = 0
) -> dict[str, Any]:
    """A purchase of flat whites at 4.20 euros, by default just now: its points wait for 14 days."""
    occurred_at = parsed(service.now()) - timedelta(days=days_ago)
    line = {
        "line_id": "1",
        "sku": "flat-white",
        "quantity": coffees,
        "amount_minor": 420 * coffees,
    }
    return {
        "purchase_id": f"journey-{uuid4()}",
        "member": {"member_id": member_id},
        "occurred_at": printed(occurred_at),
        "currency": "EUR",
        "lines": [line],
    }


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A `make` that ends by itself."""
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
