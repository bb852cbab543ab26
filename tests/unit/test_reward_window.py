"""When a reward can be redeemed by anybody at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.rewards import Reward, RewardKind, RewardStatus, unavailable_reason

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
ALWAYS = Reward("rwd_1", 1, "A coffee", RewardKind.DONATION, 80)


def test_a_reward_without_a_window_is_available() -> None:
    assert unavailable_reason(ALWAYS, NOW) is None


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "reason"),
    [
        (NOW, None, None),
        (NOW + MOMENT, None, "not_started"),
        (None, NOW + MOMENT, None),
        (None, NOW, "ended"),
        (NOW - MOMENT, NOW, "ended"),
    ],
    ids=["first instant", "before it", "last instant", "after it", "both"],
)
def test_a_window_includes_its_start_and_excludes_its_end(
    starts_at: datetime | None, ends_at: datetime | None, reason: str | None
) -> None:
    assert unavailable_reason(replace(ALWAYS, starts_at=starts_at, ends_at=ends_at), NOW) == reason


def test_an_archived_reward_is_archived_whatever_its_window() -> None:
    archived = replace(ALWAYS, status=RewardStatus.ARCHIVED, starts_at=NOW + MOMENT)
    assert unavailable_reason(archived, NOW) == "archived"
