"""Connections in the table `config`: each by its id and, for queues, by who sends.

A platform's secrets are sealed with a data key of the connection's own, wrapped by KMS.
"""

from dataclasses import replace
from datetime import datetime

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.domain.connections import FORMER_SECRET_GOOD_FOR, Connection
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.reading import all_of, get
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.writing import Cancelled, Delete, Put, transact
from chalicelib.usecases.ports import Vault

_FIELD = "connection secret"
"""What a sealed secret is bound to, beside its connection."""


class ConnectionItem(ConfigItem, discriminator="connection"):
    """A connection; of a platform with its secret, and the one before."""

    schema = IntAttribute()
    document = UnicodeAttribute()
    wrapped_key = BinaryAttribute(legacy_encoding=False, null=True)
    secret = BinaryAttribute(legacy_encoding=False, null=True)
    former = BinaryAttribute(legacy_encoding=False, null=True)

    def connection(self) -> Connection:
        return decoded(Connection, self.document, self.schema)


class ConnectionSenderItem(ConfigItem, discriminator="connection_sender"):
    """Which connection a sender's messages come by."""

    connection_id = UnicodeAttribute()


class DynamoConnections:
    """The `Connections` port over the bound tables."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add(self, connection: Connection, secret: str | None) -> bool:
        item = _item(connection)
        if secret is not None:
            item.wrapped_key = self._vault.create_key(connection.connection_id)
            item.secret = self._sealed(item, secret)
        puts = [Put(item)]
        if connection.sender is not None:
            lead = ConnectionSenderItem(keys.connection_sender(connection.sender), keys.ONLY)
            lead.connection_id = connection.connection_id
            puts.append(Put(lead))
        try:
            transact(puts=puts)
        except Cancelled:
            return False
        return True

    def get(self, connection_id: str) -> Connection | None:
        item = get(ConnectionItem, keys.CONNECTION, connection_id)
        return item.connection() if item is not None else None

    def of_sender(self, sender: str) -> Connection | None:
        lead = get(ConnectionSenderItem, keys.connection_sender(sender), keys.ONLY)
        return self.get(lead.connection_id) if lead is not None else None

    def secrets(self, connection_id: str, now: datetime) -> tuple[str, ...]:
        item = get(ConnectionItem, keys.CONNECTION, connection_id)
        if item is None or item.secret is None:
            return ()
        until = item.connection().former_until
        if item.former is None or until is None or until <= now:
            return (self._opened(item, item.secret),)
        return (self._opened(item, item.secret), self._opened(item, item.former))

    def all(self) -> list[Connection]:
        found = [item.connection() for item in all_of(ConnectionItem, keys.CONNECTION)]
        return sorted(found, key=lambda one: (one.created_at, one.connection_id), reverse=True)

    def change_secret(self, connection_id: str, secret: str, now: datetime) -> Connection | None:
        while True:
            item = get(ConnectionItem, keys.CONNECTION, connection_id)
            if item is None or item.secret is None:
                return None
            if self._opened(item, item.secret) == secret:
                return item.connection()
            changed = replace(item.connection(), former_until=now + FORMER_SECRET_GOOD_FOR)
            after = _item(changed)
            after.wrapped_key, after.former = item.wrapped_key, item.secret
            after.secret = self._sealed(after, secret)
            try:
                transact(puts=[Put(after, ConnectionItem.secret == item.secret)])
            except Cancelled:
                continue  # somebody else changed it just now: over what that one wrote
            return changed

    def remove(self, connection_id: str) -> bool:
        connection = self.get(connection_id)
        if connection is None:
            return False
        item = ConnectionItem(keys.CONNECTION, connection_id)
        deletes = [Delete(item)]
        if connection.sender is not None:
            lead = keys.connection_sender(connection.sender)
            deletes.append(Delete(ConnectionSenderItem(lead, keys.ONLY)))
        transact(deletes=deletes)
        return True

    def _sealed(self, item: ConnectionItem, secret: str) -> bytes:
        return self._vault.seal(item.sk, item.wrapped_key, _FIELD, secret.encode())

    def _opened(self, item: ConnectionItem, sealed: bytes) -> str:
        return self._vault.open(item.sk, item.wrapped_key, _FIELD, sealed).decode()


def _item(connection: Connection) -> ConnectionItem:
    item = ConnectionItem(keys.CONNECTION, connection.connection_id)
    item.schema, item.document = SCHEMA, encoded(connection)
    return item
