"""The page of costs follows from what was measured, prices and assumptions, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure import costs, prices
from infrastructure.costs import Operation

ROOT = Path(__file__).parents[2]
PURCHASE = Operation("purchase of 5 lines", 2, 4, 1, 3.8)


def test_the_page_is_the_one_of_the_last_measurement() -> None:
    assert costs.PATH.read_text(encoding="utf-8") == costs.page(costs.read()), "make costs"


def test_what_was_measured_is_read_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "MEASURED", tmp_path / "measured.json")
    costs.MEASURED.write_text(costs.written([PURCHASE]))
    assert costs.read() == (PURCHASE,)


def test_a_purchase_is_priced_as_by_hand() -> None:
    assert PURCHASE.tables == pytest.approx(4 * 0.625e-6 + 1 * 0.125e-6)
    # (3.8 + 2) ms at 58 % of a processor, and two waits of 6 ms.
    assert PURCHASE.milliseconds == pytest.approx(5.8 * 1769 / 1024 + 12)
    log, seconds = 900 / 1e9 * 0.50, PURCHASE.milliseconds / 1000
    assert PURCHASE.function == pytest.approx(0.20e-6 + seconds * 0.0000133 + log)
    # Two records, seen by two workers in batches of ten; one event.
    worker = (0.20e-6 + 0.150 * 0.5 * 0.0000133) / 10
    assert PURCHASE.behind == pytest.approx(1.00e-6 + 2 * 2 * worker)
    by_hand = PURCHASE.tables + PURCHASE.function + PURCHASE.behind + 3.50e-6
    assert PURCHASE.total(prices.REST_REQUEST) == pytest.approx(by_hand)


def test_what_writes_nothing_tells_nobody_and_what_a_worker_does_is_no_request() -> None:
    assert replace(PURCHASE, write_units=0).behind == 0
    entry = replace(PURCHASE, name="the daily worker's entry")
    assert entry.total(prices.REST_REQUEST) == entry.total(prices.HTTP_REQUEST)


def test_a_shop_of_a_hundred_times_the_members_costs_a_hundred_times_as_much() -> None:
    rows = [line for line in costs.page(costs.read()).splitlines() if line.startswith("| 1,000,0")]
    small = [line for line in costs.page(costs.read()).splitlines() if line.startswith("| 10,000 ")]
    larger, smaller = (
        [float(c.replace(",", "")) for c in r[0].split("|")[1:-1]] for r in (rows, small)
    )
    assert larger == [pytest.approx(figure * 100, rel=0.05) for figure in smaller]


def test_every_operation_that_a_member_is_assumed_to_do_was_measured() -> None:
    assert costs.MONTHLY.keys() <= {one.name for one in costs.read()}


def test_the_page_assumes_the_memory_that_the_function_has() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    memory = config["lambda_functions"]["api_handler"]["lambda_memory_size"]
    assert memory == costs.MEMORY_GB * 1024
