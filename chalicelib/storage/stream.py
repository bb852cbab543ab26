"""The ledger's stream: from a stream record's image to the record that was written."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.entries import Entry
from chalicelib.domain.redaction import says_nothing
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.ledger_items import (
    EndItem,
    EntryItem,
    OperationItem,
    RedemptionItem,
    SpentItem,
    TraitsItem,
    VoucherItem,
)
from chalicelib.storage.purchase_items import (
    ClaimItem,
    PurchaseItem,
    RefusedItem,
    ReturnItem,
    WaitingItem,
)
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import Cause

_CAUSES = (
    PurchaseItem,
    ReturnItem,
    ClaimItem,
    WaitingItem,
    RefusedItem,
    RedemptionItem,
    EndItem,
    SpentItem,
    VoucherItem,
    OperationItem,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was written. is_event: whether it stands for its operation; key: its place."""

    record: Entry | Cause
    is_event: bool
    key: str


def written(image: Mapping[str, Any]) -> Written | None:
    """The record of a stream image (DynamoDB JSON as Lambda is given it).

    None for what is no record of the ledger's history (a member's traits). Raises StoreNewer for a
    kind of record that is not known here.
    """
    with store_errors():
        item = LedgerItem.from_raw_data({name: _bytes(value) for name, value in image.items()})
    key = f"{item.pk}/{item.sk}"
    if isinstance(item, EntryItem):
        return Written(item.entry(), item.ev == 1, key)
    if isinstance(item, _CAUSES):
        return Written(item.record(), item.ev == 1, key)
    assert isinstance(item, TraitsItem)  # noqa: S101  # the only other kind
    return None


def is_redaction(change: Mapping[str, Any]) -> bool:
    """Whether a record was redacted: what was written over it is marked so, and tells no more than
    a redacted one does. change: a stream record's, of something that was changed or removed."""
    image = change.get("NewImage")
    if image is None or image.get("rd", {}).get("N") != "1":
        return False
    found = written(image)
    return found is not None and says_nothing(found.record)


def whose_traits(change: Mapping[str, Any]) -> str | None:
    """The member whose traits, or the digest beside them, were written; None for anything else.
    change: a stream record's."""
    image = change.get("NewImage")
    if image is None or change["Keys"]["sk"]["S"] != keys.TRAITS:
        return None
    return str(image["pk"]["S"]).removeprefix(keys.account(""))


def may_be_counted(change: Mapping[str, Any]) -> str | None:
    """The account whose member lets us look at what it buys, and of which nothing is counted yet.
    change: a stream record's."""
    image = change.get("NewImage")
    if image is None or image["t"]["S"] != "T" or "b" in image:
        return None
    item = TraitsItem.from_raw_data(dict(image))
    return item.pk.removeprefix(keys.account("")) if item.traits().profiling else None


def _bytes(value: Mapping[str, Any]) -> dict[str, Any]:
    """Lambda's events are JSON: their bytes come as base 64, which the models do not expect."""
    return {"B": b64decode(value["B"])} if "B" in value else dict(value)
