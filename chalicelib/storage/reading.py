"""Reads items: one, a partition, its newest, what falls due. Consistent, but for the index."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pynamodb.models import Model

from chalicelib.storage.faults import store_errors
from chalicelib.storage.tables import DueIndex, LedgerItem

Item = TypeVar("Item", bound=Model)

_DUE_PAGE = 100
"""Items of the index `due` that are read at a time."""


def get(model: type[Item], pk: str, sk: str) -> Item | None:
    """One item, consistently read; None when there is none (or it is of another kind)."""
    with store_errors():
        try:
            return model.get(pk, sk, consistent_read=True)
        except model.DoesNotExist:
            return None


def all_of(model: type[Item], pk: str) -> list[Item]:
    """Every item of a partition in the order of its sort keys, consistently read."""
    return list(each_of(model, pk))


def each_of(model: type[Item], pk: str) -> Iterator[Item]:
    """The same one by one, for partitions that are too large to be held in memory."""
    start: dict[str, Any] | None = None
    while True:
        page, start = _page(model, pk, start=start)
        yield from page
        if start is None:
            return


def newest_of(model: type[Item], pk: str, *, limit: int, before: str | None = None) -> list[Item]:
    """The last items of a partition, newest first, consistently read, in one call.

    before: a sort key; only items below it (a start key rather than a range, so that the read is
    of the partition alone).
    """
    start = {"pk": {"S": pk}, "sk": {"S": before}} if before is not None else None
    return _page(model, pk, start=start, limit=limit, forward=False)[0]


def oldest_of(model: type[Item], pk: str, *, limit: int, after: str | None = None) -> list[Item]:
    """The first items of a partition, consistently read, in one call. after: a sort key; only items
    above it."""
    start = {"pk": {"S": pk}, "sk": {"S": after}} if after is not None else None
    return _page(model, pk, start=start, limit=limit)[0]


def raw_partition(model: type[Item], pk: str, *, after: str | None = None) -> list[dict[str, Any]]:
    """Every item of a partition as DynamoDB gives it, consistently read. after: a sort key; only
    items above it."""
    items: list[dict[str, Any]] = []
    start = {"pk": {"S": pk}, "sk": {"S": after}} if after is not None else None
    while True:
        with store_errors():
            answer = model._get_connection().query(
                pk, consistent_read=True, exclusive_start_key=start
            )
        items.extend(answer["Items"])
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return items


def partition_keys(model: type[Item], pk: str, until: str | None) -> Iterator[str]:
    """The sort keys of a partition in their order, consistently read, those up to `until`."""
    start: dict[str, Any] | None = None
    wanted = model.sk <= until if until is not None else None  # type: ignore[attr-defined]  # all models here have sk
    while True:
        with store_errors():
            answer = model._get_connection().query(
                pk,
                range_key_condition=wanted,
                consistent_read=True,
                exclusive_start_key=start,
                limit=_DUE_PAGE,
            )
        for item in answer["Items"]:
            yield item["sk"]["S"]
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return


def _page(
    model: type[Item],
    pk: str,
    *,
    start: dict[str, Any] | None,
    limit: int | None = None,
    forward: bool = True,
) -> tuple[list[Item], dict[str, Any] | None]:
    # Not `Model.query`: it filters by the known discriminators, so that an item of a newer release
    # would be passed over in silence instead of stopping the reader.
    with store_errors():
        answer = model._get_connection().query(
            pk,
            consistent_read=True,
            exclusive_start_key=start,
            limit=limit,
            scan_index_forward=forward,
        )
        items = [model.from_raw_data(item) for item in answer["Items"]]
    return items, answer.get("LastEvaluatedKey")


def due_page(bucket: str, first: str, last: str) -> tuple[list[str], bool]:
    """Some `due_at` of a bucket's items from `first` to `last`, both included, in their order; and
    whether there may be more behind them."""
    with store_errors():
        answer = LedgerItem._get_connection().query(
            bucket,
            range_key_condition=LedgerItem.due_at.between(first, last),
            index_name=DueIndex.Meta.index_name,
            limit=_DUE_PAGE,
        )
    found = [item["due_at"]["S"] for item in answer["Items"]]
    return found, "LastEvaluatedKey" in answer


def due_keys(bucket: str, until: str) -> Iterator[str]:
    """Partition keys of the ledger's items that fall due in a bucket, up to an instant as printed.

    Asked of the connection, not of a model: the index holds keys alone, not what they lead to.
    """
    start: dict[str, Any] | None = None
    while True:
        with store_errors():
            answer = LedgerItem._get_connection().query(
                bucket,
                range_key_condition=LedgerItem.due_at <= until,
                exclusive_start_key=start,
                index_name=DueIndex.Meta.index_name,
                limit=_DUE_PAGE,
            )
        for item in answer["Items"]:
            yield item["pk"]["S"]
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return
