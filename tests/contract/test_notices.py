"""What members were told, in memory and in DynamoDB."""

from datetime import date

import pytest

from chalicelib.domain.notices import Told
from chalicelib.settings import Settings
from chalicelib.storage.notices import DynamoNotices
from chalicelib.usecases.ports import Notices
from tests.fakes.notices import FakeNotices
from tests.ledger_world import new_name

DAY, LATER = date(2026, 12, 31), date(2027, 1, 31)


@pytest.fixture(params=["dynamo", "fake"])
def notices(request: pytest.FixtureRequest) -> Notices:
    if request.param == "fake":
        return FakeNotices()
    assert isinstance(request.getfixturevalue("bound"), Settings)
    return DynamoNotices()


def test_nobody_was_told_anything_at_first(notices: Notices) -> None:
    somebody = new_name("mem_told")
    assert notices.told(somebody) == Told(somebody, 0, {}, {})


def test_what_is_kept_is_read_back_as_it_was(notices: Notices) -> None:
    first = Told(new_name("mem_told"), 1, {DAY: 30, LATER: 7}, {}, "run-1")
    second = Told(first.member_id, 2, {DAY: 7}, {DAY: 30}, "run-2")
    for told in (first, second):
        assert notices.keep(told)
        assert notices.told(first.member_id) == told


def test_a_version_is_written_once(notices: Notices) -> None:
    first = Told(new_name("mem_told"), 1, {DAY: 30}, {}, "run-1")
    assert notices.keep(first)
    assert not notices.keep(Told(first.member_id, 1, {DAY: 7}, {}, "run-2"))
    assert not notices.keep(Told(first.member_id, 3, {DAY: 7}, {}, "run-2"))
    assert notices.told(first.member_id) == first
