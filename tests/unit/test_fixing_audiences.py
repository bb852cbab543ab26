"""Whom an offer is launched for is listed page by page, as far as that helps and there is time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from chalicelib.domain.launches import MOST_LISTED, LaunchAudience
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offers import BonusPoints, Offer, OfferStatus, OfferText
from chalicelib.usecases.fix_audience import PAGE_MEMBERS, SECONDS, fix_audience
from chalicelib.usecases.ports import AsOf, AudienceCount, MemberPage, Patience, Ports, Where
from tests.ledger_world import NOW, fake_world, unhurried

OFFER = Offer(
    offer_id="off_1",
    number=1,
    version=1,
    name="Ten more",
    effect=BonusPoints(10),
    texts={"en": OfferText("Ten more")},
    status=OfferStatus.LAUNCHED,
    holdout_percent=20,
    launched_at=NOW,
)


class Pages:
    """A snapshot of so many members, and what is put into it."""

    def __init__(self, members: int) -> None:
        self._members = members
        self.put: dict[str, list[Any]] = {}
        self.pages = 0

    def as_of(self) -> AsOf:
        return AsOf(at=NOW)

    def count(self, where: Where) -> AudienceCount:
        assert where == Where()
        return AudienceCount(self._members, 0, 0, 0)

    def members(self, where: Where, after: str | None, limit: int) -> MemberPage:
        assert where == Where()
        self.pages += 1
        first = int(after or 0)
        last = min(first + limit, self._members)
        ids = tuple(f"mem_{number}" for number in range(first, last))
        return MemberPage(ids, str(last) if last < self._members else None)

    def put_changes(self, dataset: str, at: object, digest: str, rows: Sequence[Any]) -> None:
        assert (dataset, at) == ("audiences", NOW)
        self.put[digest] = list(rows)

    @property
    def rows(self) -> list[Any]:
        return [row for rows in self.put.values() for row in rows]


def _ports(pages: Pages, patience: Patience | None = None) -> Ports:
    world, _ = fake_world("audiences")
    asked = cast(Any, pages)
    return replace(world.ports, queries=asked, snapshots=asked, patience=patience or unhurried())


def test_every_member_is_listed_once_with_whether_it_is_held_out() -> None:
    pages = Pages(2 * PAGE_MEMBERS + 5)
    ports = _ports(pages)
    audience = fix_audience(ports, OFFER, NOW)
    held_out = {row["member_id"] for row in pages.rows if row["held_out"]}
    assert held_out == {
        row["member_id"] for row in pages.rows if in_holdout(OFFER, row["member_id"])
    }
    assert len({row["event"] for row in pages.rows}) == audience.members == audience.listed
    assert audience.held_out == len(held_out) > 0
    assert len(pages.put) == 3
    assert ports.measures.launch("off_1") == audience


def test_of_a_large_audience_a_part_is_followed() -> None:
    pages = Pages(10 * MOST_LISTED)
    audience = fix_audience(_ports(pages), OFFER, NOW)
    assert (audience.members, audience.listed) == (10 * MOST_LISTED, MOST_LISTED)


@pytest.mark.parametrize(("seconds", "listed"), [(SECONDS * 2, 1), (SECONDS / 2, 2)])
def test_a_launch_waits_for_its_list_only_so_long(seconds: float, listed: int) -> None:
    now = iter(seconds * look for look in range(1_000))
    pages = Pages(10 * MOST_LISTED)
    watch = replace(unhurried(), monotonic=lambda: next(now))
    assert fix_audience(_ports(pages, watch), OFFER, NOW).listed == listed * PAGE_MEMBERS


def test_nobody_is_listed_for_an_offer_without_a_holdout() -> None:
    pages = Pages(50)
    audience = fix_audience(_ports(pages), replace(OFFER, holdout_percent=0), NOW)
    assert audience == LaunchAudience("off_1", NOW, 50, NOW)
    assert (pages.pages, pages.rows) == (0, [])
