"""`make run` starts from nothing, keeps what it was given, says what is wrong, leaves nothing."""

import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from infrastructure.local.ministack import free_port
from tests.journey.running import ROOT, FirstRun, Service, make, started


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a failed `make` said, without make's own line."""
    assert done.returncode != 0
    return [line for line in done.stderr.splitlines() if not line.startswith("make:")]


def test_local_json_is_complete_and_for_its_owner_alone(service: Service) -> None:
    told = service.local_json
    assert set(told) == {
        "api_url",
        "checkout_key",
        "tokens",
        "members",
        "stripe",
        "aws_endpoint",
    }
    assert set(told["tokens"]) == {"admin", "marketer", "support", "privacy"}
    assert len(told["members"]) == 200
    assert (service.state / "local.json").stat().st_mode & 0o777 == 0o600
    member = told["members"][-1]
    account = service.ask("GET /v1/members/me/account", token=member["token"])
    assert account.body["lifetime"]["purchases"] > 0
    assert service.ask("GET /v1/program", token=told["tokens"]["marketer"]).status == 200


def test_the_printed_curls_work_when_pasted(service: Service) -> None:
    printed = "\n".join(service.printed)
    commands = re.findall(r"^# .*\n((?:.+\n)+)", printed, re.MULTILINE)
    answers = [
        subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30).stdout
        for command in commands
    ]
    assert '"earned":45' in answers[0]  # with what an offer gives on beans
    assert '"available":' in answers[1]
    assert re.match(r'{"members":[1-9]', answers[2])  # from the first minute on
    assert len(commands) == 3


def test_ctrl_c_ends_every_process_and_removes_what_is_no_longer_true(first_run: FirstRun) -> None:
    assert len(first_run.family) >= 3  # make, the service, MiniStack
    assert first_run.ended == first_run.family
    assert "Stopped." in first_run.goodbye
    assert not (first_run.state / "local.json").exists()


def test_what_was_there_before_a_restart_is_there_after_it(
    first_run: FirstRun, service: Service
) -> None:
    before, after = first_run.local_json, service.local_json
    assert after["checkout_key"] == before["checkout_key"]
    member = before["members"][0]
    known = service.till(f"GET /v1/purchases/{first_run.purchase.body['purchase_id']}")
    assert known.body["points"] == first_run.purchase.body["points"]
    account = service.ask("GET /v1/members/me/account", token=member["token"])
    assert account.status == 200, "a token of the run before is still believed"
    assert "Demo members" not in "\n".join(service.printed)


def test_killing_the_service_or_make_ends_every_process(
    first_run: FirstRun, tmp_path: Path
) -> None:
    shutil.copytree(first_run.state, tmp_path / "state")
    with started(tmp_path / "state") as service:
        python = next(pid for pid in service.handles if pid != service.make.pid)
        os.kill(python, signal.SIGKILL)
        assert service.ended_processes() == set(service.handles)
    with started(tmp_path / "state") as service:
        service.make.kill()
        assert service.ended_processes() == set(service.handles)


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (line,) = complaints(make("run", f"PORT={port}", f"STATE={tmp_path / 'state'}"))
    assert f"Port {port} is taken" in line


def test_a_state_in_use_is_one_clear_line_for_run_and_reset(service: Service) -> None:
    (line,) = complaints(make("run", f"PORT={free_port()}", f"STATE={service.state}"))
    assert "is running on" in line
    (line,) = complaints(make("reset", f"STATE={service.state}"))
    assert "is running on" in line
    assert service.ask("GET /v1/health").status == 200


def test_a_newer_state_is_one_clear_line_and_reset_forgets_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "version").write_text("999")
    (line,) = complaints(make("run", f"PORT={free_port()}", f"STATE={state}"))
    assert "newer version" in line
    assert make("reset", f"STATE={state}").returncode == 0
    assert not state.exists()


@pytest.mark.parametrize("number", range(3))
def test_the_readme_shows_the_printed_curls(first_run: FirstRun, number: int) -> None:
    told = first_run.local_json
    printed = "\n".join(first_run.printed)
    readme = (ROOT / "README.md").read_text()
    commands = re.findall(r"^# .*\n((?:.+\n)+)", printed, re.MULTILINE)
    expected = commands[number].replace(told["api_url"], "http://127.0.0.1:8000")
    assert expected in readme
