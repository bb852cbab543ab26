"""All members, page by page: a Scan of `people` that reads what is not sealed and nothing else.

The last member of a page is read to its end by a Query, as in `storage/books.py`, so that each
member is whole. Must not know what the members are gone through for.
"""

import json
from itertools import groupby
from typing import Any

from chalicelib.domain.freshness import Freshness
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import parsed
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.freshness_items import FreshnessItem, kept_by_worker
from chalicelib.storage.gone import transact_for
from chalicelib.storage.reading import get, raw_partition
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Cancelled
from chalicelib.usecases.ports.roll import RollPage, RollRow

PAGE_ITEMS = 1_000
"""Items of all kinds that a page goes through; some ten of them are a member."""

_SPARING = (keys.GONE, keys.HOLD)
_SHOWN = frozenset({keys.PROFILE, keys.FRESHNESS, keys.ERASURE, *_SPARING})
_ATTRIBUTES = ["at", *FreshnessItem.get_attributes()]

RawItem = dict[str, dict[str, Any]]


class DynamoRoll:
    """The `Roll` port over the bound tables."""

    def __init__(self, page_items: int = PAGE_ITEMS) -> None:
        self._page_items = page_items

    def page(self, cursor: str | None) -> RollPage:
        given = json.loads(cursor) if cursor is not None else None
        with store_errors():
            answer = PeopleItem._get_connection().scan(
                filter_condition=PeopleItem.sk.is_in(*_SHOWN),
                attributes_to_get=_ATTRIBUTES,
                limit=self._page_items,
                exclusive_start_key=_start_key(given) if given else None,
                consistent_read=True,
            )
        items: list[RawItem] = answer["Items"]
        last = answer.get("LastEvaluatedKey")
        if last is not None and last["pk"]["S"].startswith(keys.member("")):
            items = [*items, *raw_partition(PeopleItem, last["pk"]["S"], after=last["sk"]["S"])]
        fresh = [item for item in items if given is None or item["pk"]["S"] != given[0]]
        rows = (_row(pk, list(of_one)) for pk, of_one in groupby(fresh, key=_pk))
        after = json.dumps([last["pk"]["S"], last["sk"]["S"]]) if last is not None else None
        return RollPage(tuple(row for row in rows if row is not None), after)

    def fresh(self, member_id: str) -> Freshness:
        item = get(FreshnessItem, keys.member(member_id), keys.FRESHNESS)
        return item.freshness() if item is not None else Freshness(member_id)

    def keep(self, fresh: Freshness) -> bool:
        try:
            transact_for(fresh.member_id, updates=[kept_by_worker(fresh)])
        except Cancelled:
            return False
        return True


def _row(pk: str, items: list[RawItem]) -> RollRow | None:
    """A member; None for what is left of one, and for what is none."""
    by_place = {item["sk"]["S"]: item for item in items}
    profile, kept = by_place.get(keys.PROFILE), by_place.get(keys.FRESHNESS)
    if profile is None:
        return None
    member_id = pk.removeprefix(keys.member(""))
    verified = profile.get("c", {}).get("S", "").split()
    return RollRow(
        member_id,
        parsed(profile["at"]["S"]),
        frozenset(Channel(channel) for channel in verified),
        FreshnessItem.from_raw_data(kept).freshness() if kept else Freshness(member_id),
        spared=any(place in by_place for place in _SPARING),
        going=keys.ERASURE in by_place,
    )


def _pk(item: RawItem) -> str:
    return str(item["pk"]["S"])


def _start_key(given: list[str]) -> Any:
    pk, sk = given
    return {"pk": {"S": pk}, "sk": {"S": sk}}
