"""The audit of the locks, against advisories of our own on loopback: red on a known vulnerability,
and never silent about not having looked.
"""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from infrastructure import advisories

HASH = f"--hash=sha256:{'0' * 64}"


class Osv:
    """Answers as OSV does: `known` says what is wrong with a library, by its name."""

    def __init__(self) -> None:
        self.known: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = query["package"]["name"]
                outer.asked.append((name, query["version"]))
                found = outer.known.get(name)
                body = json.dumps({"vulns": found} if found else {}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/query"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def osv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Osv]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # an answer of another run is none
    running = Osv()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Callable[..., Path]:
    def write(*pins: str) -> Path:
        path = tmp_path / "requirements.txt"
        path.write_text("".join(f"{pin} \\\n    {HASH}\n" for pin in pins))
        return path

    return write


def flaw(number: str, mended_in: str) -> dict[str, Any]:
    """An advisory as OSV writes it."""
    events = [{"introduced": "0"}, {"fixed": mended_in}]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    package = {"name": "jinja2", "ecosystem": "PyPI"}
    affected = [{"package": package, "ranges": ranges}]
    return {"id": number, "summary": "It breaks.", "modified": "2026-01-01", "affected": affected}


def test_a_known_vulnerability_is_red_and_names_what_to_do(
    osv: Osv, lock: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    osv.known["jinja2"] = [flaw("GHSA-abcd-1234", "3.2.0")]
    assert advisories.main([lock("jinja2==3.1.0", "markupsafe==3.0.0")], osv.url) == 1
    assert "jinja2 3.1.0: GHSA-abcd-1234, mended in 3.2.0" in capfd.readouterr().err


def test_every_pin_is_asked_about_and_nothing_known_is_green(
    osv: Osv, lock: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    assert advisories.main([lock("jinja2==3.1.0", "markupsafe==3.0.0")], osv.url) == 0
    assert {("jinja2", "3.1.0"), ("markupsafe", "3.0.0")} <= set(osv.asked)
    assert "No known vulnerability in 2 libraries" in capfd.readouterr().err


@pytest.mark.parametrize("service", ["http://127.0.0.1:9/v1/query", None], ids=["gone", "broken"])
def test_a_service_that_does_not_answer_is_said_and_stops_nobody(
    service: str | None,
    osv: Osv,
    lock: Callable[..., Path],
    capfd: pytest.CaptureFixture[str],
) -> None:
    osv.status = 503
    assert advisories.main([lock("jinja2==3.1.0")], service or osv.url) == 0
    said = capfd.readouterr().err
    assert said.startswith("NOT CHECKED for known vulnerabilities: ")
    assert "No known" not in said


def test_a_lock_that_cannot_be_read_is_red(osv: Osv, lock: Callable[..., Path]) -> None:
    assert advisories.main([lock("this is no pin")], osv.url) == 1


def test_all_locks_of_the_project_are_checked() -> None:
    named = {lock.relative_to(advisories.ROOT).as_posix() for lock in advisories.LOCKS}
    makefile = (advisories.ROOT / "Makefile").read_text()
    assert "-m infrastructure.advisories" in makefile
    written = {path.relative_to(advisories.ROOT).as_posix() for path in _locks()}
    assert named == written


def _locks() -> list[Path]:
    """Every file of pins that there is."""
    places = [advisories.ROOT, advisories.ROOT / "infrastructure", advisories.ROOT / "tests"]
    found = [*places[0].glob("*requirements*.txt")]
    return found + [path for place in places[1:] for path in place.rglob("*requirements*.txt")]
