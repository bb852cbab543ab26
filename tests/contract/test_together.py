"""What is bought together is what counting by hand gives; and what is kept of it, over DynamoDB and
in memory. That Athena counts the same, tests/simulation shows: that takes its time."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.domain.together import Companion, Together
from chalicelib.storage.products import DynamoProducts
from chalicelib.usecases.count_together import count_together
from chalicelib.usecases.ports import Products
from tests.baskets import check_counting
from tests.fakes.products import FakeProducts
from tests.ledger_world import fake_world
from tests.snapshot_world import NOW, TODAY, in_folder


@pytest.fixture(params=["memory", "dynamodb"])
def products(request: pytest.FixtureRequest) -> Products:
    """Where it is kept: nothing yet."""
    if request.param == "memory":
        return FakeProducts()
    request.getfixturevalue("empty_config")
    return DynamoProducts()


def test_what_is_counted_is_what_counting_by_hand_gives(tmp_path: Path) -> None:
    check_counting(in_folder(tmp_path))


def test_nothing_is_counted_of_a_snapshot_in_which_nothing_is(tmp_path: Path) -> None:
    world, _ = fake_world("together")
    ports = replace(world.ports, queries=in_folder(tmp_path).queries)
    ports.products.keep([_together("tea", TODAY - timedelta(days=29))])
    assert count_together(ports, NOW) == 0
    assert ports.products.together(["tea"]) == {}


def test_the_newest_count_stands_and_an_old_one_is_forgotten(products: Products) -> None:
    products.keep(_together(f"p{number}", TODAY) for number in range(60))
    assert products.forget_before(TODAY) == 0
    later = TODAY + timedelta(days=7)
    products.keep([_together("p1", later, "tea"), _together("p61", later)])
    assert products.together(["p1", "p2", "nobody's", "p1"]) == {
        "p1": _together("p1", later, "tea"),
        "p2": _together("p2", TODAY),
    }
    assert products.forget_before(later) == 59
    assert set(products.together(["p1", "p2", "p61"])) == {"p1", "p61"}
    assert products.together([]) == {}


def _together(sku: str, day: date, *companions: str) -> Together:
    return Together(sku, "ü", tuple(Companion(one, 5, 150) for one in companions), day)
