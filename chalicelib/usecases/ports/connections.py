"""From where purchases come in beside the API, and where what was refused of them is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from chalicelib.domain.connections import Connection


class Connections(Protocol):
    """Platforms and queues, with the platforms' secrets, which nobody reads but who checks a
    signature."""

    def add(self, connection: Connection, secret: str | None) -> bool:
        """Add a connection; False where its `sender` has one already, however many try at once."""
        ...

    def get(self, connection_id: str) -> Connection | None:
        """A connection as of now (consistent)."""
        ...

    def of_sender(self, sender: str) -> Connection | None:
        """Under which connection a sender's messages come; None for everybody else."""
        ...

    def secrets(self, connection_id: str, now: datetime) -> tuple[str, ...]:
        """The secrets that are good now: the current one, and for a day the one before. None for
        a connection that is not there or has no secret."""
        ...

    def all(self) -> list[Connection]:
        """Every connection, newest first."""
        ...

    def change_secret(self, connection_id: str, secret: str, now: datetime) -> Connection | None:
        """Sign with another secret from now on; the same one again changes nothing. None where
        there is no such connection with a secret."""
        ...

    def remove(self, connection_id: str) -> bool:
        """Forget a connection and its secrets; False where there is none. What came by it stays."""
        ...


class RefusedQueue(Protocol):
    def tell(self, document: Mapping[str, object]) -> None:
        """Tell of something that came in and was refused for good. StoreUnavailable when nobody
        takes it."""
        ...
