"""Counters behind the 429 answers: fixed windows, one conditional update each."""

from datetime import datetime

from pynamodb.exceptions import UpdateError

from chalicelib.domain.allowances import STRETCHING
from chalicelib.domain.names import Namer
from chalicelib.storage import keys
from chalicelib.storage.faults import failed_condition, store_errors
from chalicelib.storage.tables import IntAttribute, PeopleItem

_STAYS_SECONDS = 3_600


class CounterItem(PeopleItem, discriminator="N"):
    n = IntAttribute()
    ttl = IntAttribute()


class DynamoAllowances:
    """The `Allowances` port. factor: how many times as much the kinds that stretch allow."""

    def __init__(self, namer: Namer, factor: int) -> None:
        self._namer = namer
        self._factor = factor

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        window, past = divmod(int(now.timestamp()), window_seconds)
        # Named rather than spelled out: a network address belongs to somebody.
        key = keys.allowance(kind, self._namer.name("allowance", kind, whose), window)
        counter = CounterItem(key, keys.ONLY)
        most = at_most * self._factor if kind in STRETCHING else at_most
        ends = (window + 1) * window_seconds
        try:
            with store_errors():
                counter.update(
                    [CounterItem.n.add(1), CounterItem.ttl.set(ends + _STAYS_SECONDS), _MARK],
                    condition=CounterItem.n.does_not_exist() | (CounterItem.n < most),
                )
        except UpdateError as error:
            if failed_condition(error):
                return window_seconds - past
            raise
        return 0


_MARK = CounterItem.t.set(CounterItem)
"""An update that creates the item writes only what it names: the kind of item too."""
