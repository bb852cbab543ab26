"""The packed form of an account: the very text that an entry stores and its hash covers.

Short keys, days counted from 2020, months from a base month: below 0.9 KB for a full account.
Whoever reads a packed text keeps it as it is; nothing stored is ever encoded again.
"""

import json
from datetime import date

from chalicelib.domain.account import Account, AccountStatus, Lifetime, Lot, Month, PendingLot, Use

SCHEMA = 1
LARGEST_BYTES = 3_000
_DAY_ZERO = date(2020, 1, 1).toordinal()
_STATUS = {AccountStatus.ACTIVE: "a", AccountStatus.PENDING_VERIFICATION: "v"}
_STATUS_OF = {letter: status for status, letter in _STATUS.items()}
_KEYS = frozenset("vslpdbmtu")


class UnknownSchema(Exception):
    """The text was packed by a newer release; dropping what it says would lose points."""


def pack(account: Account) -> str:
    """An account as text; what is empty or zero is left out. ValueError above 3 KB."""
    months = [[m.purchases, m.spend_minor, m.qualifying_points] for m in _gapless(account.months)]
    parts: dict[str, object] = {
        "v": SCHEMA,
        "s": _STATUS[account.status],
        "l": [[_day(lot.expires_on), lot.points] for lot in account.lots],
        "p": [[_day(p.matures_on), _day(p.expires_on), p.points] for p in account.pending],
        "d": account.debt,
        "b": _month_number(account.months[0].first_day) if months else 0,
        "m": months,
        "t": _lifetime(account.lifetime),
        "u": [[use.reward, use.period, use.count] for use in account.uses],
    }
    text = json.dumps({key: part for key, part in parts.items() if part}, separators=(",", ":"))
    if len(text.encode()) > LARGEST_BYTES:
        raise ValueError("the account is too large to be stored")
    return text


def unpack(text: str) -> Account:
    """The account that a packed text holds. UnknownSchema when a newer release packed it."""
    parts = json.loads(text)
    if parts["v"] != SCHEMA or not _KEYS.issuperset(parts) or parts["s"] not in _STATUS_OF:
        raise UnknownSchema(f"an account of schema {parts['v']} that this release does not know")
    base = parts.get("b", 0)
    return Account(
        status=_STATUS_OF[parts["s"]],
        lots=tuple(Lot(_date(day), points) for day, points in parts.get("l", ())),
        pending=tuple(
            PendingLot(date.fromordinal(matures + _DAY_ZERO), _date(expires), points)
            for matures, expires, points in parts.get("p", ())
        ),
        debt=parts.get("d", 0),
        months=tuple(
            Month(_first_day(base - back), *figures)
            for back, figures in enumerate(parts.get("m", ()))
            # The newest month stays when all of it came back, or the 13 months would move back
            # and an old return would make a month that was dropped negative.
            if back == 0 or any(figures)
        ),
        lifetime=Lifetime(*parts.get("t", ())),
        uses=tuple(Use(*use) for use in parts.get("u", ())),
    )


def _lifetime(lifetime: Lifetime) -> list[int]:
    sums = [lifetime.earned, lifetime.redeemed, lifetime.purchases, lifetime.spend_minor]
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
    return None if day is None else date.fromordinal(day + _DAY_ZERO)


def _month_number(first_day: date) -> int:
    return first_day.year * 12 + first_day.month - 1


def _first_day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
