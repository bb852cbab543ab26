"""Reconciliations in the table `config`: a document each, put once begun and once finished."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.reconciliations import Reconciliation
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import get, newest_of
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Put, transact


class ReconciliationItem(ConfigItem, discriminator="reconciliation"):
    """done: 1 once it is finished; then it never changes again."""

    schema = IntAttribute()
    done = IntAttribute()
    document = UnicodeAttribute()

    def reconciliation(self) -> Reconciliation:
        return decoded(Reconciliation, self.document, self.schema)


class DynamoReconciliations:
    """The `Reconciliations` port over the bound tables."""

    def newest(self, limit: int) -> list[Reconciliation]:
        items = newest_of(ReconciliationItem, keys.RECONCILIATION, limit=limit)
        return [item.reconciliation() for item in items]

    def get(self, number: int) -> Reconciliation | None:
        item = get(ReconciliationItem, keys.RECONCILIATION, keys.reconciliation(number))
        return item.reconciliation() if item is not None else None

    def begin(self, reconciliation: Reconciliation) -> bool:
        return _put(Put(_item(reconciliation)))

    def finish(self, reconciliation: Reconciliation) -> bool:
        return _put(Put(_item(reconciliation), ReconciliationItem.done == 0))


def _item(reconciliation: Reconciliation) -> ReconciliationItem:
    item = ReconciliationItem(keys.RECONCILIATION, keys.reconciliation(reconciliation.number))
    item.schema, item.document = SCHEMA, encoded(reconciliation)
    item.done = int(reconciliation.finished_at is not None)
    return item


def _put(put: Put) -> bool:
    try:
        transact([put])
    except Cancelled:
        return False
    return True
