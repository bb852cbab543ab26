"""Allowances and the audit record, on the local AWS."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.allowances import CODES, SIGN_UPS, Allowance
from chalicelib.domain.names import Namer
from chalicelib.storage import keys
from chalicelib.storage.allowances import CounterItem, DynamoAllowances
from chalicelib.storage.audit import DynamoAudit, RecordItem

NOW = datetime(2026, 3, 14, 12, 0, 20, tzinfo=UTC)
NAMER = Namer(b"n" * 32)
_numbers = count(1)


@pytest.fixture
def whose(connection: Connection) -> str:
    """Somebody of whom nothing was counted yet."""
    assert connection
    return f"whose{next(_numbers)}x{os.getpid()}"


def _take(allowance: Allowance, whose: str, factor: int = 1, now: datetime = NOW) -> int:
    store = DynamoAllowances(NAMER, factor)
    return store.take(allowance.kind, whose, allowance.at_most, allowance.window_seconds, now)


def test_enough_is_allowed_and_then_the_rest_of_the_window_is_waited_for(whose: str) -> None:
    waits = [_take(SIGN_UPS, whose) for _ in range(SIGN_UPS.at_most + 1)]
    assert waits == [0] * SIGN_UPS.at_most + [3_580]
    assert _take(SIGN_UPS, whose, now=NOW + timedelta(seconds=3_580)) == 0
    assert _take(SIGN_UPS, f"{whose}-else") == 0
    assert _take(CODES, whose) == 0


def test_a_local_installation_allows_more_of_what_stretches_only(whose: str) -> None:
    assert not any(_take(SIGN_UPS, whose, factor=2) for _ in range(2 * SIGN_UPS.at_most))
    assert _take(SIGN_UPS, whose, factor=2)
    assert not any(_take(CODES, whose, factor=2) for _ in range(CODES.at_most))
    assert _take(CODES, whose, factor=2)


def test_no_more_get_through_when_many_come_at_once(whose: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: _take(CODES, whose), range(30)))
    assert waits.count(0) == CODES.at_most


def test_a_counter_names_nobody_and_is_purged(whose: str) -> None:
    _take(SIGN_UPS, whose)
    kept = [item for item in CounterItem.scan() if isinstance(item, CounterItem)]
    assert kept
    assert not any(whose in item.pk for item in kept)
    assert all(item.ttl > NOW.timestamp() for item in kept)


def test_records_of_one_instant_are_all_kept_in_order(whose: str) -> None:
    audit = DynamoAudit(os.urandom)
    for number in range(3):
        audit.record(who=whose, action="read", member_id="mem_1", reason=f"{number}", at=NOW)
    later = NOW + timedelta(milliseconds=1)
    audit.record(who=whose, action="write", member_id=None, reason=None, at=later, subject="x")
    found = [item for item in RecordItem.query(keys.audit_day("2026-03-14")) if item.who == whose]
    assert {item.reason for item in found[:3]} == {"0", "1", "2"}
    assert (found[3].action, found[3].subject) == ("write", "x")
    assert found[3].member_id is None
