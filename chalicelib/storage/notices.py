"""What members were told of points that expire, over DynamoDB: an item beside each profile."""

import json
from collections.abc import Mapping
from datetime import date

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.notices import Told
from chalicelib.storage import keys
from chalicelib.storage.gone import transact_for
from chalicelib.storage.reading import get
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Cancelled, Put


class ToldItem(PeopleItem, discriminator="T"):
    """n: version. e, l: events and letters, the stage by last day. by: who wrote it."""

    n = IntAttribute()
    e = UnicodeAttribute()
    l = UnicodeAttribute()  # noqa: E741  # the stored name
    by = UnicodeAttribute()


class DynamoNotices:
    """The `Notices` port over the bound tables."""

    def told(self, member_id: str) -> Told:
        item = get(ToldItem, keys.member(member_id), keys.TOLD)
        if item is None:
            return Told(member_id, 0, {}, {})
        return Told(member_id, item.n, _stages(item.e), _stages(item.l), item.by)

    def keep(self, told: Told) -> bool:
        item = ToldItem(keys.member(told.member_id), keys.TOLD)
        item.n, item.by = told.version, told.by
        item.e, item.l = _text(told.events), _text(told.letters)
        follows = None if told.version == 1 else ToldItem.n == told.version - 1
        try:
            transact_for(told.member_id, [Put(item, follows)])
        except Cancelled:
            return False
        return True


def _text(stages: Mapping[date, int]) -> str:
    by_day = {day.isoformat(): stage for day, stage in stages.items()}
    return json.dumps(by_day, separators=(",", ":"))


def _stages(text: str) -> dict[date, int]:
    return {date.fromisoformat(day): stage for day, stage in json.loads(text).items()}
