"""The five tables as PynamoDB models over one connection, and the one way to write to them.

Each kind of item is a subclass of its table's model with a `discriminator` of its own. Must not
know what the items mean.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import Attribute, DiscriminatorAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.constants import NUMBER
from pynamodb.exceptions import CancellationReason, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.settings import Settings
from chalicelib.usecases.ports import StoreNewer, StoreUnavailable

_SAFE_INTEGER = 2**53
_TRANSIENT = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

Item = TypeVar("Item", bound=Model)


class IntAttribute(Attribute[int]):
    """A whole number; PynamoDB's own NumberAttribute is typed float and checks no range."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        if type(value) is not int or not -_SAFE_INTEGER < value < _SAFE_INTEGER:
            raise ValueError(f"{value!r} is not a whole number that is stored safely")
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class DueIndex(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # PynamoDB's own hook
    """What falls due on a day, by instant. A hint for workers, never the truth."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class LedgerItem(Model):
    """What is true of points, for ever. Only ever put where nothing stands."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    due = DueIndex()


class PeopleItem(Model):
    """What is known of people; personal fields are sealed."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


class KeysItem(Model):
    """The members' wrapped data keys."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


class ConfigItem(Model):
    """What staff set: programs, rewards, stock, API keys."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


class AuditItem(Model):
    """Who did or read what. Only ever put."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


def bind(settings: Settings) -> Connection:
    """Point the models at their tables, over one connection with time-outs that suit a till.

    Returns the connection; its `client` is botocore's (observed by tests and benches).
    """
    shared = Connection(
        connect_timeout_seconds=1,
        read_timeout_seconds=2,
        max_retry_attempts=1,
        max_pool_connections=64,
    )
    tables: dict[type[Model], str] = {
        LedgerItem: settings.ledger_table,
        PeopleItem: settings.people_table,
        KeysItem: settings.keys_table,
        ConfigItem: settings.config_table,
        AuditItem: settings.audit_table,
    }
    for model, name in tables.items():
        model.Meta.table_name = name
        model._connection = None
        table = model._get_connection()
        shared.add_meta_table(table.get_meta_table())
        table.connection = shared
    # Made now, not on the first call: botocore's client creation is not thread safe.
    assert shared.client  # noqa: S101  # the property makes it
    return shared


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


@dataclass
class Cancelled(Exception):
    """A condition of a transaction did not hold; nothing was written.

    deletes, puts, updates: for each item of the call, in its order, whether its condition failed.
    existing: for each put, the raw item that stands in its place where its condition failed.
    """

    deletes: list[bool] = field(default_factory=list)
    puts: list[bool] = field(default_factory=list)
    updates: list[bool] = field(default_factory=list)
    existing: list[dict[str, dict[str, Any]] | None] = field(default_factory=list)


def transact(
    puts: Sequence[Put] = (), updates: Sequence[Update] = (), deletes: Sequence[Delete] = ()
) -> None:
    """Write all of it or nothing. Raises Cancelled when a condition does not hold,
    StoreUnavailable when it is unknown whether the write landed."""
    items = [write.item for write in (*deletes, *puts, *updates)]  # type: ignore[attr-defined]  # mypy joins the three to object
    transaction = TransactWrite(connection=items[0]._get_connection().connection)
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
            # PynamoDB keeps the reasons in the order delete, put, update, whatever the call's.
            first, second = len(deletes), len(deletes) + len(puts)
            raise Cancelled(
                deletes=[reason is not None for reason in failed[:first]],
                puts=[reason is not None for reason in failed[first:second]],
                updates=[reason is not None for reason in failed[second:]],
                existing=[r.raw_item if r is not None else None for r in failed[first:second]],
            ) from error


def _failed_conditions(error: TransactWriteError) -> list[CancellationReason | None] | None:
    """Per item the reason of a failed condition; None when none failed, or when not all of them
    were looked at: an item that another transaction held tells nothing of its own condition."""
    if error.cause_response_code != "TransactionCanceledException":
        return None
    reasons = error.cancellation_reasons
    failed = [reason is not None for reason in reasons]
    conclusive = all(r is None or r.code == "ConditionalCheckFailed" for r in reasons)
    return reasons if any(failed) and conclusive else None


@contextmanager
def store_errors() -> Iterator[None]:
    """Tell what every call to DynamoDB may raise apart, in one place.

    Transient trouble becomes StoreUnavailable, an item of a newer release StoreNewer. A failed
    condition of a single write and an error of our own pass through as PynamoDB raised them.
    """
    try:
        yield
    except PynamoDBException as error:
        if _is_transient(error):
            raise StoreUnavailable(str(error)) from error
        raise
    except ValueError as error:
        if "Unknown discriminator value" in str(error):
            raise StoreNewer(str(error)) from error
        raise


def _is_transient(error: PynamoDBException) -> bool:
    if isinstance(error.cause, ClientError):
        code = error.cause_response_code
        # A cancelled transaction without a failed condition: conflict, throttle, in progress.
        return code in _TRANSIENT or code == "TransactionCanceledException"
    return isinstance(error.cause, BotoCoreError)


def failed_condition(error: PynamoDBException) -> bool:
    """Whether a single put, update or delete was refused by its own condition."""
    return error.cause_response_code == "ConditionalCheckFailedException"


def get(model: type[Item], pk: str, sk: str) -> Item | None:
    """One item, consistently read; None when there is none (or it is of another kind)."""
    with store_errors():
        try:
            return model.get(pk, sk, consistent_read=True)
        except model.DoesNotExist:
            return None


def all_of(model: type[Item], pk: str) -> list[Item]:
    """Every item of a partition in the order of its sort keys, consistently read."""
    items: list[Item] = []
    start: dict[str, Any] | None = None
    while True:
        page, start = _page(model, pk, start=start)
        items.extend(page)
        if start is None:
            return items


def newest_of(model: type[Item], pk: str, *, limit: int, before: str | None = None) -> list[Item]:
    """The last items of a partition, newest first, consistently read, in one call.

    before: a sort key; only items below it (a start key rather than a range, so that the read is
    of the partition alone).
    """
    start = {"pk": {"S": pk}, "sk": {"S": before}} if before is not None else None
    return _page(model, pk, start=start, limit=limit, forward=False)[0]


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
                limit=100,
            )
        for item in answer["Items"]:
            yield item["pk"]["S"]
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return
