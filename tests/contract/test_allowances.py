"""Allowances, on the local AWS."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.allowances import CODES, SIGN_UPS, Allowance
from chalicelib.domain.names import Namer
from chalicelib.storage.allowances import CounterItem, DynamoAllowances

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
