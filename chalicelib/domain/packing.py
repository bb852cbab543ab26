"""The packed form of an account: the very text that an entry stores and its hash covers.

Short keys, flat rows, days counted from 2020, months from a base month: below 0.9 KB for a full
account. Whoever reads a packed text keeps it as it is; nothing stored is ever encoded again.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from chalicelib.domain.account import (
    Account,
    AccountStatus,
    Gift,
    Held,
    Lifetime,
    Lot,
    Month,
    OfferUse,
    PendingLot,
    Use,
)
from chalicelib.domain.packed_progress import packed_progress, progress_of
from chalicelib.domain.refusals import AccountFull
from chalicelib.domain.reviews import Review, Suspicion, WrittenOff

SCHEMA = 2
LARGEST_BYTES = 3_000
"""What an account may grow to by what its member, or somebody for it, chooses to do."""

WIDEST_BYTES = 7_500
"""What it may grow to by what must never be refused, such as a purchase; one that has everything at
its most is smaller."""

_DAY_ZERO = date(2020, 1, 1).toordinal()
_STATUS = {
    AccountStatus.ACTIVE: "a",
    AccountStatus.PENDING_VERIFICATION: "v",
    AccountStatus.FROZEN: "f",
    AccountStatus.ERASED: "x",
}
_STATUS_OF = {letter: status for status, letter in _STATUS.items()}
_SUSPICION = {Suspicion.REFUNDS: "r", Suspicion.REFERRAL: "f", Suspicion.STAFF: "s"}
_SUSPICION_OF = {letter: suspicion for suspicion, letter in _SUSPICION.items()}
_KEYS = frozenset("vslpdbmtuxghaonkwqyfc")


class UnknownSchema(Exception):
    """The text was packed by a newer release; dropping what it says would lose points."""


def pack(account: Account, most_bytes: int = LARGEST_BYTES) -> str:
    """An account as text; what is empty or zero is left out. Raises AccountFull above a size."""
    review, written_off = account.under_review, account.written_off
    months = _gapless(account.months)
    parts: dict[str, object] = {
        "v": SCHEMA,
        "s": _STATUS[account.status],
        "l": _packed_lots(account.lots),
        "p": _packed_waiting(account.pending),
        "d": account.debt,
        "b": _month_number(account.months[0].first_day) if months else 0,
        "m": [part for m in months for part in (m.purchases, m.spend_minor, m.qualifying_points)],
        "t": _lifetime(account.lifetime),
        "u": [[use.reward, use.period, use.count] for use in account.uses],
        "x": _packed_lots(account.expired),
        "g": [_packed_gift(gift) for gift in account.gifts],
        "h": [account.held.tier_id, _day(account.held.since)] if account.held else None,
        "a": [_day(account.active_on)] if account.active_on else None,
        "o": account.moved_to,
        "n": account.sharers,
        "k": list(account.household),
        "w": [_day(review.since), _SUSPICION[review.suspicion], review.behind] if review else None,
        "q": _packed_waiting(account.withheld),
        "y": [written_off.points, _day(written_off.on)] if written_off else None,
        "f": [[use.number, use.period, use.count] for use in account.offer_uses],
        "c": [packed_progress(progress) for progress in account.progress],
    }
    text = json.dumps({key: part for key, part in parts.items() if part}, separators=(",", ":"))
    if len(text.encode()) > most_bytes:
        raise AccountFull()
    return text


@lru_cache(maxsize=256)
def unpack(text: str) -> Account:
    """The account that a packed text holds. UnknownSchema when a newer release packed it."""
    parts = json.loads(text)
    if parts["v"] != SCHEMA or not _KEYS.issuperset(parts) or parts["s"] not in _STATUS_OF:
        raise UnknownSchema(f"an account of schema {parts['v']} that this release does not know")
    base = parts.get("b", 0)
    return Account(
        status=_STATUS_OF[parts["s"]],
        lots=_lots(parts.get("l", ())),
        pending=_waiting(parts.get("p", ())),
        debt=parts.get("d", 0),
        months=tuple(
            Month(_first_day(base - back), *figures)
            for back, figures in enumerate(_rows(parts.get("m", ()), 3))
            # The newest month stays when all of it came back, or the months kept would move back
            # and an old return would make a month that was dropped negative.
            if back == 0 or any(figures)
        ),
        lifetime=Lifetime(*parts.get("t", ())),
        uses=tuple(Use(*use) for use in parts.get("u", ())),
        expired=_lots(parts.get("x", ())),
        gifts=tuple(_gift(row) for row in parts.get("g", ())),
        held=Held(parts["h"][0], _known_date(parts["h"][1])) if "h" in parts else None,
        active_on=_known_date(parts["a"][0]) if "a" in parts else None,
        moved_to=parts.get("o"),
        sharers=parts.get("n", 0),
        household=tuple(parts.get("k", ())),
        under_review=_review(*parts["w"]) if "w" in parts else None,
        withheld=_waiting(parts.get("q", ())),
        written_off=_written_off(*parts["y"]) if "y" in parts else None,
        offer_uses=tuple(OfferUse(*use) for use in parts.get("f", ())),
        progress=tuple(progress_of(row) for row in parts.get("c", ())),
    )


def _packed_lots(lots: Sequence[Lot]) -> list[int | None]:
    return [part for lot in lots for part in (_day(lot.expires_on), lot.points)]


def _lots(flat: Sequence[int]) -> tuple[Lot, ...]:
    return tuple(Lot(_date(day), points) for day, points in _rows(flat, 2))


def _packed_waiting(waiting: Sequence[PendingLot]) -> list[int | None]:
    return [
        part for lot in waiting for part in (_day(lot.matures_on), _day(lot.expires_on), lot.points)
    ]


def _waiting(flat: Sequence[int]) -> tuple[PendingLot, ...]:
    return tuple(
        PendingLot(_known_date(matures), _date(expires), points)
        for matures, expires, points in _rows(flat, 3)
    )


def _review(since: int, letter: str, behind: int) -> Review:
    return Review(_known_date(since), _SUSPICION_OF[letter], behind)


def _written_off(points: int, on: int) -> WrittenOff:
    return WrittenOff(points, _known_date(on))


def _packed_gift(gift: Gift) -> list[object]:
    days = (_day(gift.reached_on), _day(gift.matures_on), _day(gift.expires_on))
    return [gift.tier_id, gift.points, *days]


def _gift(row: list[Any]) -> Gift:
    tier_id, points, reached, matures, expires = row
    return Gift(tier_id, points, _known_date(reached), _known_date(matures), _date(expires))


def _rows(flat: Sequence[int], width: int) -> Iterator[tuple[int, ...]]:
    """A flat row, cut into rows of a width."""
    return zip(*(iter(flat),) * width, strict=True)


def _lifetime(lifetime: Lifetime) -> list[int]:
    sums = [
        lifetime.earned,
        lifetime.redeemed,
        lifetime.purchases,
        lifetime.spend_minor,
        lifetime.qualifying_points,
    ]
    return sums if any(sums) else []


def _gapless(months: tuple[Month, ...]) -> list[Month]:
    """The months from the newest to the oldest without a gap, newest first."""
    if not months:
        return []
    known = {_month_number(month.first_day): month for month in months}
    newest, oldest = max(known), min(known)
    return [
        known.get(number, Month(_first_day(number), 0, 0, 0))
        for number in range(newest, oldest - 1, -1)
    ]


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal() - _DAY_ZERO


def _date(day: int | None) -> date | None:
    return None if day is None else _known_date(day)


def _known_date(day: int) -> date:
    return date.fromordinal(day + _DAY_ZERO)


def _month_number(first_day: date) -> int:
    return first_day.year * 12 + first_day.month - 1


def _first_day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
