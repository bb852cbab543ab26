"""A shop whose points expire, on tables of its own, for the workers that go by last days."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.entries import Entry, EntryKind, next_entry, opening_entry
from chalicelib.domain.names import new_id
from chalicelib.domain.program import Expiry, ExpiryKind
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases.ports import Write
from chalicelib.wiring import Services
from tests.api.client import Client
from tests.api.shop import COFFEE, Shop
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.own_services import own_services

HOUR: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "events" / "schedule.json").read_text()
)
"""What a schedule sends."""

BERLIN = ZoneInfo("Europe/Berlin")
A_YEAR = Expiry(ExpiryKind.AFTER_EARNING, months=12)
LAST = date(2026, 12, 31)


@dataclass(slots=True)
class LastDays:
    """The shop, and its ledger in a test's own words."""

    shop: Shop
    services: Services

    def account(self, *lots: Lot) -> str:
        """A new account with these lots."""
        now = self.services.clock()
        head = opening_entry(new_id("mem", token_bytes(16)), AccountStatus.ACTIVE, now)
        after = Account(lots=lots)
        entry = next_entry(head, after, kind=EntryKind.ADJUST, cause="test", now=now)
        for written in (head, entry):
            self.services.ports.ledger.commit(Write((), (written,)))
        return head.account_id

    def hold(self, account_id: str, *lots: Lot) -> None:
        """An account has these lots from now on."""
        head = self.entries(account_id)[0]
        after = replace(head.account(), lots=lots)
        cause, now = f"test:{head.seq}", self.services.clock()
        entry = next_entry(head, after, kind=EntryKind.ADJUST, cause=cause, now=now)
        self.services.ports.ledger.commit(Write((), (entry,)))

    def entries(self, account_id: str) -> list[Entry]:
        """All of an account's entries, newest first."""
        return self.services.ports.ledger.entries(account_id, None, 1_000)

    def kinds(self, account_id: str) -> list[str]:
        """Their kinds, oldest first."""
        return [str(entry.kind) for entry in reversed(self.entries(account_id))]


@contextmanager
def last_days(
    services: Services,
    client: Client,
    key_for: Callable[..., str],
    token_for: Callable[..., str],
    **program: Any,
) -> Iterator[LastDays]:
    """The shop while it lasts; `program`: fields of its program that differ."""
    with own_services(services, LedgerItem._get_connection().connection) as own:
        version = replace(COFFEE, version=1, **({"expiry": A_YEAR} | program))
        assert own.ports.programs.add(version, FROM_THE_BEGINNING)
        yield LastDays(Shop(client, own, key_for(), token_for), own)


def in_berlin(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by Berlin's clocks."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)
