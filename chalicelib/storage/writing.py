"""Writes items: all of a transaction or nothing of it. The one way to write more than one item."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pynamodb.exceptions import CancellationReason, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.storage.faults import response_code, store_errors


@dataclass(frozen=True, slots=True)
class Put:
    """Put an item; without a condition of its own, only where nothing stands."""

    item: Model
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change an item in place (counters, never anything of the ledger)."""

    item: Model
    actions: Sequence[Action]
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    item: Model
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """Write the rest only as long as nothing stands here."""

    model: type[Model]
    pk: str
    sk: str


@dataclass
class Cancelled(Exception):
    """A condition of a transaction did not hold; nothing was written.

    absent, deletes, puts, updates: for each item of the call, in its order, whether its condition
    failed.
    existing: for each put, the raw item that stands in its place where its condition failed.
    """

    absent: list[bool] = field(default_factory=list)
    deletes: list[bool] = field(default_factory=list)
    puts: list[bool] = field(default_factory=list)
    updates: list[bool] = field(default_factory=list)
    existing: list[dict[str, dict[str, Any]] | None] = field(default_factory=list)


def transact(
    puts: Sequence[Put] = (),
    updates: Sequence[Update] = (),
    deletes: Sequence[Delete] = (),
    absent: Sequence[Absent] = (),
) -> None:
    """Write all of it or nothing. Raises Cancelled when a condition does not hold,
    StoreUnavailable when it is unknown whether the write landed."""
    items = [write.item for write in (*deletes, *puts, *updates)]  # type: ignore[attr-defined]  # mypy joins the three to object
    transaction = TransactWrite(connection=items[0]._get_connection().connection)
    for place in absent:
        condition = place.model.pk.does_not_exist()  # type: ignore[attr-defined]  # all models here have pk
        transaction.condition_check(place.model, place.pk, place.sk, condition)
    for delete in deletes:
        transaction.delete(delete.item, condition=delete.condition)
    for put in puts:
        condition = put.condition
        if condition is None:
            condition = type(put.item).pk.does_not_exist()  # type: ignore[attr-defined]  # all models here have pk
        transaction.save(put.item, condition=condition, return_values="ALL_OLD")
    for update in updates:
        transaction.update(update.item, list(update.actions), condition=update.condition)
    with store_errors():
        try:
            # Not the `with` form: an exception inside it would hide whether anything was sent.
            transaction._commit()
        except TransactWriteError as error:
            failed = _failed_conditions(error)
            if failed is None:
                raise
            # PynamoDB keeps the reasons in this order, whatever the call's.
            first = len(absent)
            second, third = first + len(deletes), first + len(deletes) + len(puts)
            raise Cancelled(
                absent=[reason is not None for reason in failed[:first]],
                deletes=[reason is not None for reason in failed[first:second]],
                puts=[reason is not None for reason in failed[second:third]],
                updates=[reason is not None for reason in failed[third:]],
                existing=[r.raw_item if r is not None else None for r in failed[second:third]],
            ) from error


def _failed_conditions(error: TransactWriteError) -> list[CancellationReason | None] | None:
    """Per item the reason of a failed condition; None when none failed, or when not all of them
    were looked at: an item that another transaction held tells nothing of its own condition."""
    if response_code(error) != "TransactionCanceledException":
        return None
    reasons = error.cancellation_reasons
    failed = [reason is not None for reason in reasons]
    conclusive = all(r is None or r.code == "ConditionalCheckFailed" for r in reasons)
    return reasons if any(failed) and conclusive else None
