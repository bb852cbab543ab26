"""The whole application on empty tables of a test's own: who goes through all of a table meets
nobody else's items.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pynamodb.connection import Connection
from pynamodb.models import Model

from chalicelib import wiring
from chalicelib.storage.programs import DynamoPrograms
from chalicelib.storage.tables import ConfigItem, LedgerItem
from chalicelib.wiring import Services
from tests.contract.spoiled import RawLedger
from tests.own_tables import own_tables


@contextmanager
def own_services(
    services: Services, connection: Connection, *models: type[Model]
) -> Iterator[Services]:
    """Install these services on new tables of these items, or of all where none is named, while it
    lasts. No program is there yet."""
    with own_tables(connection, *models):
        # Programs are remembered by their number.
        own = replace(services, ports=replace(services.ports, programs=DynamoPrograms()))
        wiring.install(own)
        yield own


@contextmanager
def own_books(services: Services, connection: Connection) -> Iterator[RawLedger]:
    """The same on a table `ledger` and a table `config`; the ledger, to spoil it."""
    with own_services(services, connection, LedgerItem, ConfigItem):
        yield RawLedger(connection.client, LedgerItem.Meta.table_name)
