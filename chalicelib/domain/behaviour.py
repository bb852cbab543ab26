"""The digest of what a member buys: small enough to lie beside its account and to be read with it.

It follows the account's entries in their order, so that whoever builds it anew comes to the same.
Kept only while a purpose of the kind profiling is in force. Knows no storage and no condition.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

EXACT_DAYS = 92
"""How far back each day is told apart; what is older counts by whole weeks."""

HORIZON_DAYS = 365
MOST_VISITS = 12
MOST_CATEGORIES = 10
MOST_STORES = 5
MOST_SKUS = 8
MOST_BYTES = 2_048

Figures = tuple[int, int, int]
"""(day as its proleptic ordinal, purchases, spend in minor units). Not a class and not a date: a
till reads some hundred of them for every purchase."""

Counts = tuple[tuple[str, int], ...]
"""How many purchases something was part of; what was bought last comes first."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a member has bought up to entry `seq` of its account, less what came back.

    days: newest first; those of more than 92 days before the newest purchase are in `weeks`, by
    their Mondays, for a year. visits: ordinals of the last days on which something was bought and
    kept, newest first. skus: the last ones that were bought, newest first, without what came back.
    """

    seq: int = 0
    days: tuple[Figures, ...] = ()
    weeks: tuple[Figures, ...] = ()
    visits: tuple[int, ...] = ()
    categories: Counts = ()
    stores: Counts = ()
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bought:
    """What one entry says of what a member buys: a purchase, or what of one came back.

    on: the day of the purchase, also where something came back later. purchases: 1, -1 where
    nothing is left of it, else 0. spend_minor: negative for what came back. categories, skus: of
    the lines that came, or of which nothing is left. store: where one came or is gone as a whole.
    """

    on: date
    purchases: int
    spend_minor: int
    categories: tuple[str, ...] = ()
    store: str | None = None
    skus: tuple[str, ...] = ()
    came_back: bool = False


def monday_of(ordinal: int) -> int:
    """The first day of a day's week, both as ordinals."""
    return ordinal - (ordinal - 1) % 7


def with_bought(behaviour: Behaviour, bought: Bought, as_of: date) -> Behaviour:
    """The digest after an entry. as_of: the day of the entry, before which days become weeks.

    No fact depends on when they do: what is older than 92 days counts by its week either way.
    """
    today = as_of.toordinal()
    days, weeks = _added(behaviour, bought, today)
    step = -1 if bought.came_back else 1
    store = (bought.store,) if bought.store is not None else ()
    return _small_enough(
        Behaviour(
            seq=behaviour.seq,
            days=days,
            weeks=weeks,
            visits=_visits(behaviour.visits, bought, days, weeks),
            categories=_counted(behaviour.categories, bought.categories, step, MOST_CATEGORIES),
            stores=_counted(behaviour.stores, store, step, MOST_STORES),
            skus=_skus(behaviour.skus, bought),
        )
    )


def up_to(behaviour: Behaviour, seq: int) -> Behaviour:
    """The digest after an entry that tells nothing of what is bought."""
    return replace(behaviour, seq=seq)


def favourite(counts: Counts) -> str | None:
    """What was bought most often; of several, that which was bought last."""
    return max(counts, key=lambda count: count[1])[0] if counts else None


# --- what an entry changes -----------------------------------------------------------------------


def _added(
    behaviour: Behaviour, bought: Bought, today: int
) -> tuple[tuple[Figures, ...], tuple[Figures, ...]]:
    """Days and weeks with what an entry says; what is too old for a day goes to its week."""
    on = bought.on.toordinal()
    rows: Sequence[Figures] = ((on, bought.purchases, bought.spend_minor),)
    recent = [row for row in (*rows, *behaviour.days) if today - row[0] <= EXACT_DAYS]
    older = [row for row in (*rows, *behaviour.days) if today - row[0] > EXACT_DAYS]
    by_week = [(monday_of(day), purchases, spend) for day, purchases, spend in older]
    weeks = _summed([*behaviour.weeks, *by_week])
    return _summed(recent), tuple(row for row in weeks if today - row[0] < HORIZON_DAYS)


def _summed(rows: Sequence[Figures]) -> tuple[Figures, ...]:
    """Rows of one day as one, newest first, none of nothing."""
    sums: dict[int, tuple[int, int]] = {}
    for day, purchases, spend in rows:
        before = sums.get(day, (0, 0))
        sums[day] = (before[0] + purchases, before[1] + spend)
    kept = ((day, max(0, one), max(0, other)) for day, (one, other) in sums.items())
    return tuple(sorted((row for row in kept if row[1] or row[2]), reverse=True))


def _visits(
    visits: tuple[int, ...],
    bought: Bought,
    days: tuple[Figures, ...],
    weeks: tuple[Figures, ...],
) -> tuple[int, ...]:
    on = bought.on.toordinal()
    if bought.purchases > 0:
        return tuple(sorted({*visits, on}, reverse=True)[:MOST_VISITS])
    if bought.purchases == 0:
        return visits
    left = {day for day, purchases, _ in days if purchases}
    left_weeks = {monday for monday, purchases, _ in weeks if purchases}
    if on in left or monday_of(on) in left_weeks:
        return visits
    return tuple(day for day in visits if day != on)


def _counted(counts: Counts, names: tuple[str, ...], step: int, most: int) -> Counts:
    """Counts after an entry. Where there are too many, that of the lowest count goes which was
    bought the longest ago; never one of this entry, or nothing new could rise."""
    sums = dict(counts)
    named = dict.fromkeys(names)
    touched = [(name, sums.get(name, 0) + step) for name in named if step > 0 or name in sums]
    if step > 0:
        others = [(name, count) for name, count in counts if name not in named]
        while others and len(others) + len(touched) > most:
            lowest = min(count for _, count in others)
            others.reverse()
            others.remove(next(row for row in others if row[1] == lowest))
            others.reverse()
        return tuple([*touched, *others][:most])
    sums.update(touched)
    return tuple((name, count) for name, count in sums.items() if count > 0)


def _skus(skus: tuple[str, ...], bought: Bought) -> tuple[str, ...]:
    others = [sku for sku in skus if sku not in bought.skus]
    if bought.came_back:
        return tuple(others)
    return tuple([*dict.fromkeys(bought.skus), *others][:MOST_SKUS])


# --- as it is stored -----------------------------------------------------------------------------


def packed_behaviour(behaviour: Behaviour) -> str:
    """The stored text: flat rows, days counted back from the newest; what is empty is left out."""
    newest = max((row[0] for row in (*behaviour.days, *behaviour.weeks)), default=0)
    newest = max((newest, *behaviour.visits))
    parts: dict[str, object] = {
        "n": behaviour.seq,
        "b": newest,
        "d": _flat(behaviour.days, newest),
        "w": _flat(behaviour.weeks, newest),
        "v": [newest - day for day in behaviour.visits],
        "c": [part for row in behaviour.categories for part in row],
        "s": [part for row in behaviour.stores for part in row],
        "k": behaviour.skus,
    }
    filled = {key: part for key, part in parts.items() if part}
    return json.dumps(filled, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=256)
def unpacked_behaviour(text: str) -> Behaviour:
    """The digest that a stored text holds."""
    parts: dict[str, Any] = json.loads(text)
    newest = parts.get("b", 0)
    return Behaviour(
        seq=parts.get("n", 0),
        days=_figures(parts.get("d", ()), newest),
        weeks=_figures(parts.get("w", ()), newest),
        visits=tuple(newest - back for back in parts.get("v", ())),
        categories=tuple(_pairs(parts.get("c", ()))),
        stores=tuple(_pairs(parts.get("s", ()))),
        skus=tuple(parts.get("k", ())),
    )


def _flat(rows: tuple[Figures, ...], newest: int) -> list[int]:
    return [part for day, *figures in rows for part in (newest - day, *figures)]


def _figures(flat: Sequence[int], newest: int) -> tuple[Figures, ...]:
    return tuple(
        (newest - back, purchases, spend)
        for back, purchases, spend in zip(*(iter(flat),) * 3, strict=True)
    )


def _pairs(flat: Sequence[Any]) -> Iterator[tuple[str, int]]:
    return zip(*(iter(flat),) * 2, strict=True)


def _small_enough(behaviour: Behaviour) -> Behaviour:
    """The digest within its bound. Names are long only where a shop's are; what matters least goes
    first: the last products, then stores, categories, and figures from the oldest on."""
    for part in ("skus", "stores", "categories", "weeks", "days"):
        while len(packed_behaviour(behaviour).encode()) > MOST_BYTES - _ROOM_FOR_SEQ:
            rows = getattr(behaviour, part)
            if not rows:
                break
            behaviour = replace(behaviour, **{part: rows[:-1]})
    return behaviour


_ROOM_FOR_SEQ = 16
"""Bytes that the number of the newest entry may still grow by."""
