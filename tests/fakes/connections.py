"""Connections in memory, and what was told of refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.connections import FORMER_SECRET_GOOD_FOR, Connection
from chalicelib.usecases.ports import StoreUnavailable


@dataclass(slots=True)
class _Kept:
    connection: Connection
    secret: str | None
    former: str | None = None


class FakeConnections:
    """The `Connections` port without a store."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def add(self, connection: Connection, secret: str | None) -> bool:
        if connection.sender is not None and self.of_sender(connection.sender) is not None:
            return False
        self._kept[connection.connection_id] = _Kept(connection, secret)
        return True

    def get(self, connection_id: str) -> Connection | None:
        kept = self._kept.get(connection_id)
        return kept.connection if kept is not None else None

    def of_sender(self, sender: str) -> Connection | None:
        found = (kept.connection for kept in self._kept.values())
        return next((one for one in found if one.sender == sender), None)

    def secrets(self, connection_id: str, now: datetime) -> tuple[str, ...]:
        kept = self._kept.get(connection_id)
        if kept is None or kept.secret is None:
            return ()
        until = kept.connection.former_until
        if kept.former is None or until is None or until <= now:
            return (kept.secret,)
        return (kept.secret, kept.former)

    def all(self) -> list[Connection]:
        found = [kept.connection for kept in self._kept.values()]
        return sorted(found, key=lambda one: (one.created_at, one.connection_id), reverse=True)

    def change_secret(self, connection_id: str, secret: str, now: datetime) -> Connection | None:
        kept = self._kept.get(connection_id)
        if kept is None or kept.secret is None:
            return None
        if kept.secret != secret:
            until = now + FORMER_SECRET_GOOD_FOR
            kept.connection = replace(kept.connection, former_until=until)
            kept.secret, kept.former = secret, kept.secret
        return kept.connection

    def remove(self, connection_id: str) -> bool:
        return self._kept.pop(connection_id, None) is not None


class FakeRefusedQueue:
    """The `RefusedQueue` port: what was told, oldest first. is_closed: it takes nothing."""

    def __init__(self) -> None:
        self.is_closed = False
        self.told: list[Mapping[str, object]] = []

    def tell(self, document: Mapping[str, object]) -> None:
        if self.is_closed:
            raise StoreUnavailable("sqs")
        self.told.append(document)
