"""What is kept locally: the clock, secrets, the lock; and MiniStack's life beside its parent's."""

import json
import os
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from infrastructure.local import ministack, resources
from infrastructure.local.clock import MovableClock, OutOfReach
from infrastructure.local.state import CannotUse, StateFolder, fresh_secrets, signing_key

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_clock_moves_ticks_on_and_remembers(tmp_path: Path) -> None:
    wall = [START]
    clock = MovableClock(tmp_path / "clock", lambda: wall[0])
    assert clock.move(START + 24 * 365 * HOUR) == clock() == START + 24 * 365 * HOUR
    wall[0] += HOUR
    assert clock() == START + (24 * 365 + 1) * HOUR
    assert MovableClock(tmp_path / "clock", lambda: wall[0])() == clock()


@pytest.mark.parametrize("hours", [-25, 24 * 365 * 80])
def test_the_clock_refuses_to_go_far_back_or_beyond_the_century(tmp_path: Path, hours: int) -> None:
    clock = MovableClock(tmp_path / "clock", lambda: START)
    with pytest.raises(OutOfReach):
        clock.move(START + hours * HOUR)
    assert clock() == START


def test_one_process_at_a_time_uses_a_folder(tmp_path: Path) -> None:
    first = StateFolder(tmp_path / "state")
    with pytest.raises(CannotUse, match="is running on"):
        StateFolder(tmp_path / "state")
    first.release()
    StateFolder(tmp_path / "state").release()


def test_state_of_a_newer_version_is_refused_in_one_line_but_may_be_forgotten(
    tmp_path: Path,
) -> None:
    StateFolder(tmp_path / "state").release()
    (tmp_path / "state" / "version").write_text("2")
    with pytest.raises(CannotUse) as refusal:
        StateFolder(tmp_path / "state")
    assert "newer version" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    StateFolder(tmp_path / "state", any_version=True).forget()
    assert not (tmp_path / "state").exists()


def test_secrets_and_keys_are_made_once_and_are_their_owners_only(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state")
    first = folder.kept("secrets.json", fresh_secrets)
    assert folder.kept("secrets.json", fresh_secrets) == first
    assert signing_key(folder).private_numbers() == signing_key(folder).private_numbers()
    for name in ("secrets.json", "issuer.json"):
        assert (tmp_path / "state" / name).stat().st_mode & 0o777 == 0o600
    folder.release()


def test_a_plain_query_gives_what_the_unhurried_one_gives(stack: resources.Stack) -> None:
    client = boto3.client("dynamodb")
    table = stack.names["ConfigTable"]
    for pk, sk in [("Q#1", "a"), ("Q#1", "b"), ("Q#1", "c"), ("Q#10", "a"), ("Q#2", "a")]:
        client.put_item(TableName=table, Item={"pk": {"S": pk}, "sk": {"S": sk}})

    def keys(condition: str, **values: str) -> list[str]:
        answer = client.query(
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#0": "pk"},
            ExpressionAttributeValues={f":{name}": {"S": text} for name, text in values.items()},
            ScanIndexForward=False,
        )
        return [item["sk"]["S"] for item in answer["Items"]]

    for _ in range(2):  # the first one is MiniStack's own, the second ours
        assert keys("#0 = :p", p="Q#1") == ["c", "b", "a"]
        assert keys("#0 = :p", p="Q#3") == []
    assert keys("#0 = :p AND begins_with(sk, :s)", p="Q#1", s="b") == ["b"]


_PARENT = """
import sys
from pathlib import Path
from infrastructure.local import ministack
running = ministack.start(Path(sys.argv[1]), persist=True)
import boto3, os
os.environ.update(running.environment())
boto3.client("sqs").create_queue(QueueName="kept")
print(running.process.pid, flush=True)
sys.stdin.read()
"""


def test_ministack_ends_with_a_parent_that_was_killed_and_has_kept_its_state(
    tmp_path: Path,
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    handle = os.pidfd_open(child)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    _wait_for_its_end(handle, seconds=20)
    queues = json.loads((tmp_path / "state" / "sqs.json").read_text())
    assert "kept" in json.dumps(queues)


def test_a_ministack_that_cannot_start_says_where_its_log_is(tmp_path: Path) -> None:
    with ministack.running() as first:
        port = int(first.endpoint.rpartition(":")[2])
        with pytest.raises(ministack.StartFailed, match=r"ministack\.log"):
            ministack.start(tmp_path, persist=False, port=port)


def _wait_for_its_end(handle: int, seconds: float) -> None:
    """Wait for the end of a process that is no child of ours: its handle becomes readable."""
    ready, _, _ = select.select([handle], [], [], seconds)
    os.close(handle)
    assert ready, "the process still runs"
