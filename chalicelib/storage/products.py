"""What is bought together, in the table `config`: one item a product, all in one partition, so that
what the newest count no longer names can be found. Nothing in it is about a member.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.together import Together
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import each_of
from chalicelib.storage.tables import ConfigItem, IntAttribute

_A_BATCH = 25
"""Items of one BatchWriteItem."""


class TogetherItem(ConfigItem, discriminator="together"):
    """counted_on: the day of the count, of which the document tells, too."""

    schema = IntAttribute()
    document = UnicodeAttribute()
    counted_on = UnicodeAttribute()


class DynamoProducts:
    """The `Products` port over the bound tables."""

    def together(self, skus: Iterable[str]) -> Mapping[str, Together]:
        wanted = [(keys.TOGETHER, sku) for sku in dict.fromkeys(skus)]
        with store_errors():
            found = list(TogetherItem.batch_get(wanted)) if wanted else []
        return {item.sk: decoded(Together, item.document, item.schema) for item in found}

    def keep(self, counted: Iterable[Together]) -> None:
        left = iter(counted)
        while some := list(islice(left, _A_BATCH)):
            with store_errors(), TogetherItem.batch_write() as batch:
                for one in some:
                    batch.save(_item(one))

    def forget_before(self, day: date) -> int:
        old = [
            item
            for item in each_of(TogetherItem, keys.TOGETHER)
            if item.counted_on < day.isoformat()
        ]
        with store_errors(), TogetherItem.batch_write() as batch:
            for item in old:
                batch.delete(item)
        return len(old)


def _item(one: Together) -> TogetherItem:
    return TogetherItem(
        keys.TOGETHER,
        one.sku,
        schema=SCHEMA,
        document=encoded(one),
        counted_on=one.counted_on.isoformat(),
    )
