"""The packed texts of what offers did with a purchase: rows without names, empty ends left off.

No entry is committed to them; their points stand among its reasons.
"""

import json
from typing import Any

from chalicelib.domain.applied_offers import AppliedOffer, NotApplied, NotAppliedReason
from chalicelib.domain.budgets import Parts
from chalicelib.domain.granted_offers import BudgetParts

_PAUSED = "paused"
"""Stands where the id of the offer that beat it would, and is none."""


def pack_offers(
    applied: tuple[AppliedOffer, ...], not_applied: tuple[NotApplied, ...]
) -> str | None:
    """The offers of a purchase as text, None for none."""
    if not applied and not not_applied:
        return None
    gave = [
        _trimmed(
            [
                one.offer_id,
                one.number,
                one.version,
                one.points,
                one.minor,
                one.cost,
                one.period,
                list(one.shards) or None,
            ]
        )
        for one in applied
    ]
    others = [_trimmed(_not_applied_row(one)) for one in not_applied]
    return _text(_trimmed([gave, others or None]))


def unpack_offers(
    text: str | None,
) -> tuple[tuple[AppliedOffer, ...], tuple[NotApplied, ...]]:
    """The offers of a purchase: those that gave something, and those that could have."""
    if text is None:
        return (), ()
    gave, others = _filled(json.loads(text), 2)
    return tuple(_applied(row) for row in gave), tuple(_not_applied(row) for row in others or ())


def pack_budgets(parts: BudgetParts) -> str | None:
    """What flowed back to budgets as text, None for nothing."""
    return _text(parts) if parts else None


def unpack_budgets(text: str | None) -> BudgetParts:
    """What flowed back to budgets."""
    if text is None:
        return ()
    return tuple((offer_id, shard, amount) for offer_id, shard, amount in json.loads(text))


def _applied(row: list[Any]) -> AppliedOffer:
    offer_id, number, version, points, minor, cost, period, shards = _filled(row, 8)
    parts: Parts = tuple((shard, part) for shard, part in shards or ())
    return AppliedOffer(offer_id, number, version, points, minor, cost, period, parts)


def _not_applied_row(one: NotApplied) -> list[Any]:
    row = [one.offer_id, one.version, one.reason, one.missing, one.unit, one.of]
    if one.reason is NotAppliedReason.PAUSED:
        # The release before could not read a purchase with a reason that it does not know.
        row[2], row[5] = NotAppliedReason.SCHEDULE, _PAUSED
    return row


def _not_applied(row: list[Any]) -> NotApplied:
    offer_id, version, reason, *missing = _filled(row, 6)
    if missing[-1] == _PAUSED:
        return NotApplied(offer_id, version, NotAppliedReason.PAUSED)
    return NotApplied(offer_id, version, NotAppliedReason(reason), *missing)


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _trimmed(values: list[Any]) -> list[Any]:
    while values and values[-1] is None:
        values = values[:-1]
    return values


def _filled(values: list[Any], length: int) -> list[Any]:
    return values + [None] * (length - len(values))
