"""The six tables as PynamoDB models over one connection.

Each kind of item is a subclass of its table's model with a `discriminator` of its own. Must not
know what the items mean.
"""

from functools import cache
from typing import Any

import botocore
from botocore.config import Config
from pynamodb.attributes import Attribute, DiscriminatorAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.constants import NUMBER
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib import tracing
from chalicelib.settings import Settings
from chalicelib.usecases.ports import StoreNewer

_SAFE_INTEGER = 2**53


class IntAttribute(Attribute[int]):
    """A whole number; PynamoDB's own NumberAttribute is typed float and checks no range."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        if type(value) is not int or not -_SAFE_INTEGER < value < _SAFE_INTEGER:
            raise ValueError(f"{value!r} is not a whole number that is stored safely")
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class _Whole:
    """An item is read whole or not at all: one with an attribute that a newer release brought would
    lose it with the next put. Who meets one says "try again", and a newer release answers then."""

    @classmethod
    def _instantiate(cls, attribute_values: dict[str, Any]) -> Any:
        item: Model = super()._instantiate(attribute_values)  # type: ignore[misc]  # PynamoDB's own, which every reading goes through
        if "t" not in attribute_values:
            return item  # of no kind at all: broken, and not newer
        if unknown := attribute_values.keys() - _known(type(item)):
            raise StoreNewer(f"{type(item).__name__} has {', '.join(sorted(unknown))}")
        return item


@cache
def _known(kind: type[Model]) -> frozenset[str]:
    """The stored names of the attributes of a kind of item."""
    return frozenset(attribute.attr_name for attribute in kind.get_attributes().values())


class DueIndex(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # PynamoDB's own hook
    """What falls due on a day, by instant. A hint for workers, never the truth."""

    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_bucket = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class LedgerItem(_Whole, Model):
    """What is true of points, for ever. Only ever put where nothing stands."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()
    due_bucket = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    due = DueIndex()


class PeopleItem(_Whole, Model):
    """What is known of people; personal fields are sealed."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


class KeysItem(_Whole, Model):
    """The members' wrapped data keys."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


class ConfigItem(_Whole, Model):
    """What staff set: programs, rewards, stock, API keys."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()


class ByMemberIndex(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # as above
    """What was done or read of a member, in the order of time; a moment late."""

    class Meta:
        index_name = "by_member"
        projection = AllProjection()

    member_id = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class AuditItem(_Whole, Model):
    """Who did or read what. Only ever put."""

    class Meta:
        table_name = ""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    t = DiscriminatorAttribute()
    member_id = UnicodeAttribute(null=True)
    by_member = ByMemberIndex()


class AnchorItem(_Whole, Model):
    """The roots of the days and the trees below them. Only ever put where nothing stands."""

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
    # Its own, which tells of the machine as well, botocore would put together anew for every call.
    ours = Config(user_agent=f"stampbook botocore/{botocore.__version__}")
    shared.session.set_default_client_config(ours)
    tables: dict[type[Model], str] = {
        LedgerItem: settings.ledger_table,
        PeopleItem: settings.people_table,
        KeysItem: settings.keys_table,
        ConfigItem: settings.config_table,
        AuditItem: settings.audit_table,
        AnchorItem: settings.anchors_table,
    }
    for model, name in tables.items():
        model.Meta.table_name = name
        model._connection = None
        table = model._get_connection()
        shared.add_meta_table(table.get_meta_table())
        table.connection = shared
    # Made now, not on the first call: botocore's client creation is not thread safe.
    tracing.watch(shared.client)
    return shared
