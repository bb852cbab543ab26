"""A ledger and a program of one test: who goes through all of it meets nobody else's records."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pynamodb.connection import Connection

from chalicelib import wiring
from chalicelib.storage.programs import DynamoPrograms
from chalicelib.storage.tables import ConfigItem, LedgerItem
from chalicelib.wiring import Services
from tests.contract.spoiled import RawLedger
from tests.own_tables import own_tables


@contextmanager
def own_books(services: Services, connection: Connection) -> Iterator[RawLedger]:
    """The whole application on a table `ledger` and a table `config` of the test's own; no program
    is there yet."""
    with own_tables(connection, LedgerItem, ConfigItem) as (table, _):
        programs = DynamoPrograms()  # whose memory is empty, too
        wiring.install(replace(services, ports=replace(services.ports, programs=programs)))
        yield RawLedger(connection.client, table)
