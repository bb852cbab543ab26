"""What a platform tells of orders, in our words; and how its payloads are read, field by field.

Must not know any platform: `shopify.py` and `square.py` do. Only what is asked for by name is
taken; names, addresses, notes and whatever else a payload holds is never looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from chalicelib.domain.card_numbers import holds_card_number
from chalicelib.domain.currencies import CURRENCIES
from chalicelib.domain.earning import Line, Remaining
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.money_texts import MINOR_DIGITS
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.domain.returned import Returned, ReturnedLine

Json = Mapping[str, object]

_LONGEST = 128
_MOST_MINOR = 10**12


@dataclass(frozen=True, slots=True)
class PlatformPurchase:
    """A purchase, and by what the platform names its customer, as it wrote it."""

    purchase: Purchase
    names: Mapping[Kind, str]


@dataclass(frozen=True, slots=True)
class PlatformReturn:
    """What comes back of a purchase, by the platform's own ids."""

    purchase_id: str
    return_id: str
    returned: Returned


Told = tuple[PlatformPurchase | PlatformReturn, ...]
"""What an event tells; nothing where it is none of ours."""


class Reading:
    """One object of a payload. Every method raises InvalidContent, which says where in the payload
    and never what stood there."""

    def __init__(self, value: object, pointer: str = "") -> None:
        if not isinstance(value, dict):
            raise _unreadable(pointer, "an object")
        self._fields: Json = value
        self._pointer = pointer

    def inside(self, *names: str) -> "Reading":
        """An object in an object."""
        found = self
        for name in names:
            found = Reading(found._fields.get(name), f"{found._pointer}/{name}")
        return found

    def rows(self, name: str) -> Iterator["Reading"]:
        """Each object of a list; none where there is no list."""
        rows = self._fields.get(name)
        if rows is None:
            return
        if not isinstance(rows, list):
            raise self._wrong(name, "a list")
        for place, row in enumerate(rows):
            yield Reading(row, f"{self._pointer}/{name}/{place}")

    def holds(self, name: str) -> bool:
        """Whether there is such a field, be it null."""
        return name in self._fields

    def has(self, name: str) -> bool:
        """Whether it says something of this."""
        return self._fields.get(name) is not None

    def says(self, name: str) -> object:
        """What stands there, to be compared with what is known."""
        return self._fields.get(name)

    def id(self, name: str) -> str:
        """An id of the platform's: a number or a short text."""
        found = self._fields.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and found > 0:
            return str(found)
        if isinstance(found, str) and 0 < len(found) <= _LONGEST and _is_plain(found):
            return found
        raise self._wrong(name, "an id")

    def word(self, name: str) -> str | None:
        """A short text, None where there is none that can be kept: no card's number is."""
        found = self._fields.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            found = str(found)
        if not isinstance(found, str) or holds_card_number(found):
            return None
        text = " ".join(found.split())  # blanks of any kind are one
        return text[:_LONGEST] if text and _is_plain(text) else None

    def name(self, name: str) -> str | None:
        """What names a customer, to be looked for and not to be kept."""
        found = self._fields.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        is_name = isinstance(found, str) and 0 < len(found) <= 320 and _is_plain(found)
        return str(found) if is_name else None

    def whole(self, name: str) -> int:
        """A whole number, 0 or more."""
        found = self._fields.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= _MOST_MINOR:
            return found
        raise self._wrong(name, "a whole number")

    def currency(self, name: str) -> str:
        """A currency's code."""
        found = self._fields.get(name)
        if isinstance(found, str) and found in CURRENCIES:
            return found
        raise self._wrong(name, "a currency")

    def decimal(self, name: str) -> Decimal:
        """An amount of money as it is written, in whole units: `12.50`, negative ones too."""
        found = self._fields.get(name)
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            try:
                amount = Decimal(str(found))
            except InvalidOperation:
                amount = Decimal("NaN")
            if amount.is_finite() and abs(amount) <= _MOST_MINOR:
                return amount
        raise self._wrong(name, "an amount")

    def instant(self, *names: str) -> datetime:
        """The first of these instants that is there."""
        for name in names:
            found = self._fields.get(name)
            if isinstance(found, str):
                try:
                    read = datetime.fromisoformat(found)
                    if read.tzinfo is not None:
                        return whole_milliseconds(read.astimezone(UTC))
                except (ValueError, OverflowError):
                    pass  # told below, as a missing one
                raise self._wrong(name, "an instant")
        raise self._wrong(names[0], "an instant")

    def _wrong(self, name: str, expected: str) -> InvalidContent:
        return _unreadable(f"{self._pointer}/{name}", expected)


def fitted(returned: Returned, lines: Sequence[Line], left: Sequence[Remaining]) -> Returned:
    """As much of a return as is left of its purchase: nothing where nothing is.

    What the purchase has not is left out: a line that was added later has earned nothing. Money
    that goes back for no piece, and is more than its line had, comes from the other lines, too.
    """
    if isinstance(returned, int):
        return min(returned, sum(part.amount_minor for part in left))
    asked = {row.line_id: row for row in returned}
    rest = {line.line_id: part for line, part in zip(lines, left, strict=True)}
    over = sum(_more_than(row, rest.get(row.line_id)) for row in returned if not row.quantity)
    fits = []
    for line_id, part in rest.items():
        row = asked.get(line_id, ReturnedLine(line_id, 0, 0))
        amount_minor = min(row.amount_minor, part.amount_minor)
        more = min(over, part.amount_minor - amount_minor)
        over -= more
        fits.append(ReturnedLine(line_id, min(row.quantity, part.quantity), amount_minor + more))
    return tuple(row for row in fits if row.quantity or row.amount_minor)


def _more_than(row: ReturnedLine, part: Remaining | None) -> int:
    """Minor units of a row that its line has not."""
    return max(0, row.amount_minor - (part.amount_minor if part is not None else 0))


def minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units, a half of one upwards."""
    scaled = amount.scaleb(MINOR_DIGITS.get(currency, 2))
    return int(scaled.to_integral_value(ROUND_HALF_UP))


def _unreadable(pointer: str, expected: str) -> InvalidContent:
    detail = f"The platform's event should have {expected} here."
    return InvalidContent(errors=[FieldError(pointer, "unexpected", detail)])


def _is_plain(text: str) -> bool:
    """Whether it can be stored as it is: no control characters, no halves of a character."""
    return text.isprintable()
