"""What a release has stored, this one still reads to the same value: nobody rewrites the tables
when a release is deployed.

One item of each kind, as it was stored when the kind was new, is in recorded_items.json. A kind
that is not there yet is added by `python -m tests.register.record`. What is there is not recorded
anew: if this test fails, either stored items are no longer read, or a word of the domain has
another name (and then it is that name that is changed in the file).
"""

from typing import Any

import pytest

from chalicelib.usecases.ports import StoreNewer
from tests.register.recorded import (
    Recorded,
    every_kind,
    kind_of,
    meaning,
    read,
    recorded,
    written,
)


def as_then(now: Any, then: Any) -> bool:
    """Whether everything that was told then is told now; more may be."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(name in now and as_then(now[name], value) for name, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(as_then, now, then))
    return type(now) is type(then) and bool(now == then)


def test_one_item_of_each_kind_is_recorded() -> None:
    assert {one.kind for one in recorded()} == every_kind()


def test_every_recorded_item_is_read_to_the_same_value_and_put_again_as_it_was() -> None:
    for one in recorded():
        model = read(one.kind.partition("/")[0], one.item)
        assert kind_of(type(model)) == one.kind
        now = meaning(model)
        assert as_then(now, dict(one.means)), f"{one.kind} was {one.means}, is {now}"
        assert written(model) == one.item, one.kind


def _of(kind: str) -> Recorded:
    return next(one for one in recorded() if one.kind == kind)


def test_a_value_that_changed_on_its_way_is_noticed() -> None:
    then = _of("ledger/redemption").means
    other = {**then["record"], "account_id": "mem_other"}
    assert as_then(then, then)
    assert as_then({"record": {**then["record"], "new": 1}}, then)
    assert not as_then({"record": other}, then)
    assert not as_then({}, then)


def test_an_attribute_that_is_no_longer_known_is_noticed() -> None:
    one = _of("config/reward")
    with pytest.raises(StoreNewer):
        read("config", {**one.item, "former": {"S": "an attribute that a release has dropped"}})
